/**
 * The ways a feed can be carried, best first: the order is the default ladder. `tcp`, plain or with TLS, carries protocols of
 * packets alone (MQTT, STOMP) and is never fallen back to.
 */
export const transportKinds = ['websocket', 'sse', 'long-poll', 'poll', 'tcp'] as const;

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
