import { hashText } from './hash-text';
import { ownText } from './own-text';

/** Longest id that goes with an event, characters: no server takes a longer one back. */
export const longestId = 8_192;
const kept = 1_000;

/** A feed's id as an event carries it. Of one without measure its beginning, and what tells it from others that begin so. */
export function eventId(id: string): string {
  return id.length <= longestId ? id : `${ownText(id.slice(0, kept))}…${hashText(id)}`;
}
