import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProbeAnswer } from '../../../shared/probe';
import { sourceSchema } from '../../../shared/source';
import { createGovernor } from '../connection/governor';
import { inferLadder } from '../protocols/ladder';
import { probeSource } from './probing';
import { endAll, portsOf, serve } from './testing/other-feed';

afterEach(endAll);

/** Looks at an address over real sockets. */
async function look(url: string, signal = new AbortController().signal): Promise<ProbeAnswer> {
  const inferred = inferLadder(url, 'json');
  if (!inferred.ok) throw new Error('no address');
  const config = sourceSchema.parse({ id: 'look', name: 'Look', url, ...inferred });
  const { clock, make } = portsOf();
  const ports = make(config);
  try {
    return await probeSource(config, ports, { governor: createGovernor(clock), clock }, { signal, post: false });
  } finally {
    ports.close();
  }
}

describe('a look at an address', () => {
  it('says what an event stream is, with what it says as samples, and leaves nothing open', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('id: 7\nevent: price\ndata: {"p":1.5}\n\n');
      response.on('close', () => response.end());
    });
    const { found, samples, seen, problem } = await look(`http://${feed.host}/stream`);
    expect(found[0]).toMatchObject({ title: 'Event stream with ids', protocol: 'json', confidence: 'certain' });
    expect(found[0]?.ladder).toMatchObject([{ transport: 'sse', url: `http://${feed.host}/stream` }]);
    expect(samples).toMatchObject([{ text: '{"p":1.5}', type: 'price' }]);
    expect(seen[0]).toMatch(/^GET .*\/stream: 200 text\/event-stream/);
    expect(problem).toBeNull();
    expect(feed.asked).toHaveLength(1);
  });

  it('takes a WebSocket that waits to be spoken to for what its address looks like, and never surely', async () => {
    const feed = await serve(
      (_request, response) => void response.writeHead(404).end(),
      () => {},
    );
    const { found } = await look(`ws://${feed.host}/socket/websocket?room=1`);
    expect(found[0]).toMatchObject({ title: 'Phoenix channels', protocol: 'phoenix', confidence: 'guess' });
    expect(found[0]?.ladder).toMatchObject([{ transport: 'websocket' }]);
    expect(found[1]).toMatchObject({ protocol: 'json' });
    const other = await look(`ws://${feed.host}/rooms`);
    expect(other.found.map(({ protocol }) => protocol)).toEqual(['json']);
  }, 60_000);

  it('finds the address that was asked, also where a word in it is a secret as well', async () => {
    const page = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"state":"grafana"}');
    });
    const url = `http://${page.host}/grafana/alerts`;
    const reach = { credential: { kind: 'basic', user: 'admin', password: 'word' } };
    const inferred = inferLadder(url, 'json');
    if (!inferred.ok) throw new Error('no address');
    const config = sourceSchema.parse({ id: 'look', name: 'Look', url, ...inferred, reach });
    const { clock, make } = portsOf({ read: () => 'grafana', onChange: () => () => {} });
    const ports = make(config);
    const deps = { governor: createGovernor(clock), clock };
    const { found, samples } = await probeSource(config, ports, deps, {
      signal: new AbortController().signal,
      post: false,
    });
    ports.close();
    expect(found[0]?.ladder[0]?.url).toBe(url);
    expect(samples[0]?.text).toBe('{"state":"[redacted]"}');
  });

  it('takes the recipe that fits, with what is to be charted of it, and shows how it decodes', async () => {
    const list = [
      { id: 'a', name: 'api', ms: 12.5, at: '2026-01-01T12:00:00Z' },
      { id: 'b', name: 'db', ms: 3, at: '2026-01-01T12:00:00Z' },
    ];
    const page = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(list));
    });
    const { found, samples } = await look(`http://${page.host}/services`);
    expect(found[0]?.recipe).toMatchObject({
      name: 'list-poll-etag',
      list: { identity: ['id'] },
      values: [{ path: 'ms' }],
      labels: [{ path: 'name' }],
    });
    expect(samples.map(({ sentAt }) => sentAt)).toEqual([Date.UTC(2026, 0, 1, 12), Date.UTC(2026, 0, 1, 12)]);
    expect(found[0]?.promise).not.toBe('');
  });

  it('sends nothing to a WebSocket that speaks already, and says what one wants that waits', async () => {
    const heard: string[] = [];
    const combined = '{"stream":"a@trade","data":{"e":"trade","E":1767268800000,"s":"A","p":"1.5","t":7}}';
    const speaking = await serve(
      () => {},
      (socket) => {
        socket.on('message', (data) => void heard.push(String(data)));
        for (const text of [combined, combined]) socket.send(text);
      },
    );
    const { found } = await look(`ws://${speaking.host}/stream?streams=a@trade`);
    expect(found[0]?.recipe).toMatchObject({ name: 'binance-combined', talk: { open: [] }, variables: [] });
    const asking = await serve(
      () => {},
      (socket) => {
        socket.on('message', (data) => void heard.push(String(data)));
        socket.send('{"type":"auth_required","ha_version":"2026.1.0"}');
      },
    );
    const waits = await look(`ws://${asking.host}/api/websocket`);
    expect(waits.found[0]?.recipe?.talk.open).toHaveLength(2);
    expect(waits.found[0]?.wants[0]).toContain('access token');
    expect(heard).toEqual([]);
  });

  it('is not certain of what the protocol itself cannot read', async () => {
    const lookalike =
      '# TYPE a counter\na_total 1\n# TYPE b gauge\nb{x="1",x="2"} 2\nb{x="1",x="2"} 2\n# EOF\nmore 1\n';
    const page = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/openmetrics-text; version=1.0.0' }).end(lookalike);
    });
    const { found } = await look(`http://${page.host}/metrics`);
    expect(found[0]).toMatchObject({ title: 'OpenMetrics', confidence: 'guess' });
    expect(found[0]?.why.join(' ')).toContain('cannot be read as that');
  });

  it('reads what came compressed and what a redirect leads to, and is less sure of another host', async () => {
    const body = gzipSync('{"load":1.5}');
    const target = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }).end(body);
    });
    const near = await look(`http://${target.host}/status`);
    expect(near.found[0]).toMatchObject({ title: 'JSON value', confidence: 'certain' });
    const sending = await serve((_request, response) => {
      response.writeHead(302, { Location: `http://${target.host}/status` }).end();
    });
    const far = await look(`http://${sending.host}/status`);
    expect(far.found[0]).toMatchObject({ title: 'JSON value', confidence: 'likely' });
    expect(far.found[0]?.why.join(' ')).toContain('redirect');
  });

  it('tells of a gateway that wants a login, and not that there is nothing where it would be', async () => {
    const gateway = await serve((request, response) => {
      response.writeHead(request.url?.includes('/poll') ? 401 : 404).end();
    });
    expect((await look(`http://${gateway.host}/v1/orders`)).problem).toContain('asks for a login');
  });

  it('tells of what lies below HTTP as a source would', async () => {
    const { problem, found } = await look('http://127.0.0.1:1/a');
    expect(found).toEqual([]);
    expect(problem).toMatch(/refused|not listening|nothing listens/i);
    const unknown = await look('ws://no-such-host.invalid/a');
    expect(unknown.problem).toMatch(/no-such-host\.invalid|name/i);
  });

  it.each([
    [401, {}, /login \(401, Bearer\)/],
    [403, { 'cf-mitigated': 'challenge' }, /bot check/],
    [404, {}, /nothing at this address/],
    [429, {}, /too often/],
    [503, {}, /in trouble/],
    [511, {}, /network asks for a login/],
  ])('says what a %i means for a person', async (status, headers, sentence) => {
    const server = await serve((_request, response) => {
      const all = { 'Content-Type': 'application/json', 'WWW-Authenticate': 'Bearer realm="x"', ...headers };
      response.writeHead(status, all).end('{"error":"no"}');
    });
    const { found, problem } = await look(`http://${server.host}/a`);
    expect(found).toEqual([]);
    expect(problem).toMatch(sentence);
  });

  it('says why a page is no feed', async () => {
    const page = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Sign in</title>');
    });
    const { found, problem } = await look(`http://${page.host}/`);
    expect(found).toEqual([]);
    expect(problem).toContain('web page');
  });

  it('asks one of our gateways for its own answer, and for its newest events as samples', async () => {
    const event =
      '{"kind":"event","stream":"orders","epoch":"e1","seq":3,"time":1767268800000,"type":"order","data":{"n":3}}';
    const gateway = await serve((request, response) => {
      const events = request.url?.includes('after=e1') ? event : '';
      const answer = `{"kind":"answer","stream":"orders","epoch":"e1","from":3,"head":3,"events":[${events}],"more":false}`;
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(answer);
    });
    const { found, samples } = await look(`http://${gateway.host}/v1/orders`);
    expect(found[0]).toMatchObject({ title: 'Wirewatch gateway', protocol: 'gateway', confidence: 'certain' });
    expect(found[0]?.ladder.map(({ transport }) => transport)).toEqual(['websocket', 'sse', 'long-poll', 'poll']);
    expect(samples).toMatchObject([{ text: '{"n":3}', type: 'order', stream: 'orders' }]);
    expect(gateway.asked).toHaveLength(2);
  });

  it('ends at once when it is told to, and leaves no request', async () => {
    const stop = new AbortController();
    const held = await serve(() => {});
    setTimeout(() => stop.abort(), 50);
    const { found, problem } = await look(`http://${held.host}/held`, stop.signal);
    expect(found).toEqual([]);
    expect(problem).not.toBeNull();
  });
});
