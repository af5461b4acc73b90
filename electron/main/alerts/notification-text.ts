import { visible } from '../../../shared/visible';

/** What a desktop's notification says, as its system reads it. */
interface NotificationText {
  readonly title: string;
  readonly body: string;
}

/** More than a desktop shows of either, characters. */
const longestTitle = 120;
const longestBody = 300;

/**
 * On Linux the body is markup: servers with `body-markup` read `<b>`, `<i>`, `<u>`, `<a href>` and `<img>` in it and
 * entities (Desktop Notifications Specification 1.2, "Markup"), and Electron hands on what it is given. The title is
 * plain text there, and so is all of it on the other systems. Entities by name, and no more than must be: GNOME's shell
 * shows those by number as they are written, and servers without `body-markup` show all of them so.
 */
export function notificationText({ title, body }: NotificationText, platform: NodeJS.Platform): NotificationText {
  const plain = cut(body, longestBody);
  return { title: cut(title, longestTitle), body: platform === 'linux' ? plain.replace(/[&<>]/g, entity) : plain };
}

function entity(character: string): string {
  return character === '&' ? '&amp;' : character === '<' ? '&lt;' : '&gt;';
}

/** Cut before it is escaped, so that no escape is cut, and never within a pair. */
function cut(text: string, most: number): string {
  const shown = [...visible(text.slice(0, most * 2))];
  return shown.length > most || text.length > most * 2 ? `${shown.slice(0, most - 1).join('')}…` : shown.join('');
}
