import { rungOf, verdict } from './made';
import { memberOf, parseJson, textOf } from './parse';
import { type HttpSeen, headerOf } from './seen';
import type { Verdict } from './verdict';

/** Protocols that show themselves and are not spoken here yet: named, so that nobody waits for them. */
export function unspokenSigns(seen: HttpSeen): readonly Verdict[] {
  const { text, head } = seen;
  const parsed = parseJson(text);
  if (/^(?:\d{1,6}:)?0\{"sid":"/.test(text))
    return [engineIo(seen, 'It opens a session as Engine.IO does.', 'certain')];
  if (head.status === 400 && parsed.ok && isEngineError(parsed.value)) {
    return [engineIo(seen, 'It refuses as Engine.IO does.', 'likely')];
  }
  if (/^multipart\/x-mixed-replace/i.test(headerOf(head, 'content-type'))) {
    return [unspoken('Multipart stream', seen.url, 'It answers multipart/x-mixed-replace.', 'certain', 'poll')];
  }
  if (head.status === 400 && /^Connection ID required/i.test(text)) {
    return [unspoken('SignalR', seen.url, 'It asks for a connection id, as SignalR does.', 'likely')];
  }
  return [];
}

const engineErrors =
  /^(Transport unknown|Session ID unknown|Bad handshake method|Bad request|Unsupported protocol version|Forbidden)$/;

/** `{"code":0,"message":"Transport unknown"}` (engine.io, server). */
function isEngineError(value: unknown): boolean {
  const code = memberOf(value, 'code');
  return typeof code === 'number' && code >= 0 && code <= 5 && engineErrors.test(textOf(value, 'message') ?? '');
}

function engineIo({ url }: HttpSeen, why: string, confidence: Verdict['confidence']): Verdict {
  return unspoken('Socket.IO', url, why, confidence);
}

/** Protocols of those that are named which are spoken here, and what each has to be told. */
const spokenHere: Readonly<Record<string, Pick<Verdict, 'wants'> & Partial<Pick<Verdict, 'protocol' | 'base'>>>> = {
  'Socket.IO': { protocol: 'socket-io', wants: [] },
  STOMP: { protocol: 'stomp', wants: ['Name the destinations to subscribe to.'] },
  MQTT: { protocol: 'mqtt', wants: [] },
  Pusher: { protocol: 'pusher', wants: ['Name the channels to subscribe to.'] },
  'GraphQL over WebSocket': { protocol: 'graphql-ws', wants: ['Enter the subscription.'] },
  'GraphQL over WebSocket (older form)': { protocol: 'graphql-ws', wants: ['Enter the subscription.'] },
  Centrifugo: { base: 'centrifugo', wants: ['Name the channel to subscribe to.'] },
  SignalR: { protocol: 'signalr', wants: ['Name the methods to call, where the hub sends nothing before.'] },
};

/** A verdict on what is known by its name, and read as that where it is spoken here. */
export function unspoken(
  title: string,
  url: string,
  why: string,
  confidence: Verdict['confidence'],
  transport: 'websocket' | 'poll' = 'websocket',
): Verdict {
  const spoken = Object.hasOwn(spokenHere, title) ? spokenHere[title] : undefined;
  if (spoken) return verdict({ title, ladder: [rungOf(transport, url)], confidence, why: [why], ...spoken });
  const wants = [`${title} is not spoken by Wirewatch yet: its messages would be shown as they come, without meaning.`];
  return verdict({ title, ladder: [rungOf(transport, url)], confidence, why: [why], wants });
}
