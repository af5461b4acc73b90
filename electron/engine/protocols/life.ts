import { fieldsOf } from './json-scan';

/**
 * Signs of life that a feed dresses as messages: they are heartbeats, and nobody wants them counted, stored or taken for
 * a feed that still has news.
 */

/** Names that mean nothing else, whatever comes with them. */
const lifeNames = /^(heart[-_ ]?beats?|keep[-_ ]?alive|:?thump|hb)$/i;
/** Names that a feed about pings could have as well: life only when nothing but a time or a number comes with them. */
const pingNames = /^(ping|pong|noop|no-op)$/i;
/** Members that such a message may have. */
const littleMembers =
  /^(type|event|event_type|kind|action|op|method|id|req_?id|ref|seq|sequence|n|count|t|ts|at|time|timestamp|date|server_?time|interval|channel|topic|data|payload|message)$/i;
/** A text without structure: the word alone. */
const lifeTexts = /^:?(ping|pong|heart[-_ ]?beat|keep[-_ ]?alive|thump|hb)$/i;
const longestText = 64;

/** `name`: the event's own (`event:` or its type); `value`: the parsed body, undefined where it is no JSON. */
export function isLife(name: string | null, text: string, value: unknown): boolean {
  if (name !== null && lifeNames.test(name)) return true;
  if (value === undefined || typeof value === 'string') {
    const said = typeof value === 'string' ? value : text;
    if (said.length > longestText) return false;
    return lifeTexts.test(said.trim()) || (name !== null && pingNames.test(name));
  }
  return name !== null && pingNames.test(name) && saysLittle(value);
}

function saysLittle(value: unknown): boolean {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return true;
  const fields = fieldsOf(value);
  if (!fields || typeof value !== 'object') return false;
  return Object.entries(value).every(
    ([member, inner]) => littleMembers.test(member) && (typeof inner !== 'object' || inner === null || isEmpty(inner)),
  );
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

/** Texts that a stream ends with before it is closed in good order: what a planned end looks like. */
export function isEndMarker(text: string): boolean {
  return text.length <= longestText && text.trim() === '[DONE]';
}
