import { type WebSocket, WebSocketServer } from 'ws';
import { waits } from '../pace';
import { bodyOf, type FeedServer } from './feed-server';
import { startHttpHost } from './http-host';
import { createTamper } from './tamper';

/**
 * A plain WebSocket server on `ws`, for reconnecting-websocket, partysocket and bare `ws`. It tells everyone who comes
 * where the log stands, replays from `?after=` to whoever asks, and beats as the README of `ws` shows ("How to detect
 * and close broken connections?").
 */
export async function startWebSocketFeed(): Promise<FeedServer> {
  let head = 0;
  let clients = new Set<WebSocket>();
  const tamper = createTamper();
  const say = (client: WebSocket, message: object): void => client.send(JSON.stringify(message));
  const event = (n: number): object => ({ kind: 'event', ...bodyOf(n) });

  const host = await startHttpHost((server) => {
    const mine = new Set<WebSocket>();
    const alive = new WeakSet<WebSocket>();
    clients = mine;
    const sockets = new WebSocketServer({ server, perMessageDeflate: false });
    sockets.on('connection', (client, request) => {
      client.on('error', () => {});
      client.on('close', () => mine.delete(client));
      client.on('pong', () => alive.add(client));
      alive.add(client);
      const asked = new URL(request.url ?? '/', 'http://feed').searchParams.get('after');
      say(client, { kind: 'hello', head });
      const after = asked === null ? head : Number(asked);
      for (let n = after + 1; n <= head; n += 1) say(client, event(n));
      mine.add(client);
    });
    const beat = setInterval(() => {
      for (const client of mine) {
        if (!alive.has(client)) client.terminate();
        alive.delete(client);
        client.ping();
      }
    }, waits.wsPingMs);
    return {
      end() {
        clearInterval(beat);
        mine.clear();
        sockets.close();
      },
    };
  });

  return {
    port: host.port,
    publish(count) {
      const numbers = Array.from({ length: count }, (_, index) => head + 1 + index);
      head += count;
      if (clients.size === 0) return;
      for (const n of tamper.live(numbers)) for (const client of clients) say(client, event(n));
    },
    repeatNext: tamper.repeatNext,
    reorderNext: tamper.reorderNext,
    restart: host.restart,
    close: host.close,
  };
}
