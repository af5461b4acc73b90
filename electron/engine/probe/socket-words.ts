import { memberOf, textOf } from './parse';

/** What a message of a WebSocket says by the name that it gives itself. */
export type Word = 'greeting' | 'life' | 'error' | 'speech';

const asking = /^(auth(entication)?[-_ ]?(required|challenge|request(ed)?)|login[-_ ]?required|challenge)$/i;
const greeting =
  /^(hello|hi|welcome|connected|connection([-_: ]?(ack|established|ready|open(ed)?))?|open(ed)?|ready|info|system[-_ ]?status|status|session|init)$/i;
const life = /^(ping|pong|heart[-_ ]?beats?|hb|keep[-_ ]?alive|ka|noop)$/i;
const error = /^(error|failed|failure|unauthorized|unauthorised|forbidden)$/i;

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

export function wordsOf(value: object): Word {
  const name = nameOf(value);
  if (error.test(name) || (memberOf(value, 'error') !== undefined && memberOf(value, 'error') !== null)) return 'error';
  if (life.test(name)) return 'life';
  // Kraken names the channel, and in it only a kind of message.
  if (greeting.test(name) || /^(status|system_?status|heartbeat)$/i.test(textOf(value, 'channel') ?? ''))
    return 'greeting';
  return 'speech';
}
