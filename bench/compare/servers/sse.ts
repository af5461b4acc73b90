import type { ServerResponse } from 'node:http';
import { waits } from '../pace';
import { bodyOf, type FeedServer } from './feed-server';
import { startHttpHost } from './http-host';
import { createTamper } from './tamper';

/**
 * A server of SSE, for the `eventsource` package. Every event has its number as `id`, and so has a greeting, so that
 * a drop before the first event resumes too; it replays after `Last-Event-ID` (HTML standard, §9.2.4), and sends a
 * comment line against idle timeouts (§9.2.7 advises one every 15 s).
 */
export async function startSseFeed(): Promise<FeedServer> {
  let head = 0;
  let clients = new Set<ServerResponse>();
  const tamper = createTamper();
  const event = (n: number): string => `id: ${n}\ndata: ${JSON.stringify(bodyOf(n))}\n\n`;

  const host = await startHttpHost(() => {
    const mine = new Set<ServerResponse>();
    clients = mine;
    const beat = setInterval(() => {
      for (const client of mine) client.write(': beat\n\n');
    }, waits.sseCommentMs);
    return {
      onRequest(request, response) {
        response.on('error', () => {});
        response.on('close', () => mine.delete(response));
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
        const last = request.headers['last-event-id'];
        const after = typeof last === 'string' ? Number(last) : head;
        response.write(`retry: ${waits.eventSourceRetryMs}\nevent: hello\nid: ${after}\ndata: {}\n\n`);
        for (let n = after + 1; n <= head; n += 1) response.write(event(n));
        mine.add(response);
      },
      end() {
        clearInterval(beat);
        mine.clear();
      },
    };
  });

  return {
    port: host.port,
    publish(count) {
      const numbers = Array.from({ length: count }, (_, index) => head + 1 + index);
      head += count;
      if (clients.size === 0) return;
      for (const n of tamper.live(numbers)) for (const client of clients) client.write(event(n));
    },
    repeatNext: tamper.repeatNext,
    reorderNext: tamper.reorderNext,
    restart: host.restart,
    close: host.close,
  };
}
