import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { createSystemClock } from '../../node/clock';
import type { HttpHead, NetworkFailure } from '../core/network';
import { createDialler } from './dialler';
import { proxyFromEnvironment } from './environment';
import { direct, type Hop, hopOf, hopsOf, type ProxyLogin } from './hop';
import { createHttpPort } from './http-port';
import { type DialProfile, plainTls } from './profile';
import { createSocketPort } from './socket-port';
import { type CertificateDesk, type Issued, openCertificateDesk } from './testing/certificates';
import { startHttpProxy } from './testing/http-proxy';
import { startSocksProxy } from './testing/socks-proxy';

const clock = createSystemClock();
const hosts = { 'feed.test': '127.0.0.1' };
let desk: CertificateDesk;
let authority: Issued;
let leaf: Issued;
const servers: HttpServer[] = [];
let plain = 0;
let secure = 0;

async function serve(server: HttpServer): Promise<number> {
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => socket.send(`ws ${request.headers.host} ${request.url}`));
  server.on('request', (request, response) => response.end(`http ${request.headers.host} ${request.url}`));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  desk = openCertificateDesk();
  authority = desk.issue({ name: 'Test authority', authority: true });
  leaf = desk.issue({ name: 'feed.test', names: ['feed.test', 'proxy.test', '127.0.0.1'], issuer: authority });
  plain = await serve(createHttpServer());
  secure = await serve(createHttpsServer({ key: leaf.key, cert: leaf.certificate }) as unknown as HttpServer);
});
afterAll(() => {
  desk.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

function profileOf(hops: readonly Hop[]): DialProfile {
  return {
    route: async () => hops,
    tls: () => ({ ...plainTls, ca: authority.certificate }),
    connectTo: null,
    http2: false,
  };
}

/** What the feed said over HTTP and over WebSocket, or why it did not. */
async function ask(hops: readonly Hop[], tls: boolean): Promise<readonly (string | NetworkFailure)[]> {
  const dial = createDialler({ clock, profile: profileOf(hops) });
  const http = createHttpPort({ dial, clock });
  const socket = createSocketPort({ dial, clock });
  const port = tls ? secure : plain;
  const answers = await Promise.all([
    new Promise<string | NetworkFailure>((resolve) => {
      let text = '';
      http.request(
        { method: 'GET', url: `http${tls ? 's' : ''}://feed.test:${port}/a?b=1`, headers: [], body: null },
        {
          onHead: (head: HttpHead) => {
            if (head.status !== 200) text = `status ${head.status}: `;
          },
          onBytes: (chunk) => {
            text += Buffer.from(chunk).toString();
          },
          onEnd: () => resolve(text),
          onError: resolve,
        },
      );
    }),
    new Promise<string | NetworkFailure>((resolve) => {
      const exchange = socket.open(
        { url: `ws${tls ? 's' : ''}://feed.test:${port}/a?b=1`, headers: [], subprotocols: [] },
        {
          onOpen: () => {},
          onMessage: (data) => {
            resolve(String(data));
            exchange.destroy();
          },
          onPing: () => {},
          onPong: () => {},
          onRefused: (head) => resolve(`status ${head.status}`),
          onClose: (code) => resolve(`closed ${code}`),
          onError: resolve,
        },
      );
    }),
  ]);
  http.close();
  return answers;
}

const good = (port: number) => [`http feed.test:${port} /a?b=1`, `ws feed.test:${port} /a?b=1`];
const login: ProxyLogin = { user: 'me', password: 'p:w' };

describe('proxies', () => {
  it('an HTTP proxy gets http:// in absolute form and everything else by CONNECT', async () => {
    const proxy = await startHttpProxy({ hosts });
    const hop = hopOf(`http://127.0.0.1:${proxy.port}`) as Hop;
    expect(await ask([hop], false)).toEqual(good(plain));
    expect(proxy.asked).toEqual(
      expect.arrayContaining([`GET http://feed.test:${plain}/a?b=1`, `CONNECT feed.test:${plain}`]),
    );
    expect(await ask([hop], true)).toEqual(good(secure));
    expect(proxy.asked.filter((line) => line === `CONNECT feed.test:${secure}`)).toHaveLength(2);
    await expect.poll(proxy.open).toBe(0);
    await proxy.close();
  });

  it('TLS to the proxy, with TLS to the feed inside it', async () => {
    const proxy = await startHttpProxy({ hosts, tls: { key: leaf.key, cert: leaf.certificate } });
    const hop = hopOf(`https://127.0.0.1:${proxy.port}`) as Hop;
    expect(await ask([hop], false)).toEqual(good(plain));
    expect(await ask([hop], true)).toEqual(good(secure));
    await proxy.close();
  });

  it('SOCKS 5, by name, with and without a login', async () => {
    const open = await startSocksProxy({ hosts });
    expect(await ask(hopsOf(`SOCKS5 127.0.0.1:${open.port}`), false)).toEqual(good(plain));
    expect(open.asked).toContain(`feed.test:${plain}`);
    await open.close();
    const closed = await startSocksProxy({ hosts, login });
    const address = `socks5://127.0.0.1:${closed.port}`;
    expect(await ask([hopOf(address, login) as Hop], true)).toEqual(good(secure));
    for (const wrong of [null, { user: 'me', password: 'no' }]) {
      for (const answer of await ask([hopOf(address, wrong) as Hop], false)) {
        expect(answer).toMatchObject({ phase: 'proxy', code: 'PROXY_AUTH_REQUIRED', proxy: { address } });
      }
    }
    await closed.close();
  });

  it('what a proxy refuses is a failure of the proxy, in the same words over HTTP and WebSocket', async () => {
    const proxy = await startHttpProxy({ answer: () => ({ status: 403, text: 'Filtered' }), login: 'me:p:w' });
    const address = `http://127.0.0.1:${proxy.port}`;
    for (const tls of [false, true]) {
      const without = await ask([hopOf(address) as Hop], tls);
      for (const answer of without) {
        expect(answer).toMatchObject({ code: 'PROXY_AUTH_REQUIRED', proxy: { address, status: 407 } });
      }
      const [http, websocket] = await ask([hopOf(address, login) as Hop], tls);
      expect(http).toMatchObject({ proxy: { address, status: 403, message: 'it answered 403 Filtered' } });
      expect(websocket).toEqual(http);
    }
    await proxy.close();
  });

  it('a login that is not spoken here is told from a wrong one, by the names the proxy gives it', async () => {
    const windows = await startHttpProxy({ login: 'a:b', asks: ['Negotiate', 'NTLM'] });
    const mixed = await startHttpProxy({ login: 'a:b', asks: ['Digest realm="a, b", qop="auth", Basic realm="c"'] });
    for (const tls of [false, true]) {
      for (const answer of await ask([hopOf(`http://127.0.0.1:${windows.port}`, login) as Hop], tls)) {
        expect(answer).toMatchObject({ code: 'PROXY_AUTH_UNSUPPORTED', proxy: { status: 407 } });
        expect(typeof answer === 'object' && answer.message).toContain('asks for Negotiate or NTLM');
      }
      for (const answer of await ask([hopOf(`http://127.0.0.1:${mixed.port}`, login) as Hop], tls)) {
        expect(answer).toMatchObject({ code: 'PROXY_AUTH_REQUIRED' });
        expect(typeof answer === 'object' && answer.message).toContain('asks for Digest or Basic');
      }
    }
    await windows.close();
    await mixed.close();
  });

  it('a proxy that cannot be reached gives way to the next one, and is named when it was the last', async () => {
    const gone = await startHttpProxy();
    await gone.close();
    const proxy = await startHttpProxy({ hosts });
    const dead = `PROXY 127.0.0.1:${gone.port}`;
    expect(await ask(hopsOf(`${dead}; PROXY 127.0.0.1:${proxy.port}`), true)).toEqual(good(secure));
    await proxy.close();
    for (const answer of await ask(hopsOf(dead), false)) {
      expect(answer).toMatchObject({
        phase: 'proxy',
        code: 'ECONNREFUSED',
        proxy: { address: `http://127.0.0.1:${gone.port}`, message: 'it could not be reached (ECONNREFUSED)' },
      });
    }
  });

  it('a server that is no proxy is told from one', async () => {
    for (const answer of await ask(hopsOf(`SOCKS5 127.0.0.1:${plain}`), true)) {
      expect(answer).toMatchObject({ phase: 'proxy', code: 'PROXY_NO_SOCKS' });
    }
  });
});

describe('where to go', () => {
  it('reads a PAC answer, passing over what it does not know', () => {
    expect(hopsOf('PROXY a:3128; SOCKS5 [::1]:99;QUIC q:1;https://me:p%3Aw@b ; DIRECT')).toEqual([
      { kind: 'http', host: 'a', port: 3128, login: null },
      { kind: 'socks5', host: '::1', port: 99, login: null },
      { kind: 'https', host: 'b', port: 443, login },
      direct,
    ]);
    expect(hopsOf('')).toEqual([direct]);
    expect(hopsOf('SOCKS s:1')).toEqual([{ kind: 'socks4', host: 's', port: 1, login: null }]);
  });

  it('reads the environment as curl does, and never sends this machine to a proxy', async () => {
    const resolve = proxyFromEnvironment({
      HTTPS_PROXY: 'http://secure:1',
      http_proxy: 'plain:2',
      HTTP_PROXY: 'http://shadowed:3',
      NO_PROXY: '.inside.test, 10.0.0.0/8 exact.test:8443,[::2]',
    });
    const answers: Record<string, string> = {
      'https://h/': 'http://secure:1',
      'http://h/': 'http://plain:2',
      'https://a.inside.test/': 'DIRECT',
      'https://inside.test/': 'DIRECT',
      'https://notinside.test/': 'http://secure:1',
      'https://10.200.3.4/': 'DIRECT',
      'https://11.0.0.1/': 'http://secure:1',
      'https://exact.test:8443/': 'DIRECT',
      'https://exact.test/': 'http://secure:1',
      'https://[::2]/': 'DIRECT',
      'https://127.0.0.1:1/': 'DIRECT',
      'http://localhost/': 'DIRECT',
    };
    for (const [url, answer] of Object.entries(answers)) expect([url, await resolve(url)]).toEqual([url, answer]);
    expect(await proxyFromEnvironment({ ALL_PROXY: 'socks5://s:1', NO_PROXY: '*' })('http://h/')).toBe('DIRECT');
    expect(await proxyFromEnvironment({ ALL_PROXY: 'socks5://s:1' })('http://h/')).toBe('socks5://s:1');
  });
});
