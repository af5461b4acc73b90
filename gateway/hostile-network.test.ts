import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveConfig } from './config';
import { createStrangers } from './strangers';
import { start } from './testing/contract-kit';
import { ask } from './testing/independent-client';
import type { TestGateway } from './testing/start-gateway';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

interface Raw {
  readonly socket: Socket;
  text: string;
  readonly closed: Promise<true>;
}

function raw({ port }: TestGateway): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(found));
    const closed = new Promise<true>((done) => socket.once('close', () => done(true)));
    const found: Raw = { socket, text: '', closed };
    socket.on('data', (chunk) => {
      found.text += chunk.toString('latin1');
    });
    socket.once('error', reject);
    socket.on('error', () => {});
    sockets.push(socket);
  });
}

const handshake = (path: string, more = '') =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n${more}\r\n`;

const routes = ['', '/sse', '/poll', '/snapshot'];

describe('hostile 13: asking makes nothing', () => {
  it('no GET of a stream that is not there makes it, with or without a cursor, over any transport', async () => {
    const gateway = await start({ limits: { streams: 2 } });
    for (const route of [...routes, '/poll?after=e:1', '/sse?after=e:1', '/poll?last=5', '/poll?after=e:1&wait=1']) {
      const answer = await ask(`${gateway.streamUrl('made')}${route}`);
      expect([404, 503], route).toContain(answer.status);
    }
    await ask(`${gateway.streamUrl('made')}/sse`, { headers: { 'last-event-id': 'e:1' } });
    for (const query of ['', '?after=e:1']) {
      const client = await raw(gateway);
      client.socket.write(handshake(`/v1/made/ws${query}`));
      await client.closed;
      expect(client.text).toMatch(/^HTTP\/1\.1 (404|503) /);
    }
    expect((await ask(gateway.streamUrl('made'))).status).toBe(404);
    // Nor was its place taken.
    await gateway.publish('other', { type: 'a', data: 1 });
    expect(gateway.stats().clients).toEqual({ websocket: 0, sse: 0, longPoll: 0 });
  });

  it('who comes back with a cursor is told to come again, and resumes once there is a stream', async () => {
    const gateway = await start();
    const url = `${gateway.streamUrl('forgotten')}/poll?after=before:3`;
    expect(await ask(url)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      json: { error: { kind: 'not-yet' } },
    });
    await gateway.publishMany(2, 'forgotten');
    expect((await ask(url)).text).toContain('epoch-changed');
  });

  it.each(['cross-site', 'same-site'])(
    'a page that asks %s without naming an origin gets nothing and no place',
    async (site) => {
      const gateway = await start({ allowedOrigins: ['https://wall.example'] });
      const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' };
      for (const route of [...routes, '/poll?wait=30']) {
        const answer = await ask(`${gateway.streamUrl()}${route}`, { headers });
        expect(answer, route).toMatchObject({ status: 403, json: { error: { kind: 'forbidden-origin' } } });
      }
      const client = await raw(gateway);
      client.socket.write(handshake('/v1/test/ws', `Sec-Fetch-Site: ${site}\r\n`));
      await client.closed;
      expect(client.text).toMatch(/^HTTP\/1\.1 403 /);
      expect(gateway.stats().clients).toEqual({ websocket: 0, sse: 0, longPoll: 0 });
      for (const own of ['none', 'same-origin']) {
        expect((await ask(`${gateway.streamUrl()}/poll`, { headers: { 'sec-fetch-site': own } })).status).toBe(200);
      }
      const allowed = { ...headers, origin: 'https://wall.example' };
      expect((await ask(`${gateway.streamUrl()}/poll`, { headers: allowed })).status).toBe(200);
    },
  );

  it.each(['.', '..', 'a b', 'a/b', '%2e%2e', 'ä', 'x'.repeat(65), '', 'a\nb'])(
    'the name %j is refused before anything is made',
    async (name) => {
      const gateway = await start();
      const before = (await ask(`${gateway.url}/healthz`)).json;
      await expect(gateway.publish(name, { type: 'a', data: 1 })).rejects.toMatchObject({
        refusal: { kind: 'bad-stream' },
      });
      for (const query of ['', '?after=e:1']) {
        const client = await raw(gateway);
        client.socket.write(
          `GET /v1/${name.replace('\n', '%0a').replace(' ', '%20')}/poll${query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
        );
        await client.closed;
        expect(client.text).toMatch(/^HTTP\/1\.1 4\d\d /);
      }
      expect((await ask(`${gateway.url}/healthz`)).json).toEqual(before);
      expect(() => resolveConfig({ streams: [name] })).toThrow(/streams/);
    },
  );
});

describe('hostile 13: origins and hosts are compared whole', () => {
  const evil = [
    'evil-localhost.com',
    'localhost.evil.com',
    '127.0.0.1.evil.com',
    'evil.evil-localhost',
    'x.notlocalhost',
    'wall.example.evil.com',
    'evil-wall.example',
    'localhost.',
    '::1.evil.com',
  ];

  it.each(evil)('neither the host %s nor a page of it', async (name) => {
    const gateway = await start({ allowedOrigins: ['https://wall.example'] });
    const status = async (headers: Record<string, string>) =>
      (await ask(`${gateway.streamUrl()}/poll`, { headers })).status;
    for (const port of ['', `:${gateway.port}`]) {
      expect(await status({ host: `${name}${port}` })).toBe(403);
      expect(await status({ host: `${name}${port}`, origin: `http://${name}${port}` })).toBe(403);
      for (const scheme of ['http', 'https']) {
        expect(await status({ origin: `${scheme}://${name}${port}` })).toBe(403);
      }
    }
  });

  it('no origin that stands for many, and none but whole ones can be allowed', async () => {
    const gateway = await start({ allowedOrigins: ['https://Wall.example'] });
    const status = async (origin: string) => (await ask(`${gateway.streamUrl()}/poll`, { headers: { origin } })).status;
    expect(await status('https://wall.example')).toBe(200);
    for (const origin of [
      'null',
      '',
      'https://wall.example:444',
      'http://wall.example',
      'https://wall.example/',
      'https://wall.example.',
      'file://',
      `http://127.0.0.1:${gateway.port + 1}`,
      'http://127.0.0.1',
    ]) {
      expect(await status(origin), origin).toBe(403);
    }
    for (const origin of ['null', '*', 'https://*.example', 'wall.example', 'https://wall.example/', 'https://a@b']) {
      expect(() => resolveConfig({ allowedOrigins: [origin] }), origin).toThrow(/allowedOrigins/);
    }
  });
});

describe('hostile 13: sockets are few until a request was let in, and none is idle for long', () => {
  const token = 'right-token';
  const authorization = `Authorization: Bearer ${token}\r\n`;
  const headOf = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}\r\n`;

  it('of more than may be there the oldest goes, and those that were let in stay', async () => {
    const gateway = await start({ token, limits: { strangers: 3 } });
    const known = await raw(gateway);
    known.socket.write(headOf('/v1/test/poll', authorization));
    await expect.poll(() => known.text).toContain('200 OK');
    const first = await raw(gateway);
    const rest: Raw[] = [];
    for (let n = 0; n < 40; n += 1) rest.push(await raw(gateway));
    expect(await first.closed).toBe(true);
    await expect.poll(() => rest.filter(({ socket }) => !socket.destroyed).length).toBe(3);
    // Whoever has the token comes in however many wait, and who was in stays.
    const headers = { authorization: `Bearer ${token}` };
    expect((await ask(`${gateway.streamUrl()}/poll`, { headers })).status).toBe(200);
    known.text = '';
    known.socket.write(headOf('/v1/test/poll', authorization));
    await expect.poll(() => known.text).toContain('200 OK');
  });

  it.each([
    ['nothing', [], 0],
    ['half a head', ['GET /v1/test/poll HTTP/1.1\r\nHost: x\r\nX: '], 0],
    ['a handshake that never ends', [handshake('/v1/test/ws').slice(0, -2)], 0],
    ['a head byte by byte', Array.from('GET /v1/test/poll HTTP/1.1\r\nX: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy'), 20],
  ])('who sends %s is closed by a deadline', async (_, pieces, pauseMs) => {
    const gateway = await start({ token, limits: { requestMs: 100 } });
    const client = await raw(gateway);
    for (const piece of pieces) {
      if (client.socket.destroyed) break;
      client.socket.write(piece);
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    expect(await client.closed).toBe(true);
    expect(gateway.stats().clients.websocket).toBe(0);
  });

  it.each([
    ['without a token', headOf('/v1/test/poll'), 401],
    ['from a foreign page', headOf('/v1/test/poll', `${authorization}Origin: null\r\n`), 403],
    ['for /healthz alone', headOf('/healthz'), 200],
  ])('who asks %s keeps no place by it', async (_, request, status) => {
    const gateway = await start({ token });
    const client = await raw(gateway);
    client.socket.write(request);
    expect(await client.closed).toBe(true);
    expect(client.text).toContain(`HTTP/1.1 ${status} `);
    expect(client.text).toMatch(/\r\nconnection: close\r\n/i);
  });

  it('nor by asking beforehand, as a page does, again and again', async () => {
    const gateway = await start({ token, allowedOrigins: ['https://wall.example'], limits: { requestMs: 100 } });
    const client = await raw(gateway);
    const ask = 'Origin: https://wall.example\r\nAccess-Control-Request-Method: GET\r\n';
    const again = setInterval(() => client.socket.write(headOf('/v1/test/poll', ask).replace('GET', 'OPTIONS')), 20);
    expect(await client.closed).toBe(true);
    clearInterval(again);
    expect(client.text).toContain('HTTP/1.1 204 ');
  });

  it('a connection that was let in is kept for the next request', async () => {
    const gateway = await start({ token });
    const client = await raw(gateway);
    for (let n = 1; n <= 3; n += 1) {
      client.socket.write(headOf(n === 2 ? '/v1/nobody/poll' : '/v1/test/poll', authorization));
      await expect.poll(() => client.text.split('HTTP/1.1 ').length).toBe(n + 1);
    }
    expect(client.socket.destroyed).toBe(false);
  });

  it('leaves no timer behind', async () => {
    const strangers = createStrangers(2, 60_000);
    const gateway = await start();
    const clients = [await raw(gateway), await raw(gateway), await raw(gateway)];
    for (const { socket } of clients) strangers.opened(socket);
    expect(clients.map(({ socket }) => strangers.has(socket))).toEqual([false, true, true]);
    expect(clients[0]?.socket.destroyed).toBe(true);
    if (clients[1]) strangers.admitted(clients[1].socket);
    clients[2]?.socket.destroy();
    await clients[2]?.closed;
    expect(clients.map(({ socket }) => strangers.has(socket))).toEqual([false, false, false]);
  });
});
