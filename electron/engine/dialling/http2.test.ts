import {
  createSecureServer,
  type Http2SecureServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '../../node/clock';
import { bodyCutCode, type HttpExchange, type NetworkFailure } from '../core/network';
import { createCookieJar } from './cookie-jar';
import { createDialler } from './dialler';
import { direct } from './hop';
import { createHttpPort } from './http-port';
import { plainRequests, plainTls } from './profile';
import { type CertificateDesk, type Issued, openCertificateDesk } from './testing/certificates';

const clock = createSystemClock();
let desk: CertificateDesk;
let own: Issued;
beforeAll(() => {
  desk = openCertificateDesk();
  own = desk.issue({ name: 'feed.test' });
});
afterAll(() => desk.close());
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

type Handle = (stream: ServerHttp2Stream, path: string) => void;

interface Peer {
  readonly url: string;
  readonly server: Http2SecureServer;
  readonly sessions: readonly ServerHttp2Session[];
  /** Resets every connection. */
  drop(): void;
  /** Requests that came over HTTP/1.1. */
  http1(): number;
}

async function serve(handle: Handle): Promise<Peer> {
  const server = createSecureServer({ key: own.key, cert: own.certificate, allowHTTP1: true });
  const sessions: ServerHttp2Session[] = [];
  const sockets = new Set<Socket>();
  let http1 = 0;
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    handle(stream, String(headers[':path']));
  });
  server.on('request', (request, response) => {
    if (request.httpVersionMajor > 1) return;
    http1 += 1;
    response.end('over HTTP/1.1');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const drop = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  closers.push(() => {
    drop();
    server.close();
  });
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    sessions,
    http1: () => http1,
    drop,
  };
}

function openPort(compression = false) {
  const dial = createDialler({
    clock,
    profile: {
      route: async () => [direct],
      tls: () => ({ ...plainTls, ca: own.certificate, serverName: 'feed.test' }),
      connectTo: null,
      http2: true,
    },
  });
  const profile = { ...plainRequests, compression, jar: createCookieJar(() => Date.now()) };
  const http = createHttpPort({ dial, clock, profile });
  closers.push(() => http.close());
  return http;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly failure: NetworkFailure | null;
  readonly read: number;
}

function ask(
  http: ReturnType<typeof openPort>,
  url: string,
  more: { readonly body?: string; readonly onText?: (text: string, exchange: HttpExchange) => void } = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    let status = 0;
    let text = '';
    const end = (failure: NetworkFailure | null) => resolve({ status, text, failure, read: exchange.bytesRead() });
    const exchange = http.request(
      { method: more.body === undefined ? 'GET' : 'POST', url, headers: [['x-own', 'a']], body: more.body ?? null },
      {
        onHead: (head) => {
          status = head.status;
        },
        onBytes: (chunk) => {
          text += Buffer.from(chunk).toString();
          more.onText?.(text, exchange);
        },
        onEnd: () => end(null),
        onError: end,
      },
    );
  });
}

/** Sends RST_STREAM in mid-answer. Node's own `close` ends the answer in good order first, which proves nothing. */
function reset(stream: ServerHttp2Stream, code: number): void {
  const symbol = Object.getOwnPropertySymbols(stream).find(({ description }) => description === 'kHandle');
  const handle: unknown = symbol && Reflect.get(stream, symbol);
  if (typeof handle === 'object' && handle !== null) Reflect.get(handle, 'rstStream').call(handle, code);
}

function sessionOf(stream: ServerHttp2Stream): ServerHttp2Session | undefined {
  return stream.session as ServerHttp2Session | undefined;
}

/** Answers with all it was asked. */
const echo: Handle = (stream, path) => {
  const asked = stream.sentHeaders;
  stream.respond({ ':status': 200, 'set-cookie': ['a=1', 'b=2'] });
  stream.end(JSON.stringify({ path, asked }));
};

describe('HTTP/2', () => {
  it('hostile 8: of origins without end ends the connection, by name', async () => {
    const peer = await serve((stream) => {
      stream.respond({ ':status': 200 });
      stream.write('data: 1\n\n');
      for (let each = 0; each < 300; each++) sessionOf(stream)?.origin(`https://h${each}.test`);
    });
    const { failure } = await ask(openPort(), peer.url);
    expect(failure).toMatchObject({ code: 'HTTP_FLOOD' });
    expect(peer.sessions).toHaveLength(1);
  });

  it('hostile 8: of interim answers without end ends the connection, by name', async () => {
    const peer = await serve((stream) => {
      for (let each = 0; each < 300; each++) stream.additionalHeaders({ ':status': 103, link: `</${each}>` });
    });
    const { failure } = await ask(openPort(), peer.url);
    expect(failure).toMatchObject({ code: 'HTTP_FLOOD' });
  });

  it('hostile 8: a few origins and interim answers are no flood', async () => {
    const peer = await serve((stream, path) => {
      sessionOf(stream)?.origin('https://a.test', 'https://b.test');
      stream.additionalHeaders({ ':status': 103, link: '</x>' });
      echo(stream, path);
    });
    expect(await ask(openPort(), peer.url)).toMatchObject({ status: 200, failure: null });
  });

  it('polls share a connection, cookies come and go, bytes are counted, a POST has its body', async () => {
    const seen: (string | undefined)[] = [];
    const peer = await serve((stream, path) => {
      if (path === '/post') {
        let body = '';
        stream.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        stream.on('end', () => {
          stream.respond({ ':status': 201 });
          stream.end(body);
        });
      } else echo(stream, path);
    });
    peer.server.on('stream', (_stream, headers) => seen.push(headers.cookie));
    const http = openPort();
    for (const n of [1, 2, 3]) {
      const answer = await ask(http, `${peer.url}/poll?n=${n}`);
      expect(answer).toMatchObject({ status: 200, failure: null });
      expect(JSON.parse(answer.text)).toMatchObject({ path: `/poll?n=${n}` });
      expect(answer.read).toBeGreaterThan(answer.text.length);
    }
    expect(peer.sessions).toHaveLength(1);
    expect(seen).toEqual([undefined, 'a=1; b=2', 'a=1; b=2']);
    expect(await ask(http, `${peer.url}/post`, { body: '{"n":1}' })).toMatchObject({ status: 201, text: '{"n":1}' });
  });

  it('a stream that is cut says so, whichever way: reset, cancelled, the connection gone, an error', async () => {
    const peer = await serve((stream, path) => {
      stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
      stream.write('data: 1\n\n');
      setTimeout(() => {
        if (path === '/cancel') reset(stream, 8);
        else if (path === '/fails') stream.destroy(new Error('broken'));
        else if (path === '/reset') peer.drop();
        else if (path === '/calm') stream.session?.goaway(11);
      }, 50);
    });
    const http = openPort();
    expect((await ask(http, `${peer.url}/cancel`)).failure).toMatchObject({ phase: 'body', code: bodyCutCode });
    expect((await ask(http, `${peer.url}/fails`)).failure).toMatchObject({
      phase: 'body',
      code: 'HTTP2_INTERNAL_ERROR',
    });
    expect((await ask(http, `${peer.url}/reset`)).failure).toMatchObject({ phase: 'body' });
    expect((await ask(http, `${peer.url}/calm`)).failure).toMatchObject({ code: 'HTTP2_ENHANCE_YOUR_CALM' });
  });

  it('a server that takes no more (GOAWAY) finishes what is under way, and is asked on a new connection', async () => {
    const peer = await serve((stream) => {
      stream.respond({ ':status': 200 });
      stream.write('first ');
      stream.session?.goaway(0);
      setTimeout(() => stream.end('last'), 150);
    });
    const http = openPort();
    for (const count of [1, 2, 3]) {
      expect(await ask(http, `${peer.url}/`)).toMatchObject({ text: 'first last', failure: null });
      expect(peer.sessions).toHaveLength(count);
    }
  });

  it('a GOAWAY while idle costs no request', async () => {
    const peer = await serve(echo);
    const http = openPort();
    await ask(http, `${peer.url}/1`);
    peer.sessions[0]?.goaway(0);
    expect(await ask(http, `${peer.url}/2`)).toMatchObject({ status: 200, failure: null });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await ask(http, `${peer.url}/3`)).toMatchObject({ status: 200, failure: null });
    peer.sessions.at(-1)?.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await ask(http, `${peer.url}/4`)).toMatchObject({ status: 200, failure: null });
  });

  it('a refused stream is asked again on a new connection', async () => {
    let asked = 0;
    const peer = await serve((stream, path) => {
      asked += 1;
      if (asked === 2) reset(stream, 7);
      else echo(stream, path);
    });
    const http = openPort();
    await ask(http, `${peer.url}/1`);
    expect(await ask(http, `${peer.url}/2`)).toMatchObject({ status: 200, failure: null });
    expect(peer.sessions).toHaveLength(2);
  });

  it('a server that wants HTTP/1.1 for this is asked so, from then on', async () => {
    const peer = await serve((stream) => reset(stream, 13));
    const http = openPort();
    expect(await ask(http, `${peer.url}/1`)).toMatchObject({ text: 'over HTTP/1.1', failure: null });
    expect(await ask(http, `${peer.url}/2`)).toMatchObject({ text: 'over HTTP/1.1', failure: null });
    expect(peer.http1()).toBe(2);
    expect(peer.sessions).toHaveLength(1);
  });

  it('held back, the server is: its writes wait until we take them', async () => {
    let written = 0;
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const peer = await serve((stream) => {
      stream.respond({ ':status': 200 });
      const more = () => {
        while (written < 64 && !stream.destroyed) {
          written += 1;
          if (!stream.write(chunk)) {
            stream.once('drain', more);
            return;
          }
        }
        stream.end();
      };
      more();
    });
    const http = openPort();
    let exchange: HttpExchange | null = null;
    let total = 0;
    const whole = new Promise<void>((resolve, reject) => {
      exchange = http.request(
        { method: 'GET', url: `${peer.url}/`, headers: [], body: null },
        {
          onHead() {
            exchange?.pause();
          },
          onBytes(bytes) {
            total += bytes.length;
          },
          onEnd: resolve,
          onError: reject,
        },
      );
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(written).toBeLessThan(48);
    expect(total).toBeLessThan(256 * 1024);
    (exchange as HttpExchange | null)?.resume();
    await whole;
    expect(total).toBe(64 * chunk.length);
  });

  it('is decoded where it is compressed, and judged by its length where that is told', async () => {
    const peer = await serve((stream, path) => {
      if (path === '/gzip') {
        stream.respond({ ':status': 200, 'content-encoding': 'gzip' });
        stream.end(gzipSync('hello'));
      } else {
        stream.respond({ ':status': 200, 'content-length': '100' });
        stream.write('short');
        setTimeout(() => stream.close(0), 50);
      }
    });
    const http = openPort(true);
    expect(await ask(http, `${peer.url}/gzip`)).toMatchObject({ text: 'hello', failure: null });
    expect((await ask(http, `${peer.url}/short`)).failure).toMatchObject({ phase: 'body' });
  });

  it('behaviour 5: a destroyed exchange leaves no connection behind', async () => {
    const peer = await serve((stream) => {
      stream.respond({ ':status': 200 });
      stream.write('data');
    });
    const http = openPort();
    let closed = 0;
    peer.server.on('session', (session) =>
      session.on('close', () => {
        closed += 1;
      }),
    );
    for (let n = 0; n < 3; n += 1) {
      await new Promise<void>((resolve) => {
        void ask(http, `${peer.url}/`, {
          onText(_, exchange) {
            exchange.destroy();
            resolve();
          },
        });
      });
    }
    await vi.waitFor(() => expect(closed).toBe(3), 3000);
  });
});
