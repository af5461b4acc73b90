/** The four ways a feed can be carried, best first. The order is the default ladder. */
export const transportKinds = ['websocket', 'sse', 'long-poll', 'poll'] as const;

export type TransportKind = (typeof transportKinds)[number];

/** How a transport is written for a person. */
export const transportNames: Record<TransportKind, string> = {
  websocket: 'WebSocket',
  sse: 'SSE',
  'long-poll': 'Long-poll',
  poll: 'Poll',
};

/** Short form for narrow places (sidebar, tables). */
export const transportTags: Record<TransportKind, string> = {
  websocket: 'WS',
  sse: 'SSE',
  'long-poll': 'LP',
  poll: 'Poll',
};
