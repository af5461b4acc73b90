import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Dial } from '../electron/engine/dialling/dial';

/** Bytes handed over at a time, as a socket's reads do. */
const chunkBytes = 64 * 1024;

export type FeedTransport = 'websocket' | 'sse';

/** A connection's bytes made beforehand: a gateway's event stream over one transport, cut without regard to its messages. */
export interface EncodedFeed {
  readonly transport: FeedTransport;
  readonly count: number;
  /** Average length of an event's message, bytes. */
  readonly messageBytes: number;
  /** The `hello` that goes before them. */
  readonly hello: Buffer;
  readonly chunks: readonly Buffer[];
}

export const feedStream = 'metrics';
export const feedEpoch = 'bench';

/** Events 1 to `count` as the gateway writes them, numbers and words changing from event to event. */
export function encodeFeed(count: number, transport: FeedTransport): EncodedFeed {
  const parts: Buffer[] = [];
  let bytes = 0;
  const time = Date.now();
  for (let seq = 1; seq <= count; seq++) {
    const message = JSON.stringify({
      kind: 'event',
      stream: feedStream,
      epoch: feedEpoch,
      seq,
      time: time + seq / 1000,
      type: seq % 3 === 0 ? 'cpu' : 'memory',
      data: {
        host: `web-${seq % 20}`,
        percent: ((seq * 7919) % 10_007) / 100,
        request: (seq * 2_654_435_761) % 4_294_967_296,
        note: 'nothing to report',
      },
    }).replace(/"time":[\d.]+/, `"time":${time + Math.floor(seq / 1000)}`);
    const frame = transport === 'sse' ? sseBlock(null, seq, message) : textFrame(message);
    bytes += frame.length;
    parts.push(frame);
  }
  const whole = Buffer.concat(parts);
  const chunks: Buffer[] = [];
  for (let at = 0; at < whole.length; at += chunkBytes) chunks.push(whole.subarray(at, at + chunkBytes));
  const greeting = JSON.stringify({
    kind: 'hello',
    stream: feedStream,
    epoch: feedEpoch,
    from: 0,
    head: count,
    spreadMs: 1000,
    heartbeatMs: 15_000,
    instance: 'bench',
    time,
  });
  const hello = transport === 'sse' ? sseBlock('hello', 0, greeting) : textFrame(greeting);
  return { transport, count, messageBytes: Math.round(bytes / count), hello, chunks };
}

/** A block of an event stream, as the gateway writes it. */
function sseBlock(event: string | null, seq: number, text: string): Buffer {
  return Buffer.from(`${event === null ? '' : `event: ${event}\n`}id: ${feedEpoch}:${seq}\ndata: ${text}\n\n`);
}

/** An unmasked text frame, as a server sends it (RFC 6455 §5.2). */
function textFrame(text: string): Buffer {
  const body = Buffer.from(text);
  if (body.length > 65_535) throw new RangeError('a message of the benchmark is longer than 64 KB');
  const head =
    body.length < 126
      ? Buffer.from([0x81, body.length])
      : Buffer.from([0x81, 126, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([head, body]);
}

/** The head of the answer to a request, once all of that has come; null until then. */
function answerTo(request: string): string | null {
  if (!request.includes('\r\n\r\n')) return null;
  const key = /sec-websocket-key: *(\S+)/i.exec(request)?.[1];
  if (key === undefined) return 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

/**
 * Dials a connection that is not there: it answers the request, says hello, then gives a chunk whenever it is read and
 * the event loop has had its turn, as a socket with full buffers does. `pause` on it holds it back.
 */
export function dialFeed(feed: EncodedFeed, onFirstChunk: () => void): Dial {
  return async () => {
    let bytesRead = 0;
    let next = 0;
    let answered = false;
    let waiting = false;
    const give = (): void => {
      waiting = false;
      const chunk = feed.chunks[next];
      if (!answered || socket.destroyed || !chunk) return;
      if (next === 0) onFirstChunk();
      next++;
      bytesRead += chunk.length;
      socket.push(chunk);
    };
    const socket = new Duplex({
      highWaterMark: chunkBytes,
      read() {
        if (waiting || !answered) return;
        waiting = true;
        setImmediate(give);
      },
      write(data: Buffer | string, _encoding, done) {
        const head = answered ? null : answerTo(String(data));
        if (head !== null) {
          socket.push(Buffer.from(head));
          setImmediate(() => {
            answered = true;
            socket.push(feed.hello);
          });
        }
        done();
      },
    });
    const still = {
      setTimeout: () => socket,
      setNoDelay: () => socket,
      setKeepAlive: () => socket,
      ref: () => socket,
      unref: () => socket,
    };
    return {
      socket: Object.assign(socket, still) as unknown as Socket,
      timings: { dnsMs: null, tcpMs: 0, proxyMs: null, tlsMs: null, answerMs: null },
      via: null,
      certificate: null,
      bytesRead: () => bytesRead,
    };
  };
}
