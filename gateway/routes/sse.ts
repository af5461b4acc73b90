import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AttachRequest } from '../delivery/attach';
import { sseControl, sseEvent } from '../delivery/frame';
import type { Hub } from '../delivery/hub';
import { startSubscription } from '../delivery/subscription';
import { RefusedError } from '../errors';
import type { RouteContext } from './context';

/** What a buffering proxy collects before it passes it on (demo fault). */
const proxyBufferBytes = 8 * 1024;

/** Serves `GET /v1/{stream}/sse`. */
export async function serveSse(
  context: RouteContext,
  hub: Hub,
  request: IncomingMessage,
  response: ServerResponse,
  attach: AttachRequest,
): Promise<void> {
  const { config, faults, roster } = context;
  if (faults.settings.refuseSse) {
    throw new RefusedError({
      kind: 'fault',
      message: 'SSE is refused by a demo fault.',
      fix: 'Switch "refuse SSE" off in the fault panel.',
    });
  }
  const { socket } = request;
  socket.setNoDelay(true);
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();

  let held: Buffer[] = [];
  let heldBytes = 0;

  function write(chunk: Buffer | string, flushed?: () => void): void {
    if (chunk.length === 0) {
      flushed?.();
      return;
    }
    if (!faults.settings.bufferSse && heldBytes === 0) {
      response.write(chunk, flushed);
      return;
    }
    const bytes = Buffer.from(chunk);
    held.push(bytes);
    heldBytes += bytes.length;
    if (heldBytes >= proxyBufferBytes || !faults.settings.bufferSse) releaseHeld();
    // The server does not know that a proxy holds its bytes: to it they are gone.
    if (flushed !== undefined) setImmediate(flushed);
  }

  function releaseHeld(): void {
    if (heldBytes > 0) response.write(Buffer.concat(held));
    held = [];
    heldBytes = 0;
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
    isStalled: () => faults.settings.stall,
    now: context.now,
    onCut: () => {
      context.counters.cut += 1;
    },
    outlet: {
      transport: 'sse',
      cannotResume(message) {
        opening += sseControl('cannot-resume', JSON.stringify(message), null);
      },
      hello(hello) {
        write(opening + sseControl('hello', JSON.stringify(hello), `${hello.epoch}:${hello.from}`));
      },
      batch: (batch) => write(batch.sse),
      page: (epoch, entries, flushed) => write(entries.map((entry) => sseEvent(epoch, entry)).join(''), flushed),
      heartbeat(_epoch, head) {
        write(`: heartbeat ${head}\n\n`);
        if (!faults.settings.bufferSse) releaseHeld();
      },
      queuedBytes: () => response.writableLength,
      takenBytes: () => socket.bytesWritten - socket.writableLength,
      end(goodbye) {
        releaseHeld();
        response.end(sseControl('goodbye', JSON.stringify(goodbye), null));
        // A peer that does not read never takes the end.
        const timer = setTimeout(() => socket.destroy(), 1_000);
        response.once('close', () => clearTimeout(timer));
      },
      reset: () => socket.resetAndDestroy(),
    },
  });
  response.once('close', () => subscription.close());
  if (response.destroyed || socket.destroyed) subscription.close();
}
