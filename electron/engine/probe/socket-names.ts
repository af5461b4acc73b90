import { rungOf, verdict } from './made';
import { memberOf, parseJson, textOf } from './parse';
import type { SocketSeen } from './seen';
import { unspoken } from './unspoken-signs';
import type { Verdict } from './verdict';

/** nginx's push module knows its own only where it is offered first. */
export const nchanSubprotocol = 'ws+meta.nchan';

/** Offered first where subprotocols are tried: a server that takes whatever comes first takes this, and so says nothing. */
const nobody = 'wirewatch.nobody';

/** Subprotocols that say what is spoken, once a server has chosen one among them. */
const spoken: Readonly<Record<string, string>> = {
  'graphql-transport-ws': 'GraphQL over WebSocket',
  'graphql-ws': 'GraphQL over WebSocket (older form)',
  mqtt: 'MQTT',
  mqttv3: 'MQTT',
  'mqttv3.1': 'MQTT',
  'wamp.2.json': 'WAMP',
  'v12.stomp': 'STOMP',
  'v11.stomp': 'STOMP',
  'v10.stomp': 'STOMP',
  'cloudevents.json': 'CloudEvents',
  'actioncable-v1-json': 'Action Cable',
  'centrifuge-json': 'Centrifugo',
  'ocpp2.0.1': 'OCPP',
  'ocpp1.6': 'OCPP',
};

/**
 * A server of the widespread libwebsockets (mosquitto, among others) copies what it is offered to a place of 128 bytes, and
 * hangs up where there is more.
 */
const mostOffered = 127;

/** What is offered to a server that says nothing, or wants a subprotocol: one list, and where that was not answered the next. */
export const triedSubprotocols: readonly (readonly string[])[] = Object.keys(spoken).reduce<string[][]>(
  (lists, name) => {
    const last = lists.at(-1);
    if (last && [...last, name].join(', ').length <= mostOffered) last.push(name);
    else lists.push([nobody, name]);
    return lists;
  },
  [],
);

/** What the subprotocol that a server chose says. */
export function bySubprotocol({ url, subprotocol, offered }: SocketSeen): readonly Verdict[] {
  const ladder = [rungOf('websocket', url)];
  if (subprotocol === nchanSubprotocol) {
    const why = [`The server chose the subprotocol ${nchanSubprotocol}.`];
    return [verdict({ title: 'nchan', protocol: 'nchan', ladder, confidence: 'likely', why })];
  }
  const title = Object.hasOwn(spoken, subprotocol) ? spoken[subprotocol] : undefined;
  if (title === undefined) return [];
  // One that takes the first it is offered, or one that was offered nothing else, may take anything.
  const chosen = offered.length > 1 && offered[0] !== subprotocol;
  const confidence = chosen ? 'certain' : 'likely';
  const why = `The server chose the subprotocol ${subprotocol}${chosen ? ` among ${offered.length}` : ''}.`;
  if (title === 'CloudEvents') return [verdict({ title, ladder, confidence, why: [why] })];
  return [unspoken(title, url, why, confidence)];
}

/** `{"type":"ping","message":1700000000}` (Rails guides, Action Cable). */
function isCablePing(text: string): boolean {
  const parsed = parseJson(text);
  return parsed.ok && textOf(parsed.value, 'type') === 'ping' && typeof memberOf(parsed.value, 'message') === 'number';
}

/** What is known by how it begins to speak. */
export function byFirstWords({ url }: SocketSeen, texts: readonly string[]): readonly Verdict[] {
  const [first = ''] = texts;
  if (/^0\{"sid":"[^"]{1,200}","upgrades":\[/.test(first)) {
    return [unspoken('Socket.IO', url, 'It opens a session as Engine.IO does.', 'certain')];
  }
  if (first === 'o') return [unspoken('SockJS', url, 'It opens as SockJS does.', 'likely')];
  if (/^CONNECTED\r?\n/.test(first)) return [unspoken('STOMP', url, 'It says CONNECTED as STOMP does.', 'likely')];
  if (/^INFO \{"server_id":/.test(first)) return [unspoken('NATS', url, 'It tells of itself as NATS does.', 'certain')];
  const parsed = parseJson(first);
  if (!parsed.ok) return [];
  if (textOf(parsed.value, 'event') === 'pusher:connection_established' && textOf(parsed.value, 'data') !== null) {
    return [unspoken('Pusher', url, 'It says pusher:connection_established.', 'certain')];
  }
  if (textOf(parsed.value, 'type') === 'welcome' && texts.slice(1).some(isCablePing)) {
    return [unspoken('Action Cable', url, 'It says welcome and pings as Action Cable does.', 'likely')];
  }
  if (textOf(parsed.value, 'type') === 'connection_ack' || textOf(parsed.value, 'type') === 'ka') {
    return [
      unspoken('GraphQL over WebSocket (older form)', url, 'Its words are those of GraphQL subscriptions.', 'guess'),
    ];
  }
  if (
    memberOf(parsed.value, 'op') === 10 &&
    typeof memberOf(memberOf(parsed.value, 'd'), 'heartbeat_interval') === 'number'
  ) {
    return [
      unspoken('Discord gateway', url, 'It says hello with an interval for heartbeats, as Discord does.', 'likely'),
    ];
  }
  return [];
}
