import { hashText } from './hash-text';
import { ownText } from './own-text';

/** Longest id that goes with an event, characters: no server takes a longer one back. */
export const longestId = 8_192;
const kept = 1_000;

/** A feed's id as an event carries it. Of one without measure its beginning, and what tells it from others that begin so. */
export function eventId(id: string): string {
  return id.length <= longestId ? id : shortened(id, kept);
}

/** A name of a feed as it is kept: of one that is longer than `most` its beginning, and what tells it from others that begin so. */
export function keptName(name: string, most: number): string {
  return name.length <= most ? name : shortened(name, most - 40);
}

function shortened(text: string, most: number): string {
  return `${ownText(text.slice(0, most))}…${hashText(text)}`;
}
