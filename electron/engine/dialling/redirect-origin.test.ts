import { X509Certificate } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { createSystemClock } from '../../node/clock';
import type { NetworkFailure } from '../core/network';
import { createCookieJar } from './cookie-jar';
import { createDialler } from './dialler';
import { direct } from './hop';
import { createHttpPort } from './http-port';
import { type DialProfile, plainRequests, plainTls, type TlsProfile } from './profile';
import { createSocketPort } from './socket-port';
import { type CertificateDesk, type Issued, openCertificateDesk } from './testing/certificates';

/** What a server was shown by a request. */
interface Shown {
  readonly server: string;
  readonly path: string;
  /** Name in the client certificate; null where none was presented. */
  readonly client: string | null;
  /** The name asked for in the handshake of TLS. */
  readonly name: string;
  readonly headers: IncomingMessage['headers'];
}

const clock = createSystemClock();
const closers: (() => void)[] = [];
const shown: Shown[] = [];
let desk: CertificateDesk;
let authority: Issued;
let client: Issued;

beforeAll(() => {
  desk = openCertificateDesk();
  authority = desk.issue({ name: 'Test authority', authority: true });
  client = desk.issue({ name: 'me', issuer: authority });
});
afterAll(() => {
  for (const close of closers) close();
  desk.close();
});

function look(server: string, { socket, url, headers }: IncomingMessage): void {
  if (!(socket instanceof TLSSocket)) throw new Error('No TLS.');
  const name: unknown = socket.servername;
  shown.push({
    server,
    path: url ?? '',
    client: [socket.getPeerCertificate().subject?.CN ?? null].flat()[0] ?? null,
    name: typeof name === 'string' ? name : '',
    headers,
  });
}

/** A server over TLS that asks for a client certificate and takes any, or none. */
async function serve(server: string, own: Issued, answer: RequestListener): Promise<number> {
  const http = createServer({
    key: own.key,
    cert: own.certificate,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: false,
  });
  http.on('request', (request, response) => {
    look(server, request);
    answer(request, response);
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (all) => [...all][0] ?? false });
  http.on('upgrade', (request, socket, head) => {
    look(server, request);
    if (server === 'there') sockets.handleUpgrade(request, socket, head, (opened) => opened.send('hello'));
    else socket.end(`HTTP/1.1 307 Go\r\nLocation: ${request.url?.slice(1)}\r\nContent-Length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    http.closeAllConnections();
    http.close();
  });
  return (http.address() as AddressInfo).port;
}

const leaf = (names: readonly string[]) => desk.issue({ name: names[0] ?? '', names, issuer: authority });

/** The request's path is where the answer leads. */
const leadOn: RequestListener = (request, response) => {
  response.writeHead(307, { location: request.url?.slice(1) ?? '', 'set-cookie': 'first=1; Path=/' }).end();
};

function portsOf(tls: Partial<TlsProfile>, connectTo: DialProfile['connectTo'] = null) {
  const dial = createDialler({
    clock,
    profile: {
      route: async () => [direct],
      tls: () => ({ ...plainTls, ca: authority.certificate, ...tls }),
      connectTo,
      http2: false,
    },
  });
  const profile = {
    ...plainRequests,
    jar: createCookieJar(Date.now),
    headers: [['x-site', 'secret']] as const,
    subprotocols: ['secret'],
    dress: async () => ({
      headers: [['authorization', 'Bearer secret']] as const,
      query: [['key', 'secret']] as const,
      cookies: [['session', 'secret']] as const,
    }),
  };
  const http = createHttpPort({ dial, clock, profile });
  closers.push(() => http.close());
  return { http, socket: createSocketPort({ dial, clock, profile }) };
}

function get({ http }: ReturnType<typeof portsOf>, url: string): Promise<number | NetworkFailure> {
  return new Promise((resolve) => {
    let status = 0;
    http.request(
      { method: 'GET', url, headers: [['x-own', 'secret']], body: null },
      {
        onHead: (head) => {
          status = head.status;
        },
        onBytes() {},
        onEnd: () => resolve(status),
        onError: resolve,
      },
    );
  });
}

/** Opens a WebSocket and says what came of it. */
function open({ socket }: ReturnType<typeof portsOf>, url: string): Promise<string> {
  return new Promise((resolve) => {
    const exchange = socket.open(
      { url, headers: [['x-own', 'secret']], subprotocols: ['json'] },
      {
        onOpen: ({ elsewhere }, _timings, chosen) => {
          exchange.destroy();
          resolve(`open ${chosen}${elsewhere ? ' elsewhere' : ''}`);
        },
        onMessage() {},
        onPing() {},
        onPong() {},
        onRefused: ({ status }) => resolve(String(status)),
        onClose: (code) => resolve(String(code)),
        onError: ({ message }) => resolve(message),
      },
    );
  });
}

describe('a redirect to another origin', () => {
  it('hostile 2: takes no cookie along and brings none back', async () => {
    const there = await serve('there', leaf(['127.0.0.1']), (_request, response) => {
      response.setHeader('set-cookie', ['theirs=1; Path=/', 'wide=1; Path=/; Domain=127.0.0.1']).end('there');
    });
    const here = await serve('here', leaf(['127.0.0.1']), leadOn);
    const ports = portsOf({});
    shown.length = 0;
    for (let round = 0; round < 2; round += 1) {
      expect(await get(ports, `https://127.0.0.1:${here}/https://127.0.0.1:${there}/feed`)).toBe(200);
    }
    expect(shown.map(({ server, headers }) => [server, headers.cookie])).toEqual([
      ['here', 'session=secret'],
      ['there', undefined],
      ['here', 'session=secret; first=1'],
      ['there', 'theirs=1; wide=1'],
    ]);
  });

  it('hostile 2: presents no client certificate there, and none of what was entered, over HTTP and WebSocket alike', async () => {
    const here = await serve('here', leaf(['127.0.0.1']), leadOn);
    const there = await serve('there', leaf(['127.0.0.1']), (_request, response) => response.end('there'));
    const ports = portsOf({ certificate: client.certificate, key: client.key });
    shown.length = 0;
    expect(await get(ports, `https://127.0.0.1:${here}/https://127.0.0.1:${there}/feed`)).toBe(200);
    expect(await open(ports, `wss://127.0.0.1:${here}/https://127.0.0.1:${there}/feed`)).toBe('open json elsewhere');
    expect(shown.map(({ server, client: who }) => [server, who])).toEqual([
      ['here', 'me'],
      ['there', null],
      ['here', 'me'],
      ['there', null],
    ]);
    const away = shown.filter(({ server }) => server === 'there');
    expect(JSON.stringify(away)).not.toContain('secret');
    expect(JSON.stringify(away)).not.toContain('first=1');
    expect(JSON.stringify(shown.filter(({ server }) => server === 'here'))).toContain('Bearer secret');
  });

  it('hostile 2: has a connection of its own, also where the source has one to that origin itself', async () => {
    const here = await serve('here', leaf(['127.0.0.1']), leadOn);
    const there = await serve('there', leaf(['127.0.0.1']), (_request, response) => response.end('there'));
    const ports = portsOf({ certificate: client.certificate, key: client.key });
    shown.length = 0;
    expect(await get(ports, `https://127.0.0.1:${there}/own`)).toBe(200);
    expect(await get(ports, `https://127.0.0.1:${here}/https://127.0.0.1:${there}/led`)).toBe(200);
    expect(await get(ports, `https://127.0.0.1:${there}/own`)).toBe(200);
    expect(shown.filter(({ server }) => server === 'there').map(({ client: who }) => who)).toEqual(['me', null, 'me']);
  });

  it('hostile 2: is dialled where it says, under its own name, and judged by its own certificate', async () => {
    const there = await serve('there', leaf(['127.0.0.1']), (_request, response) => response.end('there'));
    const hereLeaf = leaf(['feed.test']);
    const here = await serve('here', hereLeaf, leadOn);
    shown.length = 0;
    const moved = portsOf({ serverName: 'feed.test' }, { host: '127.0.0.1', port: here });
    expect(await get(moved, `https://elsewhere.test/https://127.0.0.1:${there}/feed`)).toBe(200);
    expect(shown.map(({ server, name }) => [server, name])).toEqual([
      ['here', 'feed.test'],
      ['there', ''],
    ]);
    const pinned = { fingerprint: fingerprintOf(hereLeaf) };
    expect(await get(portsOf(pinned), `https://127.0.0.1:${here}/https://127.0.0.1:${there}/feed`)).toBe(200);
    // The pinned certificate with another name is accepted at the source's own address, and at no other.
    const twin = await serve('twin', hereLeaf, (_request, response) => response.end('twin'));
    expect(await get(portsOf(pinned), `https://127.0.0.1:${here}/https://127.0.0.1:${twin}/feed`)).toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('hostile 2: stays another origin, also where it leads back', async () => {
    let here = 0;
    const there = await serve('middle', leaf(['127.0.0.1']), (_request, response) => {
      response.writeHead(307, { location: `https://127.0.0.1:${here}/end` }).end();
    });
    here = await serve('here', leaf(['127.0.0.1']), (request, response) => {
      if (request.url === '/end') response.end('end');
      else response.writeHead(307, { location: `https://127.0.0.1:${there}/` }).end();
    });
    shown.length = 0;
    const ports = portsOf({ certificate: client.certificate, key: client.key });
    expect(await get(ports, `https://127.0.0.1:${here}/start`)).toBe(200);
    expect(shown.map(({ path, client: who }) => [path, who])).toEqual([
      ['/start?key=secret', 'me'],
      ['/', null],
      ['/end', null],
    ]);
    expect(JSON.stringify(shown.slice(1))).not.toContain('secret');
  });
});

function fingerprintOf({ certificate }: Issued): string {
  return new X509Certificate(certificate).fingerprint256.replaceAll(':', '');
}
