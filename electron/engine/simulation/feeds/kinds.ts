/**
 * The feeds a run can watch, each behind a fake server of its own.
 * `gateway`: our own. `multi`: several streams over one connection. `json-ws`: a WebSocket of JSON without numbers.
 * `sse`: events with ids. `nchan`: nginx's push module, one channel or joined ones. `unnumbered`: events without ids
 * or numbers. `list`: a page of the newest entries, polled. `recipe`: a WebSocket that is spoken to as a recipe says.
 * `socket-io`: Socket.IO on both transports, with and without recovery. `mqtt`: a broker, over WebSocket or bare TCP.
 */
export const feedKinds = [
  'gateway',
  'multi',
  'json-ws',
  'sse',
  'nchan',
  'unnumbered',
  'list',
  'recipe',
  'socket-io',
  'mqtt',
] as const;

export type FeedKind = (typeof feedKinds)[number];
