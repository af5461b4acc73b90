import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A server that misbehaves as told. Hooks: `http` per request, `upgrade` per upgrade; both may do anything to the socket. */
export interface RawServer {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly sockets: ReadonlySet<Socket>;
  /** Requests in order, upgrades included. */
  readonly requests: readonly IncomingMessage[];
  http: (request: IncomingMessage, response: ServerResponse) => void;
  upgrade: (request: IncomingMessage, socket: Socket) => void;
  close(): Promise<void>;
}

export async function startRawServer(): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    raw.http(request, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    requests.push(request);
    // Node leaves an upgraded socket half-open and unread: the other end's going would never be noticed.
    socket.on('end', () => socket.destroy());
    socket.resume();
    raw.upgrade(request, socket);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const raw: RawServer = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    requests,
    http: (_request, response) => response.writeHead(500).end(),
    upgrade: (_request, socket) => socket.destroy(),
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return raw;
}

/** Answers an upgrade with 101 and hands back a way to write text frames (RFC 6455 §5.2, unmasked, under 64 KiB or longer). */
export function acceptUpgrade(request: IncomingMessage, socket: Socket): (payload: Buffer, opcode?: number) => Buffer {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  return (payload, opcode = 1) => {
    const head =
      payload.length < 126
        ? Buffer.from([0x80 | opcode, payload.length])
        : payload.length < 65_536
          ? Buffer.from([0x80 | opcode, 126, payload.length >> 8, payload.length & 255])
          : Buffer.concat([Buffer.from([0x80 | opcode, 127]), longLength(payload.length)]);
    return Buffer.concat([head, payload]);
  };
}

function longLength(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return bytes;
}
