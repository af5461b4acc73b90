/** The ways that begin with a request of HTTP, best first: the order is the default ladder. */
export const httpTransports = ['websocket', 'sse', 'long-poll', 'poll'] as const;

/**
 * All the ways a feed can be carried. `tcp`, plain or with TLS, carries protocols of packets alone (MQTT, STOMP) and is never
 * fallen back to.
 */
export const transportKinds = [...httpTransports, 'tcp'] as const;

export type TransportKind = (typeof transportKinds)[number];

/** How a transport is written for a person. */
export const transportNames: Record<TransportKind, string> = {
  websocket: 'WebSocket',
  sse: 'SSE',
  'long-poll': 'Long-poll',
  poll: 'Poll',
  tcp: 'TCP',
};

/** Short form for narrow places (sidebar, tables). */
export const transportTags: Record<TransportKind, string> = {
  websocket: 'WS',
  sse: 'SSE',
  'long-poll': 'LP',
  poll: 'Poll',
  tcp: 'TCP',
};
