import type { Clock, WallMs } from '../core/clock';
import type { Frame } from '../core/frame';
import { messageTooLargeCode, type SocketExchange, type SocketPort } from '../core/network';
import type { Transport, TransportEnd } from '../core/transport';
import { evidenceHead, mediaTypeOf, retryAfterOf } from './http-answer';
import { createPackets } from './packets';

interface Deps {
  readonly socket: SocketPort;
  readonly clock: Clock;
}

const noHeaders: Frame['headers'] = [];

/** WebSocket (RFC 6455). One message is one frame; where a protocol's packets are cut out of binary ones, each of those is. */
export function createWebSocketTransport({ socket, clock }: Deps): Transport {
  return {
    kind: 'websocket',
    open(attach, options, sink) {
      const request = attach();
      const startedAt = clock.now();
      let over = false;
      /** When the bytes under way were read: what came in one of the socket's reads has one time, asked for once. */
      let readAt: WallMs | null = null;

      function end(how: TransportEnd): void {
        if (over) return;
        over = true;
        sink.onEnd(how);
      }

      function give(data: string | Uint8Array, bytes: number): void {
        if (over) return;
        if (readAt === null) {
          readAt = clock.wall();
          queueMicrotask(() => {
            readAt = null;
          });
        }
        sink.onFrame({ data, bytes, receivedAt: readAt, event: null, id: null, headers: noHeaders });
      }

      function cut(how: TransportEnd): void {
        if (over) return;
        exchange.destroy();
        end(how);
      }

      const packets = request.packets
        ? createPackets(request.packets, options.maxFrameBytes, {
            onPacket: (packet) => give(packet, packet.length),
            onEnd: cut,
          })
        : null;

      const exchange: SocketExchange = socket.open(
        { url: request.url, headers: request.headers, subprotocols: request.subprotocols },
        {
          onOpen(head, timings) {
            if (over) return;
            sink.onOpen({ head, timings, roundTripMs: timings.answerMs ?? clock.now() - startedAt });
          },
          onMessage(data, length) {
            if (over) return;
            if (packets && typeof data !== 'string') return packets.add(data);
            const bytes = length ?? (typeof data === 'string' ? Buffer.byteLength(data) : data.length);
            if (bytes > options.maxFrameBytes) cut({ kind: 'too-large', bytes, limit: options.maxFrameBytes });
            else give(data, bytes);
          },
          onPing() {
            if (!over) sink.onHeartbeat('ping');
          },
          onPong() {
            if (!over) sink.onHeartbeat('pong');
          },
          onRefused(head, bodyStart) {
            const shown = evidenceHead(head);
            // A 200 to an upgrade is a page that knows no WebSocket, most often a portal or a proxy speaking.
            if (head.status === 200) {
              end({ kind: 'not-a-feed', head: shown, contentType: mediaTypeOf(head), bodyStart });
            } else {
              const retryAfterMs = retryAfterOf(head, clock.wall());
              end({ kind: 'refused', head: shown, bodyStart, retryAfterMs });
            }
          },
          onClose: (code, reason) => end({ kind: 'closed', code, reason }),
          onError(failure) {
            if (failure.code !== messageTooLargeCode) return end({ kind: 'failed', failure });
            end({ kind: 'too-large', bytes: failure.bytes ?? null, limit: options.maxFrameBytes });
          },
        },
      );

      return {
        bytesRead: () => exchange.bytesRead(),
        bytesQueued: () => exchange.bytesQueued(),
        ping(flushed) {
          if (!over) exchange.ping(flushed);
          return true;
        },
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
          exchange.close(1000, '');
        },
        destroy() {
          over = true;
          exchange.destroy();
        },
      };
    },
  };
}
