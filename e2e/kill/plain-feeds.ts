import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { plainStreams, textOf } from './published';

/** Entries in the list: at its rate that is more than a start of the application takes. */
const listed = 500;

/** Feeds as others make them: SSE whose ids resume it, and a list of the newest entries. Nothing is kept: texts follow from numbers. */
export interface PlainFeeds {
  /** Resolves with its address. */
  listen(): Promise<string>;
  /** Event `number` of a stream exists from now on. */
  publish(stream: string, number: number): void;
  /** Open event streams. */
  clients(): number;
  close(): void;
}

/** See `PlainFeeds`. The list begins with one entry, since an empty one shows nothing to go on from. */
export function createPlainFeeds(): PlainFeeds {
  const heads: Record<string, number> = { [plainStreams.ids]: 0, [plainStreams.list]: 1 };
  const subscribers = new Set<() => void>();

  function serveIds(request: IncomingMessage, response: ServerResponse): void {
    const asked = request.headers['last-event-id'];
    let sent = asked === undefined ? (heads[plainStreams.ids] ?? 0) : Number(asked);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    // An id without data: the place to resume from is known before the first event.
    response.write(`retry: 500\nid: ${sent}\n\n`);
    const pump = (): void => {
      const head = heads[plainStreams.ids] ?? 0;
      while (sent < head && !response.writableNeedDrain && !response.destroyed) {
        sent += 1;
        response.write(`id: ${sent}\nevent: order\ndata: ${textOf(plainStreams.ids, sent)}\n\n`);
      }
    };
    response.on('drain', pump);
    response.on('close', () => subscribers.delete(pump));
    subscribers.add(pump);
    pump();
  }

  function serveList(response: ServerResponse): void {
    const head = heads[plainStreams.list] ?? 0;
    const first = Math.max(1, head - listed + 1);
    const entries = Array.from({ length: head - first + 1 }, (_, index) => textOf(plainStreams.list, first + index));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`[${entries.join(',')}]`);
  }

  const server = createServer((request, response) => {
    if (request.url === '/ids') serveIds(request, response);
    else serveList(response);
  });
  return {
    listen: () =>
      new Promise((resolve) => {
        server.listen(0, '127.0.0.1', () => {
          resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
        });
      }),
    publish(stream, number) {
      heads[stream] = number;
      if (stream === plainStreams.ids) for (const pump of subscribers) pump();
    },
    clients: () => subscribers.size,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
