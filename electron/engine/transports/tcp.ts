import type { Clock, WallMs } from '../core/clock';
import type { StreamPort } from '../core/network';
import type { PacketReader } from '../core/packets';
import type { Transport, TransportEnd } from '../core/transport';
import { createPackets } from './packets';

interface Deps {
  readonly stream: StreamPort;
  readonly clock: Clock;
}

/** Without a protocol's reader nothing tells where one message ends: each read is one, which no shipped protocol asks for. */
const asRead: PacketReader = (bytes) => ({ kind: 'whole', bytes: bytes.length });

const noHeaders: readonly (readonly [string, string])[] = [];

/** TCP, or TLS over it. What the protocol's reader cuts out of the bytes is one frame. */
export function createTcpTransport({ stream, clock }: Deps): Transport {
  return {
    kind: 'tcp',
    open(attach, options, sink) {
      const request = attach();
      const startedAt = clock.now();
      let over = false;
      /** When the bytes under way were read. */
      let readAt: WallMs = clock.wall();

      function end(how: TransportEnd): void {
        if (over) return;
        over = true;
        exchange.destroy();
        sink.onEnd(how);
      }

      const packets = createPackets(request.packets ?? asRead, options.maxFrameBytes, {
        onPacket(data) {
          if (!over)
            sink.onFrame({ data, bytes: data.length, receivedAt: readAt, event: null, id: null, headers: noHeaders });
        },
        onEnd: end,
      });

      const exchange = stream.open(
        { url: request.url },
        {
          onOpen(timings) {
            if (!over) sink.onOpen({ head: null, timings, roundTripMs: timings.tcpMs ?? clock.now() - startedAt });
          },
          onBytes(chunk) {
            if (over) return;
            readAt = clock.wall();
            packets.add(chunk);
          },
          onEnd: () => end({ kind: 'ended', whole: packets.empty() }),
          onError: (failure) => end({ kind: 'failed', failure }),
        },
      );

      return {
        bytesRead: () => exchange.bytesRead(),
        bytesQueued: () => exchange.bytesQueued(),
        ping: () => false,
        send(said, flushed, places) {
          if (!over) exchange.send(said, flushed, places);
          return true;
        },
        askNow() {},
        pause() {
          if (!over) exchange.pause();
        },
        resume() {
          if (!over) exchange.resume();
        },
        close() {
          if (over) return;
          over = true;
          exchange.end();
        },
        destroy() {
          over = true;
          exchange.destroy();
        },
      };
    },
  };
}
