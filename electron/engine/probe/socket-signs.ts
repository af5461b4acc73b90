import { isPost } from './event-stream-signs';
import { isGatewayHello } from './gateway-signs';
import { count, frameOf, rungOf, verdict } from './made';
import { memberOf, objectOf, parseJson, textOf } from './parse';
import type { SocketSeen } from './seen';
import { byFirstWords, bySubprotocol } from './socket-names';
import { asksForLogin, wordsOf } from './socket-words';
import type { Verdict } from './verdict';

/** A silence after the first words of so long says that they were all, ms. */
const settledMs = 1_500;

/** What opened, and says nothing of its own. */
export const waitingTitle = 'JSON WebSocket that waits for a subscribe message';

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
    return [verdict({ title: 'Wirewatch gateway', protocol: 'gateway', ladder, confidence: 'certain', why, frames })];
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
  const waits = { ...found, general: true, title: waitingTitle };
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
  const asks = values.find(asksForLogin);
  if (asks !== undefined) {
    const why = ['Its first words ask for a login.', ...closing];
    return verdict({
      ...waits,
      confidence: 'likely',
      why,
      wants: ['Enter the message that logs in, then the one that subscribes.'],
    });
  }
  const words = values.map(wordsOf);
  // Signs of life may come as often as they like: what settles is that nothing else does.
  const last = messages.findLast((_, at) => words[at] !== 'life')?.afterMs ?? 0;
  const settled = closed !== null || listenedMs - last >= settledMs;
  // What says something of its own, beside greetings, signs of life and errors.
  const speech = words.filter((word) => word === 'speech').length;
  if (settled && values.length === messages.length && speech === 0) {
    const greets = words.includes('greeting');
    const how = greets
      ? 'It greets, and then says nothing of its own'
      : 'It says nothing of its own but errors or signs of life';
    return verdict({
      ...waits,
      confidence: greets ? 'likely' : 'guess',
      why: [`${how} for ${listened}.`, ...closing],
      wants: [subscribe],
    });
  }
  if (values.length > 0) {
    const all = values.length === messages.length;
    return verdict({
      ...found,
      title: 'JSON WebSocket that speaks',
      general: true,
      // One message may have been the greeting of something that waits.
      confidence: all && speech > 1 ? 'certain' : 'likely',
      why: [
        `${count(messages.length, 'message')} came ${messages.length === 1 ? 'by itself' : 'by themselves'}${all ? ', each JSON' : `, ${values.length} of them JSON`}.`,
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
    why: [
      `${count(messages.length, 'message')} came ${messages.length === 1 ? 'by itself' : 'by themselves'}, none of them JSON.`,
      ...closing,
    ],
    wants: text ? [] : ['Binary messages are counted and kept, not read.'],
  });
}

function wantOf(reason: string): string {
  if (/auth|token|login|credential|unauthor/i.test(reason)) return 'It seems to want a credential.';
  if (/protocol/i.test(reason)) return 'It seems to want a subprotocol.';
  return 'It may want a message at once, a subprotocol or a credential.';
}
