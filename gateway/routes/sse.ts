import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AttachRequest } from '../delivery/attach';
import { sseControl, sseEvent } from '../delivery/frame';
import type { Hub } from '../delivery/hub';
import { startSubscription } from '../delivery/subscription';
import type { RouteContext } from './context';

/** Serves `GET /v1/{stream}/sse`. */
export async function serveSse(
  context: RouteContext,
  hub: Hub,
  request: IncomingMessage,
  response: ServerResponse,
  attach: AttachRequest,
): Promise<void> {
  const { config, roster } = context;
  const { socket } = request;
  socket.setNoDelay(true);
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();

  const sink = context.outlets.bytes({
    write: (chunk, flushed) => response.write(chunk, flushed),
    end: (chunk) => response.end(chunk),
  });

  function write(chunk: Buffer | string, flushed?: () => void): void {
    if (chunk.length === 0) flushed?.();
    else sink.write(chunk, flushed);
  }

  const spread = roster.spreadMs();
  const retry = Math.round(300 + Math.random() * (spread - 300));
  let opening = `retry: ${retry}\n\n`;
  const subscription = startSubscription({
    hub,
    backplane: context.backplane,
    roster,
    request: attach,
    heartbeatMs: config.heartbeatMs,
    queueBytes: config.limits.queueBytes,
    slowMs: config.limits.slowMs,
    instance: context.instance,
    now: context.now,
    report: context.report,
    onCut: () => {
      context.counters.cut += 1;
    },
    outlet: context.outlets.push(hub.name, {
      transport: 'sse',
      cannotResume(message) {
        opening += sseControl('cannot-resume', JSON.stringify(message), null);
      },
      hello(hello) {
        write(opening + sseControl('hello', JSON.stringify(hello), `${hello.epoch}:${hello.from}`));
      },
      batch: (batch) => write(batch.sse),
      page: (epoch, entries, flushed) => write(entries.map((entry) => sseEvent(epoch, entry)).join(''), flushed),
      heartbeat: (_epoch, head) => write(`: heartbeat ${head}\n\n`),
      queuedBytes: () => response.writableLength,
      takenBytes: () => socket.bytesWritten - socket.writableLength,
      end(goodbye) {
        sink.end(sseControl('goodbye', JSON.stringify(goodbye), null));
        // A peer that does not read never takes the end.
        const timer = setTimeout(() => socket.destroy(), 1_000);
        response.once('close', () => clearTimeout(timer));
      },
      reset: () => socket.resetAndDestroy(),
    }),
  });
  response.once('close', () => subscription.close());
  if (response.destroyed || socket.destroyed) subscription.close();
}
