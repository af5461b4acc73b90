import ReconnectingWebSocket from 'reconnecting-websocket';
import WebSocket from 'ws';
import { waits } from '../pace';
import { followFeed, notebook, orderOf } from './client';

/**
 * reconnecting-websocket with every option at the default its README names ("Default values"), squeezed, on `ws` as its
 * README shows ("Sample with custom options"). Its `url` may be a function, "resolved before connecting" (README,
 * "Update URL"): it asks the server for what came after the newest event. There is no option for a heartbeat.
 */
const order = orderOf(process.argv);
const book = notebook(order);
const feed = followFeed(book);

/**
 * It takes its listeners off before it closes a socket that took too long to open; `ws` then throws the error that
 * nobody listens to, and the process ends. In a browser it would not, so it must not here.
 */
class PatientWebSocket extends WebSocket {
  constructor(address: string | URL, protocols?: string | string[]) {
    super(address, protocols);
    this.on('error', () => {});
  }
}

const socket = new ReconnectingWebSocket(
  () => {
    book.attempt();
    const after = feed.after();
    return `ws://${order.host}/${after === null ? '' : `?after=${after}`}`;
  },
  [],
  {
    WebSocket: PatientWebSocket,
    minReconnectionDelay: waits.rwsLeastDelayMs + Math.random() * waits.rwsLeastDelaySpreadMs,
    maxReconnectionDelay: waits.rwsMostDelayMs,
    reconnectionDelayGrowFactor: 1.3,
    minUptime: waits.rwsStableMs,
    connectionTimeout: waits.rwsConnectTimeoutMs,
    maxRetries: Number.POSITIVE_INFINITY,
  },
);
socket.addEventListener('open', () => book.open());
socket.addEventListener('message', (event: { readonly data: unknown }) => feed.message(event.data));
