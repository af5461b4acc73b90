import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, createGzip, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { createSystemClock } from '../../node/clock';
import { noDress } from '../core/credential';
import { badEncodingCode, bodyCutCode, type HttpExchange, type NetworkFailure } from '../core/network';
import { createFakeClock } from '../simulation/fake-clock';
import { createCookieJar } from './cookie-jar';
import { createDialler } from './dialler';
import { createHttpPort } from './http-port';
import { plainRequests, type RequestProfile } from './profile';
import { createSocketPort } from './socket-port';

const clock = createSystemClock();
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handle);
  new WebSocketServer({ server }).on('connection', (socket, request) => {
    socket.send(JSON.stringify({ url: request.url, headers: request.headers }));
    socket.on('message', (data) => socket.send(String(data)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function portOf(profile: Partial<RequestProfile>) {
  const whole = { ...plainRequests, ...profile };
  const dial = createDialler({ clock });
  const http = createHttpPort({ dial, clock, profile: whole });
  closers.push(() => http.close());
  return { http, socket: createSocketPort({ dial, clock, profile: whole }) };
}

describe('subprotocols', () => {
  /** A server of its own: what it was offered, and what it answers. */
  async function handshake(
    offered: readonly string[],
    own: readonly string[],
    chosen: (all: Set<string>) => string | false,
  ) {
    const server = createServer();
    const seen: (string | undefined)[] = [];
    new WebSocketServer({ server, handleProtocols: chosen }).on('connection', (_socket, request) => {
      seen.push(request.headers['sec-websocket-protocol']);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    const told: (string | null)[] = [];
    const { socket } = portOf({ subprotocols: offered, onSubprotocol: (name) => told.push(name) });
    const outcome = await new Promise<string>((resolve) => {
      const exchange = socket.open(
        { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, headers: [], subprotocols: own },
        {
          onOpen: (_head, _timings, name) => resolve(`open ${name}`),
          onError: ({ message }) => resolve(message),
          onRefused: ({ status }) => resolve(String(status)),
          onMessage() {},
          onPing() {},
          onPong() {},
          onClose() {},
        },
      );
      closers.push(() => exchange.destroy());
    });
    return { outcome, seen, told };
  }

  it('promise 24: those of a source go out in the handshake, behind the protocol’s own, and the choice is told', async () => {
    expect(await handshake(['mqtt', 'b'], [], (all) => [...all][1] ?? false)).toEqual({
      outcome: 'open b',
      seen: ['mqtt,b'],
      told: ['b'],
    });
    expect((await handshake(['mqtt', 'own'], ['own'], () => 'own')).seen).toEqual(['own,mqtt']);
    expect(await handshake([], [], () => false)).toEqual({ outcome: 'open ', seen: [undefined], told: [null] });
  });

  it('promise 24: a server that chooses none of them is not spoken to, and that is said', async () => {
    expect((await handshake(['mqtt'], [], () => false)).outcome).toContain('no subprotocol');
  });
});

function get(
  http: ReturnType<typeof portOf>['http'],
  url: string,
  onBytes?: (total: number, self: HttpExchange) => void,
) {
  return new Promise<{ readonly status: number; readonly text: string } | NetworkFailure>((resolve) => {
    let status = 0;
    let text = '';
    let total = 0;
    const exchange = http.request(
      { method: 'GET', url, headers: [], body: null },
      {
        onHead: (head) => {
          status = head.status;
        },
        onBytes: (chunk) => {
          total += chunk.length;
          if (onBytes) onBytes(total, exchange);
          else text += Buffer.from(chunk).toString();
        },
        onEnd: () => resolve({ status, text }),
        onError: resolve,
      },
    );
  });
}

const echo = (request: IncomingMessage, response: ServerResponse) =>
  response.end(JSON.stringify({ url: request.url, headers: request.headers }));

describe('requests of a source', () => {
  it('wear the credential, the profile’s headers and cookies, over HTTP and WebSocket alike', async () => {
    const base = await serve(echo);
    const { http, socket } = portOf({
      headers: [['x-site', 'north']],
      dress: async () => ({
        headers: [['authorization', 'Bearer t1']],
        query: [['key', 'a b']],
        cookies: [['session', 's1']],
      }),
    });
    const expected = {
      url: '/feed?x=1&key=a+b',
      headers: expect.objectContaining({ authorization: 'Bearer t1', 'x-site': 'north', cookie: 'session=s1' }),
    };
    const answer = await get(http, `${base}/feed?x=1`);
    expect(JSON.parse('text' in answer ? answer.text : '{}')).toEqual(expected);
    const said: string[] = [];
    await new Promise<void>((resolve) => {
      const exchange = socket.open(
        { url: `${base.replace('http', 'ws')}/feed?x=1`, headers: [], subprotocols: [] },
        {
          onOpen() {},
          onMessage(data) {
            said.push(String(data));
            exchange.destroy();
            resolve();
          },
          onPing: () => {},
          onPong: () => {},
          onRefused: () => resolve(),
          onClose: () => resolve(),
          onError: () => resolve(),
        },
      );
    });
    expect(JSON.parse(said[0] ?? '{}')).toEqual(expected);
  });

  it('fill in the places of secrets in a message that says that it has some, and never in what a person typed', async () => {
    const base = await serve(echo);
    const { socket } = portOf({
      dress: async () => ({ ...noDress, fillMessage: (text) => text.replace('*secret.n*', 'me') }),
    });
    const said: string[] = [];
    await new Promise<void>((resolve) => {
      const exchange = socket.open(
        { url: `${base.replace('http', 'ws')}/feed`, headers: [], subprotocols: [] },
        {
          onOpen() {
            exchange.send('{"login":"*secret.n*"}', () => {}, true);
            exchange.send('*secret.n*', () => {});
          },
          onMessage(data) {
            said.push(String(data));
            if (said.length < 3) return;
            exchange.destroy();
            resolve();
          },
          onPing: () => {},
          onPong: () => {},
          onRefused: () => resolve(),
          onClose: () => resolve(),
          onError: () => resolve(),
        },
      );
    });
    expect(said.slice(1)).toEqual(['{"login":"me"}', '*secret.n*']);
  });

  it('a credential goes nowhere but to the origin it is for', async () => {
    const other = await serve(echo);
    const base = await serve((request, response) => {
      if (request.url?.startsWith('/away')) response.writeHead(302, { location: `${other}/there` }).end();
      else if (request.url?.startsWith('/here')) response.writeHead(302, { location: '/end' }).end();
      else echo(request, response);
    });
    const { http } = portOf({
      headers: [['x-site', 'north']],
      dress: async () => ({
        ...noDress,
        headers: [['x-key', 'secret']],
        query: [['token', 'secret']],
        cookies: [['session', 'secret']],
      }),
    });
    const within = await get(http, `${base}/here`);
    expect(JSON.parse('text' in within ? within.text : '{}')).toMatchObject({
      url: '/end?token=secret',
      headers: { 'x-key': 'secret', cookie: 'session=secret' },
    });
    const away = await get(http, `${base}/away`);
    expect('text' in away && away.text).not.toMatch(/secret|north/);
  });

  it('behaviour 10: no credential, no request', async () => {
    let asked = 0;
    const base = await serve((request, response) => {
      asked += 1;
      echo(request, response);
    });
    const { http } = portOf({ dress: () => Promise.reject(new Error('the token service answered 500')) });
    expect(await get(http, base)).toMatchObject({
      code: 'CREDENTIAL_FAILED',
      message: 'the token service answered 500',
    });
    expect(asked).toBe(0);
  });

  it('keeps cookies for the source that got them', async () => {
    const base = await serve((request, response) => {
      if (request.url === '/set')
        response.setHeader('set-cookie', ['a=1; Path=/', 'b=2; Path=/only', 'c=3; Max-Age=0']);
      echo(request, response);
    });
    const { http } = portOf({ jar: createCookieJar(Date.now) });
    await get(http, `${base}/set`);
    const answer = await get(http, `${base}/only/here`);
    expect(JSON.parse('text' in answer ? answer.text : '{}').headers.cookie).toBe('b=2; a=1');
    const { http: stranger } = portOf({ jar: createCookieJar(Date.now) });
    const other = await get(stranger, `${base}/only`);
    expect('text' in other && other.text).not.toContain('cookie');
  });

  it('asks for compression only where it is wanted, and decodes it', async () => {
    const base = await serve((request, response) => {
      const accepted = String(request.headers['accept-encoding'] ?? '');
      if (request.url === '/br' && accepted.includes('br')) {
        response.setHeader('content-encoding', 'br').end(brotliCompressSync('brotli'));
      } else if (accepted.includes('gzip')) response.setHeader('content-encoding', 'gzip').end(gzipSync('gzipped'));
      else response.end('plain');
    });
    const { http } = portOf({ compression: true });
    expect(await get(http, base)).toEqual({ status: 200, text: 'gzipped' });
    expect(await get(http, `${base}/br`)).toEqual({ status: 200, text: 'brotli' });
    expect(await get(portOf({}).http, base)).toEqual({ status: 200, text: 'plain' });
  });

  it('a compressed stream brings each piece when it was sent', async () => {
    const base = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      const gzip = createGzip();
      gzip.pipe(response);
      gzip.write('first');
      gzip.flush();
    });
    const { http } = portOf({ compression: true });
    await new Promise<void>((resolve) => {
      void get(http, base, (total, self) => {
        expect(total).toBe(5);
        self.destroy();
        resolve();
      });
    });
  });

  it('a bomb comes in small pieces, so that whoever counts can stop it', async () => {
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024));
    const base = await serve((_, response) => response.setHeader('content-encoding', 'gzip').end(bomb));
    const { http } = portOf({ compression: true });
    const taken = await new Promise<number>((resolve) => {
      void get(http, base, (total, self) => {
        if (total < 1_000_000) return;
        self.destroy();
        setTimeout(() => resolve(total), 200);
      });
    });
    expect(taken).toBeLessThan(1_100_000);
  });

  it('promise 13: rubbish in place of gzip, and encodings nobody offered, have names, and no head is told of them', async () => {
    const base = await serve((request, response) => {
      response.setHeader('content-encoding', request.url === '/odd' ? 'zstd' : 'gzip').end('rubbish');
    });
    const { http } = portOf({ compression: true });
    const told = async (url: string) => {
      const heads: number[] = [];
      const failure = await new Promise<NetworkFailure>((resolve, reject) => {
        http.request(
          { method: 'GET', url, headers: [], body: null },
          {
            onHead: ({ status }) => void heads.push(status),
            onBytes: () => {},
            onEnd: () => reject(new Error('it ended')),
            onError: resolve,
          },
        );
      });
      return { heads, ...failure };
    };
    expect(await told(base)).toMatchObject({
      heads: [],
      phase: 'body',
      code: badEncodingCode,
      message: 'Content-Encoding: gzip, incorrect header check',
    });
    expect(await told(`${base}/odd`)).toMatchObject({
      heads: [],
      phase: 'body',
      code: badEncodingCode,
      message: 'Content-Encoding: zstd, which was not offered',
    });
  });

  it.each(['gzip', 'zstd'])(
    'promise 13: a refusal keeps its status though its %s page cannot be decoded',
    async (coding) => {
      const base = await serve((_, response) => response.writeHead(503, { 'content-encoding': coding }).end('rubbish'));
      const statuses: number[] = [];
      await new Promise<void>((resolve) => {
        portOf({}).http.request(
          { method: 'GET', url: base, headers: [], body: null },
          {
            onHead: ({ status }) => void statuses.push(status),
            onBytes() {},
            onEnd: resolve,
            onError: () => resolve(),
          },
        );
      });
      expect(statuses).toEqual([503]);
    },
  );

  it('promise 13: no body is no broken one, and one that ends too early was cut', async () => {
    const whole = gzipSync('x'.repeat(200_000), { level: 0 });
    const base = await serve((request, response) => {
      const status = request.url === '/304' ? 304 : 200;
      response.writeHead(status, { 'content-encoding': 'gzip' });
      response.end(request.url === '/short' ? whole.subarray(0, 150_000) : undefined);
    });
    const { http } = portOf({});
    expect(await get(http, `${base}/304`)).toEqual({ status: 304, text: '' });
    expect(await get(http, `${base}/empty`)).toEqual({ status: 200, text: '' });
    expect(await get(http, `${base}/short`)).toMatchObject({ phase: 'body', code: bodyCutCode });
  });

  it('promise 13: a compressed stream that says nothing yet is told of after a while, and leaves no timer', async () => {
    const base = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.flushHeaders();
    });
    const fake = createFakeClock();
    const http = createHttpPort({ dial: createDialler({ clock }), clock: fake });
    closers.push(() => http.close());
    const heads: number[] = [];
    const ask = () =>
      http.request(
        { method: 'GET', url: base, headers: [], body: null },
        { onHead: ({ status }) => void heads.push(status), onBytes() {}, onEnd() {}, onError() {} },
      );
    const first = ask();
    await vi.waitFor(() => expect(fake.pending()).toBe(1), 5_000);
    expect(heads).toEqual([]);
    fake.advance(5_000);
    expect(heads).toEqual([200]);
    first.destroy();
    const second = ask();
    await vi.waitFor(() => expect(fake.pending()).toBe(1), 5_000);
    second.destroy();
    expect(fake.pending()).toBe(0);
  });
});

describe('cookies', () => {
  const at = (text: string) => new URL(text);
  const jarWith = async (url: string, ...cookies: readonly string[]) => {
    const jar = createCookieJar(() => 1_000_000);
    await jar.ready();
    jar.take(at(url), { status: 200, headers: cookies.map((cookie) => ['set-cookie', cookie] as const) });
    return jar;
  };

  /** What comes back to the same address of a cookie that was set there. */
  const kept = async (url: string, cookie: string) => (await jarWith(url, cookie)).headerFor(at(url));

  it('go to the paths they are for, at the scheme, host and port that set them', async () => {
    const jar = await jarWith('https://a.feed.test/x/y', 'h=1', 'd=2; Domain=feed.test; Path=/', 's=3; Secure; Path=/');
    expect(jar.headerFor(at('https://a.feed.test/x/z'))).toBe('h=1; d=2; s=3');
    expect(jar.headerFor(at('wss://a.feed.test/'))).toBe('d=2; s=3');
    for (const url of ['b.feed.test', 'feed.test', 'a.feed.test:8443', 'feed.test.evil', 'a.feed.test.']) {
      expect(jar.headerFor(at(`https://${url}/x/z`))).toBe('');
    }
    expect(jar.headerFor(at('http://a.feed.test/x/z'))).toBe('');
  });

  it('hostile 2: of one origin never meet those of another, whichever was first', async () => {
    const jar = await jarWith('https://feed.test/', 'id=mine');
    jar.take(at('https://feed.test:8443/'), { status: 302, headers: [['set-cookie', 'id=theirs']] });
    jar.take(at('http://feed.test/'), { status: 302, headers: [['set-cookie', 'id=open; Domain=feed.test']] });
    expect(jar.headerFor(at('https://feed.test/'))).toBe('id=mine');
    expect(jar.headerFor(at('https://feed.test:8443/'))).toBe('id=theirs');
    expect(jar.headerFor(at('ws://feed.test/'))).toBe('id=open');
  });

  it('hostile 2: are refused for a public suffix, and for strangers', async () => {
    for (const suffix of ['co.uk', 'github.io', 'test', 'com', '.com']) {
      expect(await kept(`https://feed.${suffix.replace(/^\./, '')}/`, `a=1; Domain=${suffix}`)).toBe('');
    }
    expect(await kept('https://www.feed.co.uk/', 'a=1; Domain=feed.co.uk')).toBe('a=1');
    expect(await kept('https://www.feed.co.uk/', 'a=1; Domain=other.co.uk')).toBe('');
    expect(await kept('https://www.feed.co.uk/', 'a=1; Domain=a.www.feed.co.uk')).toBe('');
  });

  it('hostile 2: with Secure or a prefix are taken only where that is earned', async () => {
    expect(await kept('http://feed.test/', 'a=1; Secure')).toBe('');
    expect(await kept('http://localhost/', 'a=1; Secure')).toBe('');
    expect(await kept('https://feed.test/', '__Secure-a=1')).toBe('');
    expect(await kept('https://feed.test/', '__Secure-a=1; Secure')).toBe('__Secure-a=1');
    expect(await kept('https://feed.test/', '__Host-a=1; Secure')).toBe('');
    expect(await kept('https://feed.test/', '__Host-a=1; Secure; Path=/; Domain=feed.test')).toBe('');
    expect(await kept('http://feed.test/', '__Host-a=1; Secure; Path=/')).toBe('');
    expect(await kept('https://feed.test/', '__Host-a=1; Secure; Path=/')).toBe('__Host-a=1');
    // Servers compare names in any spelling, and so does the standard (RFC 6265bis §5.7) with prefixes.
    for (const prefix of ['__host-', '__HOST-', '__secure-', '__Http-', '__Host-Http-']) {
      expect(await kept('https://feed.test/', `${prefix}a=1; Path=/`), prefix).toBe('');
      expect(await kept('http://feed.test/', `${prefix}a=1; Path=/; Secure; HttpOnly`), prefix).toBe('');
      expect(await kept('https://feed.test/', `${prefix}a=1; Path=/; Secure; HttpOnly`)).toBe(`${prefix}a=1`);
    }
    expect(await kept('https://feed.test/', '__host-a=1; Path=/; Secure; Domain=feed.test')).toBe('');
    expect(await kept('https://feed.test/', '__Http-a=1; Path=/; Secure')).toBe('');
    expect(await kept('https://feed.test/', '=__Host-a=1; Path=/; Secure')).toBe('');
  });

  it('hostile 2: are bounded in number and length, and no name is a key of an object', async () => {
    const many = Array.from({ length: 80 }, (_, at) => `c${at}=1`);
    const jar = await jarWith('https://feed.test/', ...many, `long=${'x'.repeat(5000)}`);
    expect(jar.headerFor(at('https://feed.test/')).split('; ')).toEqual(many.slice(-50));
    for (let host = 0; host < 30; host += 1) {
      jar.take(at(`https://h${host}.test/`), { status: 200, headers: [['set-cookie', '__proto__=1; Path=/']] });
    }
    expect(jar.headerFor(at('https://h29.test/'))).toBe('__proto__=1');
    expect(jar.headerFor(at('https://h0.test/'))).toBe('');
    expect(await kept('https://feed.test/', 'a=1\u007f')).toBe('');
  });

  it('end when they are told to, also when they were sent meanwhile', async () => {
    let now = 1_000_000;
    const jar = createCookieJar(() => now);
    await jar.ready();
    const take = (cookie: string) => jar.take(at('http://h/'), { status: 200, headers: [['set-cookie', cookie]] });
    take('a=1; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT');
    expect(jar.headerFor(at('http://h/'))).toBe('a=1');
    now += 10_000;
    expect(jar.headerFor(at('http://h/'))).toBe('');
    take('b=1');
    take('b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT');
    expect(jar.headerFor(at('http://h/'))).toBe('');
  });
});
