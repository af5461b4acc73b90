/**
 * Protocols that exist, one line each; `gateway` is ours (docs/protocol.md), `json` is any feed of messages that a recipe
 * reads, `recording` plays a file (docs/recordings.md): it has no ladder.
 */
export const protocolNames = [
  'gateway',
  'json',
  'nchan',
  'prometheus',
  'mqtt',
  'socket-io',
  'pusher',
  'graphql-ws',
  'signalr',
  'phoenix',
  'stomp',
  'recording',
] as const;

export type ProtocolName = (typeof protocolNames)[number];

/** Those whose ladder follows from the address, so that a person chooses them by name. */
export type NamedProtocol = Exclude<ProtocolName, 'json' | 'recording'>;

/** How they are written for people, and what each is in a sentence. */
export const protocolTexts: Readonly<Record<NamedProtocol, { readonly name: string; readonly hint: string }>> = {
  gateway: {
    name: 'Wirewatch gateway',
    hint: 'All four transports, stepping down when one does not get through.',
  },
  nchan: { name: 'nchan', hint: "nginx's push module: WebSocket, server-sent events or long-poll." },
  prometheus: { name: 'Prometheus', hint: 'A page of metrics, scraped every few seconds: each becomes a chart.' },
  mqtt: { name: 'MQTT', hint: 'Topics of a broker, over TCP (mqtt://, mqtts://) or WebSocket.' },
  'socket-io': { name: 'Socket.IO', hint: 'Events of a namespace, over WebSocket or long-poll.' },
  pusher: { name: 'Pusher', hint: 'Channels of the Pusher protocol, which Soketi and Laravel Reverb speak too.' },
  'graphql-ws': { name: 'GraphQL subscription', hint: 'The results of one subscription over WebSocket.' },
  signalr: { name: 'SignalR', hint: 'Calls of an ASP.NET hub over WebSocket, in JSON.' },
  phoenix: { name: 'Phoenix channels', hint: 'Topics of an Elixir Phoenix server over WebSocket.' },
  stomp: { name: 'STOMP', hint: 'Destinations of a broker (RabbitMQ, ActiveMQ), over WebSocket or TCP.' },
};

/** Whether it is chosen by its name. */
export function isNamedProtocol(name: string): name is NamedProtocol {
  return Object.hasOwn(protocolTexts, name);
}

export const namedProtocols: readonly NamedProtocol[] = protocolNames.filter(isNamedProtocol);
