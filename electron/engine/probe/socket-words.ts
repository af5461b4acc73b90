import { memberOf, textOf } from './parse';

/** What a message of a WebSocket says by the name that it gives itself. */
export type Word = 'greeting' | 'life' | 'error' | 'speech';

const asking = /^(auth(entication)?[-_ ]?(required|challenge|request(ed)?)|login[-_ ]?required|challenge)$/i;
const greeting =
  /^(hello|hi|welcome|connected|connection([-_: ]?(ack|established|ready|open(ed)?))?|open(ed)?|ready|info|system[-_ ]?status|status|session|init)$/i;
const life = /(^|[-_ /.:])(ping|pong|heart[-_ ]?beats?|hb|keep[-_ ]?alive|ka|noop)$/i;
/** Members that name a message, or its envelope's, in the usual ways of writing them. */
const naming = /^(type|event|op|kind|action|method|msg|channel|message|(message|msg)_?type)$/i;
const error = /^(error|failed|failure|unauthorized|unauthorised|forbidden)$/i;

/** No number below it is a time of today, s or ms since 1970. */
const earliestEpoch = 1_000_000_000;

/** The first member that names the message; one called `status` says how a thing is, and names nothing. */
function nameOf(value: object): string {
  for (const name of ['type', 'event', 'op', 'kind', 'action', 'method', 'msg', 'channel']) {
    const text = textOf(value, name);
    if (text !== null) return text;
  }
  return '';
}

export function asksForLogin(value: object): boolean {
  return asking.test(nameOf(value));
}

/**
 * Whether a message says that the connection is there and nothing else: by any of its names (`public/heartbeat`,
 * `session_keepalive`), or since a ping and its time is all that there is.
 */
function tellsLife(value: object): boolean {
  const members: readonly (readonly [string, unknown])[] = Object.entries(value);
  const [only] = members;
  const mark = only !== undefined && (typeof only[1] !== 'number' || only[1] >= earliestEpoch);
  if (members.length === 1 && mark && life.test(only[0])) return true;
  const envelope: unknown = memberOf(value, 'metadata');
  const named = typeof envelope === 'object' && envelope !== null ? [...members, ...Object.entries(envelope)] : members;
  return named.some(([name, said]) => typeof said === 'string' && naming.test(name) && life.test(said));
}

export function wordsOf(value: object): Word {
  const name = nameOf(value);
  if (error.test(name) || (memberOf(value, 'error') !== undefined && memberOf(value, 'error') !== null)) return 'error';
  if (tellsLife(value)) return 'life';
  // Kraken names the channel, and in it only a kind of message.
  if (greeting.test(name) || /^(status|system_?status|heartbeat)$/i.test(textOf(value, 'channel') ?? ''))
    return 'greeting';
  return 'speech';
}
