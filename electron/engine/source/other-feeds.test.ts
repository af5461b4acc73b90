import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGzip } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Gap } from '../../../shared/gap';
import { reachSchema } from '../../../shared/reach';
import { type ProtocolName, sourceSchema } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';
import { createSystemClock } from '../../node/clock';
import { createHostSignals } from '../../node/host-signals';
import { createSystemRandom } from '../../node/random';
import { createEngine } from '../engine';
import { createVolatileJournal } from '../journal/volatile';
import { createSourcePorts } from '../source/ports';
import { readThroughEventSource } from '../transports/eventsource-reader';
import { testReach } from './reach-test';

/** Feeds that are not our gateway, each as a server of its own over real sockets. */

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handle: Handle, onSocket?: (socket: WebSocket) => void) {
  const asked: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request);
    handle(request, response);
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, peer, head) => {
    asked.push(request);
    if (onSocket) sockets.handleUpgrade(request, peer, head, onSocket);
    else peer.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const secrets = {
  read: (name: string) => (name === 'first' ? '{"type":"auth","access_token":"bad"}' : null),
  onChange: () => () => {},
};

function portsOf() {
  const clock = createSystemClock();
  const make = createSourcePorts({
    clock,
    random: createSystemRandom(),
    secrets,
    resolveProxy: async () => 'DIRECT',
    roots: () => [],
    run: async () => '',
  });
  return { clock, make };
}

function configOf(protocol: ProtocolName, rungs: readonly (readonly [TransportKind, string])[], reach: unknown = {}) {
  return sourceSchema.parse({
    id: 's',
    name: 'Feed',
    url: rungs[0]?.[1],
    protocol,
    ladder: rungs.map(([transport, url]) => ({ transport, url, intervalSeconds: 1 })),
    reach: reachSchema.parse(reach),
  });
}

async function watch(...args: Parameters<typeof configOf>) {
  const { clock, make } = portsOf();
  const config = configOf(...args);
  const ports = make(config);
  const host = createHostSignals({ clock, online: () => true });
  const engine = createEngine({
    clock,
    random: createSystemRandom(),
    http: ports.http,
    socket: ports.socket,
    portsOf: () => make(config),
    reader: readThroughEventSource,
    host,
    journal: createVolatileJournal(),
  });
  const events: { readonly type: string; readonly body: unknown }[] = [];
  const gaps: Gap[] = [];
  const states: string[] = [];
  engine.onEvents((_source, batch) => events.push(...batch));
  engine.onGaps((_source, batch) => gaps.push(...batch));
  engine.onTransition((_source, { to }) => states.push(to.kind === 'live' ? `live ${to.resync}` : to.kind));
  closers.push(async () => {
    await engine.close();
    ports.close();
    host.close();
  });
  await engine.addSource(config);
  const bodies = () => events.map(({ body }) => body);
  return { view: () => engine.view('s'), events, gaps, states, bodies };
}

describe('feeds that are not our gateway', () => {
  it('behaviour 44: a path like ours that answers as something else is not read as one', async () => {
    const other = await serve(
      (_request, response) =>
        void response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"status":"success"}'),
      (socket) => socket.send('{"type":"welcome"}'),
    );
    const { view, bodies } = await watch('gateway', [
      ['websocket', `ws://${other.host}/v1/query/ws`],
      ['long-poll', `http://${other.host}/v1/query/poll`],
      ['poll', `http://${other.host}/v1/query/poll`],
    ]);
    await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 10_000);
    expect(view()?.reason.code).toBe('not-our-gateway');
    expect(view()?.reason.text).toContain('its first message is {"type":"welcome"}');
    expect(other.asked.length).toBeLessThanOrEqual(4);
    expect(bodies()).toEqual([]);
  });

  it('behaviour 45: a place that is refused is dropped once, with a gap, and it is live again', async () => {
    let broken = false;
    const feed = await serve((request, response) => {
      if (request.headers['last-event-id'] !== undefined) {
        response.writeHead(broken ? 410 : 200).end();
        return;
      }
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(broken ? 'id: 90\ndata: {"n":90}\n\n' : 'id: 7\ndata: {"n":7}\n\n');
      if (broken) return;
      broken = true;
      setTimeout(() => response.end(), 50);
    });
    const { view, bodies, gaps, states } = await watch('json', [['sse', `http://${feed.host}/events`]]);
    await vi.waitFor(() => expect(bodies()).toEqual(['{"n":7}', '{"n":90}']), 10_000);
    expect(view()?.state.kind).toBe('live');
    expect(states).not.toContain('stopped');
    expect(gaps).toMatchObject([{ status: 'lost', to: null }]);
    expect(feed.asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '7', undefined]);
  });

  it('behaviour 45: a refusal that stands without the place as well is told as it is, and the place kept', async () => {
    let gone = false;
    const feed = await serve((_request, response) => {
      if (gone) {
        response.writeHead(410).end();
        return;
      }
      gone = true;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('id: 7\ndata: {"n":7}\n\n');
      setTimeout(() => response.end(), 50);
    });
    const { view, gaps } = await watch('json', [['sse', `http://${feed.host}/events`]]);
    await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 10_000);
    expect(view()?.reason.code).toBe('gone');
    expect(gaps).toEqual([]);
  });

  it('behaviour 47, promise 14: lines of JSON that never end are a stream: each line an event as it comes', async () => {
    for (const [type, delayed] of [
      ['application/x-ndjson', false],
      ['application/json', true],
    ] as const) {
      const feed = await serve((_request, response) => {
        response.writeHead(200, { 'Content-Type': type });
        let n = 0;
        const timer = setInterval(() => {
          n += 1;
          const line = `{"type":"ADDED","n":${n}}\n`;
          response.write(n % 2 === 0 ? line : line.slice(0, 7));
          if (n % 2 === 1) response.write(line.slice(7));
        }, 100);
        response.on('close', () => clearInterval(timer));
      });
      const { view, bodies, states } = await watch('json', [['poll', `http://${feed.host}/watch`]]);
      await vi.waitFor(() => expect(bodies().length).toBeGreaterThan(delayed ? 15 : 4), 10_000);
      expect(bodies()[0]).toBe('{"type":"ADDED","n":1}');
      expect(bodies()).toEqual(bodies().map((_, at) => `{"type":"ADDED","n":${at + 1}}`));
      // Longer than a poll may take: a stream that speaks is not overdue.
      expect(view()?.state).toMatchObject({ kind: 'live', resync: 'current' });
      expect(feed.asked).toHaveLength(1);
      expect(states.filter((state) => state === 'waiting' || state === 'stopped')).toEqual([]);
    }
  });

  it('promise 14: an answer that never ends and is no lines is no answer: never caught up, and named', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.write('[');
      const timer = setInterval(() => response.write('{"a":1},'), 100);
      response.on('close', () => clearInterval(timer));
    });
    const { view, states } = await watch('json', [['poll', `http://${feed.host}/all`]]);
    await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 16_000);
    expect(states).not.toContain('live current');
    expect(view()?.reason.code).toBe('endless-answer');
    expect(view()?.reason.text).toMatch(/does not end: \d+ bytes of application\/json so far/);
  });

  it('behaviour 48: a marker before a clean end is a planned end, no event', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.end('data: {"n":1}\n\ndata: [DONE]\n\n');
    });
    const { view, bodies } = await watch('json', [['sse', `http://${feed.host}/tokens`]]);
    await vi.waitFor(() => expect(view()?.state.kind).toBe('waiting'), 5_000);
    expect(view()?.reason.code).toBe('goodbye');
    expect(view()?.reason.text).toContain('[DONE]');
    expect(bodies()[0]).toBe('{"n":1}');
    expect(bodies()).not.toContain('[DONE]');
  });

  it('promise 16: a login refused in a message, and a close without a code, is a refusal: asked once', async () => {
    const feed = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => {
        socket.send('{"type":"auth_required","ha_version":"2026.1"}');
        socket.on('message', () => {
          socket.send('{"type":"auth_invalid","message":"Invalid access token or password"}');
          socket.close();
        });
      },
    );
    const reach = { credential: { kind: 'first-message', message: 'first' } };
    const url = `ws://${feed.host}/api/websocket`;
    const { view } = await watch('json', [['websocket', url]], reach);
    await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 5_000);
    expect(view()?.reason).toMatchObject({ code: 'login-refused' });
    expect(view()?.reason.text).toContain('auth_invalid, Invalid access token or password');
    expect(feed.asked).toHaveLength(1);

    const { clock, make } = portsOf();
    const config = configOf('json', [['websocket', url]], reach);
    const ports = make(config);
    closers.push(() => ports.close());
    const answer = await testReach(config, 'credential', ports, clock);
    expect(answer.ok).toBe(false);
    expect(answer.text).toContain('The feed refused the login (auth_invalid');
  });

  it('promise 16: the test says works only once the feed goes on after the first message', async () => {
    const feed = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => {
        socket.send('{"type":"auth_required"}');
        socket.on('message', () => socket.send('{"type":"auth_ok"}'));
      },
    );
    const { clock, make } = portsOf();
    const config = configOf('json', [['websocket', `ws://${feed.host}/`]], {
      credential: { kind: 'first-message', message: 'first' },
    });
    const ports = make(config);
    closers.push(() => ports.close());
    expect(await testReach(config, 'credential', ports, clock)).toMatchObject({
      ok: true,
      text: 'The first message was sent, and the feed goes on.',
    });
  });

  it('behaviour 49: signs of life are no events', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(
        'data: {"n":1}\n\nevent: keepalive\ndata: {"t":1}\n\ndata: ping\n\ndata: {"type":"heartbeat"}\n\ndata: {"n":2}\n\n',
      );
    });
    const { view, bodies } = await watch('json', [['sse', `http://${feed.host}/events`]]);
    await vi.waitFor(() => expect(bodies()).toEqual(['{"n":1}', '{"n":2}']), 5_000);
    expect(view()?.counters.delivered).toBe(2);
    expect(view()?.lastHeartbeatAt).not.toBeNull();
  });

  it('behaviour 52: a sender whose clock is 90 s ahead is named once, and no lag is claimed', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      for (let n = 0; n < 5; n += 1) response.write(`data: {"n":${n},"ts":${Date.now() + 90_000}}\n\n`);
    });
    const { view, bodies } = await watch('json', [['sse', `http://${feed.host}/events`]]);
    await vi.waitFor(() => expect(bodies()).toHaveLength(5), 5_000);
    await vi.waitFor(() => expect(view()?.findings).toHaveLength(1), 5_000);
    expect(view()?.findings?.[0]).toMatch(/runs ahead by about (90|89) s/);
  });

  it('behaviour 53: what came encoded is known, though it is handed on decoded', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': 'gzip' });
      const gzip = createGzip();
      gzip.pipe(response);
      gzip.write('data: {"n":1}\n\n');
      gzip.flush();
      response.on('close', () => gzip.destroy());
    });
    const { bodies } = await watch('json', [['sse', `http://${feed.host}/events`]], { compression: true });
    await vi.waitFor(() => expect(bodies()).toEqual(['{"n":1}']), 5_000);
  });
});
