import { isPost } from './event-stream-signs';
import { isGatewayHello } from './gateway-signs';
import { count, frameOf, rungOf, verdict } from './made';
import { memberOf, objectOf, parseJson, textOf } from './parse';
import type { SocketSeen } from './seen';
import { byFirstWords, bySubprotocol } from './socket-names';
import type { Verdict } from './verdict';

/** A silence after the first words of so long says that they were all, ms. */
const settledMs = 1_500;

/** What a WebSocket that opened shows itself to be. */
export function socketSigns(seen: SocketSeen): readonly Verdict[] {
  const texts = seen.messages.flatMap(({ data }) => (typeof data === 'string' ? [data] : []));
  const values = texts.flatMap((text) => {
    const parsed = parseJson(text);
    return parsed.ok && typeof parsed.value === 'object' && parsed.value !== null ? [parsed.value] : [];
  });
  const ladder = [rungOf('websocket', seen.url)];
  const frames = seen.messages.map(({ data }) => frameOf(data));
  if (texts.some((text) => isGatewayHello(parseJson(text)))) {
    const why = ['It says hello as our gateway does.'];
    return [verdict({ title: 'Wirewatch gateway', protocol: 'gateway', ladder, confidence: 'certain', why })];
  }
  const named = [...bySubprotocol(seen), ...byFirstWords(seen, texts)];
  if (named.length > 0) return named.map((one) => ({ ...one, frames }));
  const found = { ladder, frames };
  return [...knownFeeds(values, found), general(seen, texts, values, found)];
}

type Found = Pick<Verdict, 'ladder' | 'frames'>;

/** Feeds that are known by how their messages look. */
function knownFeeds(values: readonly object[], found: Found): readonly Verdict[] {
  const [first] = values;
  if (textOf(first, 'type') === 'auth_required' && textOf(first, 'ha_version') !== null) {
    return [
      verdict({
        ...found,
        title: 'Home Assistant',
        confidence: 'certain',
        why: [`It asks for a login and names its version (${textOf(first, 'ha_version')?.slice(0, 20)}).`],
        wants: ['Enter a long-lived access token (Profile → Security in Home Assistant).'],
        base: 'home-assistant',
        waits: true,
      }),
    ];
  }
  const all = (test: (value: object) => boolean) => values.length > 0 && values.every(test);
  if (all(isMastodonMessage)) {
    const posts = values.some((value) => postIn(textOf(value, 'payload')));
    const why = ['Its messages name stream, event and payload, and the payload is JSON within text.'];
    return [
      verdict({ ...found, title: 'Mastodon', confidence: posts ? 'certain' : 'likely', why, base: 'mastodon-stream' }),
    ];
  }
  if (all(isCombined)) {
    const market = values.every((value) => textOf(memberOf(value, 'data'), 'e') !== null);
    const why = ['Its messages name a stream and hold data, as combined streams of exchanges do.'];
    const confidence = market ? 'likely' : 'guess';
    return [
      verdict({ ...found, title: 'Combined stream, as Binance has it', confidence, why, base: 'binance-combined' }),
    ];
  }
  return [];
}

function isMastodonMessage(value: object): boolean {
  return (
    Array.isArray(memberOf(value, 'stream')) && textOf(value, 'event') !== null && textOf(value, 'payload') !== null
  );
}

function postIn(payload: string | null): boolean {
  const parsed = parseJson(payload ?? '');
  return parsed.ok && isPost(parsed.value);
}

function isCombined(value: object): boolean {
  return /^[\w!]{1,60}@\w/.test(textOf(value, 'stream') ?? '') && objectOf(memberOf(value, 'data')) !== null;
}

/** Everything else: whether it speaks, waits, greets or refuses. */
function general(seen: SocketSeen, texts: readonly string[], values: readonly object[], found: Found): Verdict {
  const { messages, closed, listenedMs } = seen;
  const listened = `${(listenedMs / 1000).toFixed(1)} s`;
  const closing =
    closed === null
      ? []
      : [
          `It was closed by the server (${closed.code}${closed.reason === '' ? '' : `: ${closed.reason.slice(0, 120)}`}).`,
        ];
  const waits = { ...found, general: true, title: 'JSON WebSocket that waits for a subscribe message' };
  const subscribe = 'It may wait for a message: enter the one that subscribes to what you want to see.';
  if (messages.length === 0) {
    const wants = closed === null ? [subscribe, 'Or it wants a subprotocol or a credential.'] : [wantOf(closed.reason)];
    return verdict({
      ...waits,
      confidence: 'guess',
      why: [`It opened, and nothing came within ${listened}.`, ...closing],
      wants,
    });
  }
  const last = messages.at(-1)?.afterMs ?? 0;
  const asks = values.find(asksForLogin);
  const settled = closed !== null || listenedMs - last >= settledMs;
  if (asks !== undefined) {
    const why = ['Its first words ask for a login.', ...closing];
    return verdict({
      ...waits,
      confidence: 'likely',
      why,
      wants: ['Enter the message that logs in, then the one that subscribes.'],
    });
  }
  const errors = values.filter(isError);
  if (settled && values.length === messages.length && errors.length === values.length) {
    return verdict({
      ...waits,
      confidence: 'guess',
      why: ['All it says is an error.', ...closing],
      wants: [subscribe],
    });
  }
  if (settled && values.length === messages.length && values.every(isGreeting)) {
    return verdict({
      ...waits,
      confidence: 'likely',
      why: [`It greets, and then says nothing for ${listened}.`, ...closing],
      wants: [subscribe],
    });
  }
  if (values.length > 0) {
    const all = values.length === messages.length;
    const one = messages.length === 1;
    return verdict({
      ...found,
      title: 'JSON WebSocket that speaks',
      general: true,
      // One message may have been the greeting of something that waits.
      confidence: all && !one ? 'certain' : 'likely',
      why: [
        `${count(messages.length, 'message')} came by themselves${all ? ', each JSON' : `, ${values.length} of them JSON`}.`,
        ...closing,
      ],
    });
  }
  const text = texts.length > 0;
  return verdict({
    ...found,
    general: true,
    title: text ? 'WebSocket of plain text' : 'WebSocket of binary messages',
    confidence: 'likely',
    why: [`${count(messages.length, 'message')} came by themselves, none of them JSON.`, ...closing],
    wants: text ? [] : ['Binary messages are counted and kept, not read.'],
  });
}

function wantOf(reason: string): string {
  if (/auth|token|login|credential|unauthor/i.test(reason)) return 'It seems to want a credential.';
  if (/protocol/i.test(reason)) return 'It seems to want a subprotocol.';
  return 'It may want a message at once, a subprotocol or a credential.';
}

const asking = /^(auth(entication)?[-_ ]?(required|challenge|request(ed)?)|login[-_ ]?required|challenge)$/i;
const greeting =
  /^(hello|hi|welcome|connected|connection([-_: ]?(ack|established|ready|open(ed)?))?|open(ed)?|ready|info|status|system[-_ ]?status|session|init)$/i;

function namesOf(value: object): readonly string[] {
  return ['type', 'event', 'op', 'kind', 'action', 'channel', 'method', 'msg', 'status'].flatMap(
    (name) => textOf(value, name) ?? [],
  );
}

function asksForLogin(value: object): boolean {
  return namesOf(value).some((name) => asking.test(name));
}

function isGreeting(value: object): boolean {
  return namesOf(value).some((name) => greeting.test(name));
}

function isError(value: object): boolean {
  return (
    namesOf(value).some((name) => /^(error|failed|failure|unauthorized)$/i.test(name)) ||
    memberOf(value, 'error') !== undefined
  );
}
