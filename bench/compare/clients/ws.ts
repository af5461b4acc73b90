import WebSocket from 'ws';
import { waits } from '../pace';
import { followFeed, notebook, orderOf } from './client';

/**
 * Bare `ws` with the heartbeat of its README ("How to detect and close broken connections?"), squeezed. It has no way
 * to reconnect or to resume: it is opened again a moment after it closed, and takes what comes from then on.
 */
const order = orderOf(process.argv);
const book = notebook(order);
const feed = followFeed(book);

function connect(): void {
  book.attempt();
  const client = new WebSocket(`ws://${order.host}/`);
  let pingTimeout: NodeJS.Timeout | undefined;
  const heartbeat = (): void => {
    clearTimeout(pingTimeout);
    pingTimeout = setTimeout(() => client.terminate(), waits.wsPingTimeoutMs);
  };
  client.on('error', () => {});
  client.on('open', () => {
    heartbeat();
    book.open();
  });
  client.on('ping', heartbeat);
  client.on('message', (data) => feed.message(data));
  client.on('close', () => {
    clearTimeout(pingTimeout);
    setTimeout(connect, waits.wsReconnectMs);
  });
}

connect();
