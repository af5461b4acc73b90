/**
 * Signs of life that a feed dresses as messages: they are heartbeats, and nobody wants them counted, stored or taken for
 * a feed that still has news. What only has the name of one and says anything more is content: a feed about services,
 * hearts or pings speaks in the same words, and losing its news is worse than a row too many.
 */

/** Words that say nothing but: still here. */
const lifeWords = /^:?(heart[-_ ]?beats?|keep[-_ ]?alive|thump|hb|ping|pong|noop|no-op)$/i;
/** Members that name the message. */
const namingMembers = /^(type|event|event_?type|kind|action|op)$/i;
/** Members that tell the time. */
const timeMembers = /^(time|timestamp|ts|server_?time|interval)$/i;
/** A number, perhaps with a unit of time, or an ISO date with or without a time. */
const timeText = /^(\d+(\.\d+)?(ms|s)?|\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?)?)$/i;
const longestText = 64;

/** `name`: the event's own (`event:` or its type), null for none; `value`: the parsed body, undefined where it is no JSON. */
export function isLife(name: string | null, text: string, value: unknown): boolean {
  const named = name !== null && lifeWords.test(name);
  const unnamed = name === null || name === 'message';
  if (!named && !unnamed) return false;
  if (value === undefined || typeof value === 'string') {
    const said = (typeof value === 'string' ? value : text).trim();
    if (said.length > longestText) return false;
    return lifeWords.test(said) || (named && (said === '' || timeText.test(said)));
  }
  if (!named) return false;
  // A value that nests too deep is null as well, and is no empty one.
  if (value === null) return text.trim() === 'null';
  return typeof value === 'number' || (typeof value === 'object' && tellsOnlyTime(value));
}

function tellsOnlyTime(value: object): boolean {
  if (Array.isArray(value)) return false;
  return Object.entries(value).every(([member, said]: [string, unknown]) => {
    if (namingMembers.test(member)) return typeof said === 'string' && lifeWords.test(said);
    return timeMembers.test(member) && isTime(said);
  });
}

function isTime(said: unknown): boolean {
  return said === null || typeof said === 'number' || (typeof said === 'string' && timeText.test(said));
}

/** Texts that a stream ends with before it is closed in good order: what a planned end looks like. */
export function isEndMarker(text: string): boolean {
  return text.length <= longestText && text.trim() === '[DONE]';
}
