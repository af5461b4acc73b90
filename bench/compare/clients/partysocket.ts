import { WebSocket as PartyWebSocket } from 'partysocket';
import WebSocket from 'ws';
import { waits } from '../pace';
import { followFeed, notebook, orderOf } from './client';

/**
 * partysocket's `WebSocket` (README, "Simple usage" and "Sample with custom options") with its defaults, squeezed; the
 * least delay is that of the code, 3 s, shorter on average than the README's. Its `url` may be a function, "resolved
 * before connecting" (README, "Update URL"): it asks the server for what came after the newest event. There is no
 * option for a heartbeat.
 */
const order = orderOf(process.argv);
const book = notebook(order);
const feed = followFeed(book);

const socket = new PartyWebSocket(
  () => {
    book.attempt();
    const after = feed.after();
    return `ws://${order.host}/${after === null ? '' : `?after=${after}`}`;
  },
  [],
  {
    WebSocket,
    minReconnectionDelay: waits.partyLeastDelayMs,
    maxReconnectionDelay: waits.rwsMostDelayMs,
    reconnectionDelayGrowFactor: 1.3,
    minUptime: waits.rwsStableMs,
    connectionTimeout: waits.rwsConnectTimeoutMs,
    maxRetries: Number.POSITIVE_INFINITY,
  },
);
socket.addEventListener('open', () => book.open());
socket.addEventListener('message', (event) => feed.message(event.data));
