import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { constants, gzipSync } from 'node:zlib';

/** A server whose answers are floods, by the first part of the path. It writes as fast as it is read, and reads nothing. */

const blockBytes = 256 * 1024;

/** So often that it fills a block. */
function filled(piece: Buffer): Buffer {
  return Buffer.alloc(Math.max(1, Math.floor(blockBytes / piece.length)) * piece.length, piece);
}

/** `text` in chunks of one byte each (RFC 9112 §7.1). */
function byteChunks(text: string): Buffer {
  return Buffer.from([...text].map((letter) => `1\r\n${letter}\r\n`).join(''));
}

function chunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

/** A deflate block of a stream that never ends: `sync` makes it repeatable. */
function bombBlock(piece: string): Buffer {
  const plain = Buffer.alloc(4 * 1024 * 1024, piece);
  const whole = gzipSync(plain, { level: 9, finishFlush: constants.Z_SYNC_FLUSH });
  return whole.subarray(10);
}

const gzipHead = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);

interface Flood {
  readonly first?: Buffer;
  readonly block: Buffer;
  readonly headers?: string;
}

const stream = 'Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n';

const floods: Readonly<Record<string, Flood>> = {
  'sse-comments': { block: chunk(filled(Buffer.from(':\n'))), headers: stream },
  'sse-comment-chunks': { block: filled(byteChunks(':\n')), headers: stream },
  'sse-bytes': { first: chunk(Buffer.from('data: ')), block: filled(byteChunks('x')), headers: stream },
  'sse-bomb': {
    first: chunk(gzipHead),
    block: chunk(bombBlock(':\n')),
    headers: `Content-Encoding: gzip\r\n${stream}`,
  },
  'poll-bytes': {
    block: filled(byteChunks(' 1')),
    first: chunk(Buffer.from('[1')),
    headers: 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n',
  },
  'ws-empty': { block: filled(Buffer.from([0x81, 0])) },
  'ws-pings': { block: filled(Buffer.from([0x89, 0])) },
  'ws-pongs': { block: filled(Buffer.from([0x8a, 0])) },
};

function answer(socket: Socket, text: string): void {
  const name = /^GET \/([\w-]+)/.exec(text)?.[1] ?? '';
  const flood = floods[name];
  if (!flood) return void socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
  const key = /sec-websocket-key: (\S+)/i.exec(text)?.[1];
  if (flood.headers !== undefined) socket.write(`HTTP/1.1 200 OK\r\n${flood.headers}\r\n`);
  else {
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
  }
  if (flood.first) socket.write(flood.first);
  socket.pause();
  const pour = (): void => {
    while (!socket.destroyed && socket.write(flood.block));
  };
  socket.on('drain', pour);
  pour();
}

const server = createServer((socket) => {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    if (!text.includes('\r\n\r\n')) return;
    socket.removeAllListeners('data');
    answer(socket, text);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' && address ? address.port : 0);
});
process.on('disconnect', () => process.exit(0));
