/**
 * Signs of life that a feed dresses as messages: they are heartbeats, and nobody wants them counted, stored or taken for
 * a feed that still has news. What only has the name of one and says anything more is content: a feed about services,
 * hearts or pings speaks in the same words, and losing its news is worse than a row too many.
 */

/** Words that say nothing but: still here. */
const lifeWords = /^:?(heart[-_ ]?beats?|keep[-_ ]?alive|thump|hb|ping|pong|noop|no-op|ka)$/i;
/** Those of them that no feed about services, hearts or pings speaks in: they may say whom they are for. */
const onlyLife = /^(keep[-_ ]?alive|noop|no-op|ka)$/i;
/** Members that name the message. */
const namingMembers = /^(type|event|event_?type|kind|action|op|channel|method)$/i;
/** Members that number the message, or say whom it is for. */
const addressMembers = /^(id|topic)$/i;
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
  if (isObject(value) && tellsOnlyLife(value)) return true;
  // Bitfinex: the channel's number, and that it is there.
  if (Array.isArray(value) && value.length === 2 && typeof value[0] === 'number' && value[1] === 'hb') return true;
  if (!named) return false;
  // A value that nests too deep is null as well, and is no empty one.
  if (value === null) return text.trim() === 'null';
  return typeof value === 'number' || (isObject(value) && tellsOnlyTime(value));
}

/** It names itself a sign of life, and says nothing more. Every message is asked this: the first member that says more ends it. */
function tellsOnlyLife(value: object): boolean {
  let named = false;
  let onlyWords = true;
  let addressed = false;
  for (const member of Object.keys(value)) {
    const said: unknown = Reflect.get(value, member);
    if (namingMembers.test(member)) {
      if (typeof said !== 'string' || !lifeWords.test(said)) return false;
      named = true;
      onlyWords &&= onlyLife.test(said);
    } else if (addressMembers.test(member) && isName(said)) addressed = true;
    else if (!saysNothing(member, said)) return false;
  }
  return named && (onlyWords || !addressed);
}

/** What an envelope has beside the name of a sign of life. */
function saysNothing(member: string, said: unknown): boolean {
  if (member === 'jsonrpc') return said === '2.0';
  if (member === 'params') return isObject(said) && tellsOnlyTime(said);
  // Action Cable's ping has the time under this name.
  if (member === 'message') return typeof said === 'number' && said >= earliestEpoch;
  return timeMembers.test(member) && isTime(said);
}

function tellsOnlyTime(value: object): boolean {
  return Object.entries(value).every(([member, said]: [string, unknown]) => {
    if (namingMembers.test(member)) return typeof said === 'string' && lifeWords.test(said);
    return timeMembers.test(member) && isTime(said);
  });
}

/** No number below it is a time of today, s or ms since 1970. */
const earliestEpoch = 1_000_000_000;

function isName(said: unknown): boolean {
  return typeof said === 'number' || (typeof said === 'string' && said.length <= longestText);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTime(said: unknown): boolean {
  return said === null || typeof said === 'number' || (typeof said === 'string' && timeText.test(said));
}

/** Texts that a stream ends with before it is closed in good order: what a planned end looks like. */
export function isEndMarker(text: string): boolean {
  return text.length <= longestText && text.trim() === '[DONE]';
}

/** How a protocol over WebSocket greets, and the bare texts that are its heartbeats then. */
const bareBeats: readonly (readonly [RegExp, ReadonlySet<string>])[] = [
  // Engine.IO (Socket.IO): ping, pong, noop.
  [/^0\{"sid":/, new Set(['2', '3', '6'])],
  // SockJS.
  [/^o$/, new Set(['h'])],
  // STOMP.
  [/^CONNECTED\r?\n/, new Set(['\n', '\r\n'])],
];
/** SignalR: a record of type 6, with the separator that ends each. */
const signalrPing = '{"type":6}\u001e';

/** Bare texts that are life on a WebSocket only, by what came first on it. For the texts of one session, in order. */
export function createBareLife(): (text: string) => boolean {
  let beats: ReadonlySet<string> | null | undefined;
  return (text) => {
    if (beats !== undefined) return text === signalrPing || (beats?.has(text) ?? false);
    beats = bareBeats.find(([greeting]) => greeting.test(text))?.[1] ?? null;
    return text === signalrPing;
  };
}
