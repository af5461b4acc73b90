import { parsePath } from '../../../../shared/member-path';
import type { Recipe } from '../../../../shared/recipe';
import { hashText } from '../../core/hash-text';
import type { DecodedEvent, ThingsOfPage } from '../../core/protocol';
import { partOf } from './cut';
import { cursorIn } from './reading';
import { textWithout } from './slices';

/** So many things of a list are watched. */
export const mostThings = 20_000;
/** Longest identity that is kept as it is, characters. */
const longestIdentity = 400;

/** What the events of a page are of, by a recipe's rules for lists. */
export function thingsReader(rules: NonNullable<Recipe['list']>): (events: readonly DecodedEvent[]) => ThingsOfPage {
  const identity = rules.identity.map((path) => parsePath(path) ?? []);
  const ignored = rules.ignore.map((path) => parsePath(path) ?? []);
  return (events) => ({
    endsWhenGone: rules.endsWhenGone,
    of: events.map(({ body }) => {
      const text = typeof body === 'string' ? body : '';
      const part = partOf(text);
      const names = identity.map((path) => cursorIn(path, [part]) ?? '');
      const content = hashText(textWithout(text, ignored));
      // What names nothing is only what it says.
      if (names.every((name) => name === '')) return { identity: `#${content}`, content };
      const name = names.join(' · ');
      return { identity: name.length > longestIdentity ? hashText(name) : name, content };
    }),
  });
}
