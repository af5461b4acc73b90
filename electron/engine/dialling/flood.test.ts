import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { createSystemClock } from '../../node/clock';
import { badEncodingCode, type HttpExchange, type NetworkFailure, type SocketSink } from '../core/network';
import { createDialler } from './dialler';
import { createHttpPort } from './http-port';
import { plainRequests } from './profile';
import { createSocketPort } from './socket-port';

const clock = createSystemClock();
const megabyte = 1024 * 1024;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What a GET comes to whose bytes are only counted. `onBytes` may pause it. */
function get(port: number, compression: boolean, onBytes: (exchange: HttpExchange, total: number) => void = () => {}) {
  const http = createHttpPort({ dial: createDialler({ clock }), clock, profile: { ...plainRequests, compression } });
  closers.push(() => http.close());
  const seen = { bytes: 0, calls: 0, end: null as NetworkFailure | 'whole' | null };
  const exchange = http.request(
    { method: 'GET', url: `http://127.0.0.1:${port}/`, headers: [], body: null },
    {
      onHead() {},
      onBytes(chunk) {
        seen.bytes += chunk.length;
        seen.calls += 1;
        onBytes(exchange, seen.bytes);
      },
      onEnd() {
        seen.end = 'whole';
      },
      onError(failure) {
        seen.end = failure;
      },
    },
  );
  return { seen, exchange, ended: () => vi.waitFor(() => expect(seen.end).not.toBeNull(), 20_000) };
}

const answering = (headers: Record<string, string>, body: Buffer) => {
  const handle: RequestListener = (_request, response) => response.writeHead(200, headers).end(body);
  return listen(createHttpServer(handle));
};

const zeros = Buffer.alloc(96 * megabyte);
const member = gzipSync(zeros.subarray(0, megabyte));

describe('a compressed body', () => {
  it.each([
    ['gzip', 'one member', gzipSync(zeros)],
    ['gzip', 'many members', Buffer.concat(Array.from({ length: 96 }, () => member))],
    ['deflate', 'with its head', deflateSync(zeros)],
    ['br', 'one stream', brotliCompressSync(zeros)],
  ])(
    'hostile 8: that is a bomb (%s, %s) is refused before it has gone off, asked for or not',
    async (coding, _of, body) => {
      for (const compression of [true, false]) {
        const { seen, ended } = get(await answering({ 'content-encoding': coding }, body), compression);
        await ended();
        expect(seen.end).toMatchObject({
          code: badEncodingCode,
          message: expect.stringContaining('unfolds to more than'),
        });
        expect(seen.bytes).toBeLessThan(18 * megabyte);
      }
    },
  );

  it('hostile 8: that is deflate without its head is refused by name', async () => {
    const { seen, ended } = get(await answering({ 'content-encoding': 'deflate' }, deflateRawSync(zeros)), true);
    await ended();
    expect(seen).toMatchObject({
      bytes: 0,
      end: { code: badEncodingCode, message: expect.stringContaining('header') },
    });
  });

  it('is taken where it is only large, or repeats itself a hundred times', async () => {
    const lines = Array.from({ length: 200_000 }, (_, at) => `{"metric":"cpu.percent","host":"web-7","at":${at}}\n`);
    const text = Buffer.from(lines.join('').repeat(3));
    const { seen, ended } = get(await answering({ 'content-encoding': 'gzip' }, gzipSync(text)), true);
    await ended();
    expect([seen.end, seen.bytes]).toEqual(['whole', text.length]);
  });

  it('hostile 8: stands still with its reader, whatever is in what was read already', async () => {
    const body = gzipSync(zeros.subarray(0, 12 * megabyte));
    const port = await answering({ 'content-encoding': 'gzip' }, body);
    const { seen, exchange, ended } = get(port, true, (own, total) => {
      if (total < megabyte) own.pause();
    });
    await vi.waitFor(() => expect(seen.bytes).toBeGreaterThan(0), 5_000);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(seen.calls).toBe(1);
    while (seen.bytes < megabyte) {
      exchange.resume();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await ended();
    expect([seen.end, seen.bytes]).toEqual(['whole', 12 * megabyte]);
  });
});

describe('a flood', () => {
  it('hostile 8: of interim answers before an answer ends the connection, by name', async () => {
    let open = 0;
    const server = createServer((socket) => {
      open += 1;
      socket.on('close', () => {
        open -= 1;
      });
      const flood = () => {
        while (!socket.destroyed && socket.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'.repeat(500)));
        if (!socket.destroyed) socket.once('drain', flood);
      };
      socket.once('data', flood);
    });
    const { seen, ended } = get(await listen(server), false);
    await ended();
    expect(seen.end).toMatchObject({ code: 'HTTP_FLOOD' });
    await vi.waitFor(() => expect(open).toBe(0), 20_000);
  });

  it('hostile 8: of chunks of one byte each is a few pieces', async () => {
    const count = 200_000;
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        socket.end(`${'1\r\nx\r\n'.repeat(count)}0\r\n\r\n`);
      });
    });
    const { seen, ended } = get(await listen(server), false);
    await ended();
    expect([seen.end, seen.bytes]).toEqual(['whole', count]);
    // A portion of a read each: some 2,700 chunks.
    expect(seen.calls).toBeLessThan(count / 100);
  });

  function open(port: number, compression: boolean, heard: Partial<SocketSink>) {
    const dial = createDialler({ clock });
    const port_ = createSocketPort({ dial, clock, profile: { ...plainRequests, compression } });
    const seen = { pings: 0, pongs: 0, messages: 0, end: null as string | null };
    const exchange = port_.open(
      { url: `ws://127.0.0.1:${port}/`, headers: [], subprotocols: [] },
      {
        onOpen() {},
        onMessage() {
          seen.messages += 1;
        },
        onPing() {
          seen.pings += 1;
        },
        onPong() {
          seen.pongs += 1;
        },
        onRefused: ({ status }) => {
          seen.end = `refused ${status}`;
        },
        onClose: (code) => {
          seen.end = `closed ${code}`;
        },
        onError: ({ code, message }) => {
          seen.end = `${code} ${message}`;
        },
        ...heard,
      },
    );
    closers.push(() => exchange.destroy());
    return { seen, exchange, ended: () => vi.waitFor(() => expect(seen.end).not.toBeNull(), 20_000) };
  }

  /** A WebSocket server whose frames are written by hand. */
  function server(write: (socket: Socket) => void) {
    const sockets = new WebSocketServer({ noServer: true });
    const http = createHttpServer();
    http.on('upgrade', (request, socket: Socket, head) => {
      sockets.handleUpgrade(request, socket, head, () => write(socket));
    });
    return listen(http);
  }

  it('hostile 8: of pings that nobody reads the answers of makes no queue, and is a few signs of life', async () => {
    const count = 200_000;
    let written = 0;
    const port = await server((socket) => {
      socket.pause();
      socket.write(Buffer.alloc(2 * count, Buffer.from([0x89, 0])), () => {
        written = count;
        socket.write(Buffer.from([0x81, 1, 0x65]));
      });
    });
    const { seen, exchange } = open(port, false, {});
    await vi.waitFor(() => expect(seen.messages).toBe(1), 20_000);
    expect(written).toBe(count);
    expect(seen.pings).toBeGreaterThan(0);
    expect(seen.pings).toBeLessThan(count / 100);
    expect(exchange.bytesQueued()).toBeLessThan(1_000);
  });

  it('hostile 8: of empty messages arrives whole and in order, its close last', async () => {
    const count = 100_000;
    const port = await server((socket) => {
      socket.write(Buffer.alloc(2 * count, Buffer.from([0x81, 0])));
      socket.write(Buffer.from([0x88, 2, 0x0f, 0xa0]));
    });
    const { seen, ended } = open(port, false, {});
    await ended();
    expect([seen.messages, seen.end]).toEqual([count, 'closed 4000']);
  });

  it('hostile 8: of compressed messages that are bombs ends the connection, by name; unasked compression does so at once', async () => {
    const http = createHttpServer();
    new WebSocketServer({ server: http, perMessageDeflate: true }).on('connection', (socket) => {
      const send = (left: number): void => {
        if (left > 0) socket.send(zeros.subarray(0, 10 * megabyte), () => send(left - 1));
      };
      send(10);
    });
    const port = await listen(http);
    const asked = open(port, true, {});
    await asked.ended();
    expect(asked.seen.end).toContain(`${badEncodingCode} permessage-deflate, which unfolds to more than`);
    expect(asked.seen.messages).toBeLessThan(3);
    const unasked = open(await server((socket) => socket.write(Buffer.from([0xc1, 1, 0]))), false, {});
    await unasked.ended();
    expect(unasked.seen.end).toContain('RSV1');
  });
});
