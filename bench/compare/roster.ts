import type { FeedServer } from './servers/feed-server';
import { startGatewayFeed } from './servers/gateway';
import { startSocketIoFeed } from './servers/socket-io';
import { startSseFeed } from './servers/sse';
import { startWebSocketFeed } from './servers/websocket';

/** A client of the comparison and the server it gets. */
export interface Contestant {
  /** As in the output, and the name of its file in `clients/`. */
  readonly name: string;
  /** Package whose version is told; null for the project's own. */
  readonly package: string | null;
  readonly server: () => Promise<FeedServer>;
  /** What it was given, in a sentence. */
  readonly settings: string;
}

export const contestants: readonly Contestant[] = [
  {
    name: 'wirewatch',
    package: null,
    server: startGatewayFeed,
    settings:
      'the engine with its production ports, SQLite journal and inferred ladder of four (WebSocket, SSE, long-poll, poll), before the gateway of this project',
  },
  {
    name: 'reconnecting-websocket',
    package: 'reconnecting-websocket',
    server: startWebSocketFeed,
    settings: 'defaults; `url` as a function that asks the server for what came after the newest event',
  },
  {
    name: 'partysocket',
    package: 'partysocket',
    server: startWebSocketFeed,
    settings: 'defaults; `url` as a function that asks the server for what came after the newest event',
  },
  {
    name: 'socket-io',
    package: 'socket.io-client',
    server: startSocketIoFeed,
    settings:
      'defaults, connection state recovery on, and the `serverOffset` of its tutorial for when recovery fails; polling first, then upgrade',
  },
  {
    name: 'eventsource',
    package: 'eventsource',
    server: startSseFeed,
    settings: 'as in its README, before a server that numbers every event and replays after `Last-Event-ID`',
  },
  {
    name: 'ws',
    package: 'ws',
    server: startWebSocketFeed,
    settings: 'the heartbeat of its README, opened again a moment after it closed; no way to resume',
  },
];
