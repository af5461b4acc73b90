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

  it('says why a page is no feed', async () => {
    const page = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Sign in</title>');
    });
    const { found, problem } = await look(`http://${page.host}/`);
    expect(found).toEqual([]);
    expect(problem).toContain('web page');
  });

  it('asks one of our gateways for its own answer, once', async () => {
    const answer = '{"kind":"answer","stream":"orders","epoch":"e1","from":3,"head":3,"events":[],"more":false}';
    const gateway = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(answer);
    });
    const { found } = await look(`http://${gateway.host}/v1/orders`);
    expect(found[0]).toMatchObject({ title: 'Wirewatch gateway', protocol: 'gateway', confidence: 'certain' });
    expect(found[0]?.ladder.map(({ transport }) => transport)).toEqual(['websocket', 'sse', 'long-poll', 'poll']);
    expect(gateway.asked).toHaveLength(1);
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
