import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '../../node/clock';
import { realDisk } from '../journal/disk';
import { createJournal } from '../journal/journal';
import { openInline } from '../journal/workers';
import { atEnd, endAll, inferredConfig, serve, watch, watchConfig, watchTyped } from './testing/other-feed';

afterEach(endAll);

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirewatch-reading-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const journalIn = (folder: string) =>
  createJournal({ openWorker: () => openInline(realDisk), clock: createSystemClock(), folder });

/** An address is a hint: what really answers there is read, over real sockets. */
describe('what an address turns out to be', () => {
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
      /^This is not our gateway: .*404.*read as a plain feed: poll \(application\/json\)/i,
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
    const folder = newFolder();
    const config = inferredConfig(`http://${feed.host}/v1/prices`);
    const first = await watchConfig(config, { journal: journalIn(folder) });
    await vi.waitFor(() => expect(first.bodies()).toEqual(['{"n":1}', '{"n":2}']), 20_000);
    await first.engine.close();
    const second = await watchConfig(config, { journal: journalIn(folder) });
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

  it('behaviour 44: plain text where our gateway would be is read as what it is, from its second time on', async () => {
    const feed = await serve((request, response) => {
      if (request.url !== '/v1/log/sse') return void response.writeHead(404).end();
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('data: a line of a log\n\n');
    });
    const { view, bodies } = await watchTyped(`http://${feed.host}/v1/log/sse`);
    await vi.waitFor(() => expect(bodies()).toEqual(['a line of a log']), 15_000);
    expect(view()?.readAs?.protocol).toBe('json');
  });
});
