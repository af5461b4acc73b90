import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Gap } from '../../../shared/gap';
import { reachSchema } from '../../../shared/reach';
import { type ProtocolName, type SourceConfig, sourceSchema } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';
import { createSystemClock } from '../../node/clock';
import { createHostSignals } from '../../node/host-signals';
import { createSystemRandom } from '../../node/random';
import type { Journal } from '../core/journal';
import { createEngine } from '../engine';
import { realDisk } from '../journal/disk';
import { createJournal } from '../journal/journal';
import { createVolatileJournal } from '../journal/volatile';
import { openInline } from '../journal/workers';
import { inferLadder } from '../protocols/ladder';
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

/** What a person gets who types an address and lets the application tell what it is. */
function inferredConfig(typed: string) {
  const found = inferLadder(typed, 'auto');
  if (!found.ok) throw new Error('no address');
  const { protocol, ladder } = found;
  return sourceSchema.parse({ id: 's', name: 'Feed', url: typed, protocol, inferred: true, ladder });
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

const watch = (...args: Parameters<typeof configOf>) => watchConfig(configOf(...args));
const watchTyped = (typed: string) => watchConfig(inferredConfig(typed));

async function watchConfig(config: SourceConfig, journal: Journal = createVolatileJournal()) {
  const { clock, make } = portsOf();
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
    journal,
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
  return { engine, view: () => engine.view('s'), events, gaps, states, bodies };
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

  it('behaviour 44: a query API at …/v1/{name} is polled where it is, and a sentence says what was found', async () => {
    const api = await serve((request, response) => {
      const known = request.url?.startsWith('/api/v1/query?') || request.url === '/api/v1/query';
      response.writeHead(known ? 200 : 404, { 'Content-Type': known ? 'application/json' : 'text/plain' });
      response.end(known ? '{"status":"success","data":{"resultType":"vector","result":[]}}' : '404 page not found');
    });
    const typed = `http://${api.host}/api/v1/query?query=up`;
    const { view, bodies, states } = await watchTyped(typed);
    await vi.waitFor(() => expect(bodies()).toHaveLength(1), 20_000);
    expect(bodies()[0]).toContain('"status":"success"');
    expect(view()?.state).toMatchObject({ kind: 'live', resync: 'current' });
    expect(view()?.badge).toBe('live');
    expect(view()?.config).toMatchObject({ protocol: 'gateway', url: typed });
    expect(view()?.readAs).toMatchObject({ protocol: 'json', ladder: [{ transport: 'poll', url: typed }] });
    expect(view()?.findings?.[0]).toMatch(
      /^This is not our gateway\. .*read as a plain feed: poll \(application\/json\)/i,
    );
    expect(states.filter((state) => state === 'stopped')).toHaveLength(1);
    // Not polled as one: each rung of it was asked once.
    expect(api.asked.filter(({ url }) => url?.includes('wait='))).toHaveLength(2);
  });

  it('behaviour 44: a stream of tokens at …/v1/{name} is read as the event stream it is', async () => {
    const model = await serve((request, response) => {
      if (request.url !== '/v1/completions') {
        response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"error":{"message":"Not found"}}');
        return;
      }
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('data: {"choices":[{"text":"he"}]}\n\ndata: {"choices":[{"text":"llo"}]}\n\n');
    });
    const { view, bodies, gaps } = await watchTyped(`http://${model.host}/v1/completions`);
    await vi.waitFor(() => expect(bodies()).toHaveLength(2), 20_000);
    expect(bodies()).toEqual(['{"choices":[{"text":"he"}]}', '{"choices":[{"text":"llo"}]}']);
    expect(view()?.readAs?.ladder).toMatchObject([{ transport: 'sse' }]);
    expect(gaps).toEqual([]);
  });

  it('behaviour 44: another product on a WebSocket where ours would be is read there', async () => {
    const other = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => {
        socket.send('{"type":"welcome"}');
        socket.send('{"type":"price","n":1}');
      },
    );
    const { view, bodies } = await watchTyped(`ws://${other.host}/v1/prices/ws`);
    await vi.waitFor(() => expect(bodies()).toContain('{"type":"price","n":1}'), 10_000);
    expect(bodies()).toEqual(['{"type":"welcome"}', '{"type":"price","n":1}']);
    expect(view()?.findings?.[0]).toContain('its first message is {"type":"welcome"}');
  });

  it('behaviour 44: lines of JSON at …/v1/{name} are read as they come', async () => {
    const feed = await serve((request, response) => {
      if (request.url !== '/v1/watch') return void response.writeHead(404).end();
      response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
      response.write('{"n":1}\n{"n":2}\n');
    });
    const { view, bodies } = await watchTyped(`http://${feed.host}/v1/watch`);
    await vi.waitFor(() => expect(bodies()).toEqual(['{"n":1}', '{"n":2}']), 20_000);
    expect(view()?.state.kind).toBe('live');
  });

  it('behaviour 44: /events that answers JSON is polled, and what was found is kept for the run', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('[{"id":"a","n":1},{"id":"b","n":2}]');
    });
    const typed = `http://${feed.host}/events`;
    const { engine, view, bodies } = await watchTyped(typed);
    await vi.waitFor(() => expect(bodies()).toHaveLength(2), 10_000);
    expect(view()?.state.kind).toBe('live');
    expect(view()?.findings?.[0]).toContain('it answers application/json: it is polled');
    engine.command('s', 'pause');
    engine.command('s', 'resume');
    await vi.waitFor(() => expect(view()?.state.kind).toBe('live'), 10_000);
    expect(bodies()).toHaveLength(2);
    expect(feed.asked.filter(({ headers }) => headers.accept === 'text/event-stream')).toHaveLength(1);
  });

  it('behaviour 44: after a restart what was found before goes on behind the last id: nothing twice, no gap', async () => {
    const feed = await serve((request, response) => {
      if (request.url !== '/v1/prices') return void response.writeHead(404).end();
      const after = Number(request.headers['last-event-id'] ?? 0);
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      for (let n = after + 1; n <= after + 2; n += 1) response.write(`id: ${n}\ndata: {"n":${n}}\n\n`);
    });
    const folder = mkdtempSync(join(tmpdir(), 'wirewatch-reading-'));
    closers.push(() => rmSync(folder, { recursive: true, force: true }));
    const journalOf = () =>
      createJournal({ openWorker: () => openInline(realDisk), clock: createSystemClock(), folder });
    const config = inferredConfig(`http://${feed.host}/v1/prices`);
    const first = await watchConfig(config, journalOf());
    await vi.waitFor(() => expect(first.bodies()).toEqual(['{"n":1}', '{"n":2}']), 20_000);
    await first.engine.close();
    const second = await watchConfig(config, journalOf());
    await vi.waitFor(() => expect(second.bodies()).toEqual(['{"n":3}', '{"n":4}']), 20_000);
    expect(second.gaps).toEqual([]);
    expect(second.view()?.counters).toMatchObject({ delivered: 4, repeated: 0, lost: 0 });
  });

  it('behaviour 44: an event stream that answers a page, and a page where our gateway should be, are no feeds', async () => {
    const page = await serve(
      (_request, response) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>hello</html>'),
    );
    for (const path of ['/events', '/v1/orders']) {
      const { view } = await watchTyped(`http://${page.host}${path}`);
      await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 20_000);
      expect(view()?.readAs).toBeUndefined();
    }
  });

  it('behaviour 44: our own gateway behind a path is confirmed by its hello, and read as ours', async () => {
    const hello = '{"kind":"hello","stream":"orders","epoch":"e","from":0,"head":0,"heartbeatMs":10000,"spreadMs":0}';
    const ours = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => socket.send(hello),
    );
    const { view } = await watchTyped(`http://${ours.host}/behind/a/proxy/v1/orders`);
    await vi.waitFor(() => expect(view()?.state).toMatchObject({ kind: 'live', resync: 'current' }), 10_000);
    expect(view()?.numbering).toBe('contiguous');
    expect(view()?.readAs).toBeUndefined();
    expect(ours.asked.map(({ url }) => url)).toEqual(['/behind/a/proxy/v1/orders/ws']);
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
