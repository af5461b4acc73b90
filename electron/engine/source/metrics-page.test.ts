import { afterEach, describe, expect, it, vi } from 'vitest';
import { endAll, serve, watch, watchTyped } from './testing/other-feed';

afterEach(endAll);

const text = { 'Content-Type': 'text/plain; version=0.0.4' };
const openMetrics = { 'Content-Type': 'application/openmetrics-text; version=1.0.0; charset=utf-8' };

const page = (n: number): string =>
  `# TYPE up gauge\nup 1\n# TYPE hits counter\nhits_total{code="200"} ${n * 1000}\n# EOF\n`;

/** A page of metrics that is scraped, over real sockets. */
describe('a page of metrics', () => {
  it('brings what changed as events, and charts all of it at each scrape', async () => {
    let n = 0;
    const feed = await serve((_request, response) => {
      n += 1;
      response.writeHead(200, openMetrics).end(page(n));
    });
    const { events, engine, view } = await watch('prometheus', [['poll', `http://${feed.host}/stats`]]);
    const charted: string[] = [];
    engine.setWatched(['s']);
    engine.onPoints((_source, points) => charted.push(...points.map(({ series }) => series)));
    await vi.waitFor(() => expect(events.length).toBeGreaterThanOrEqual(4), 15_000);
    expect(feed.asked[0]?.headers.accept).toContain('application/openmetrics-text;version=1.0.0,');
    expect(events.slice(0, 4).map(({ type }) => type)).toEqual(['up', 'hits_total', 'hits_total', 'hits_total']);
    expect(events[1]?.body).toBe(
      '{"name":"hits_total","type":"counter","samples":[{"labels":{"code":"200"},"value":1000}]}',
    );
    expect(view()?.state.kind).toBe('live');
    const up = (): number => charted.filter((series) => series === 'value:up').length;
    await vi.waitFor(() => expect(up()).toBeGreaterThanOrEqual(2), 15_000);
    expect(charted).toContain('value:hits_total.rate{code="200"}');
  }, 30_000);

  it('that is cut is a failed poll, and no zero', async () => {
    let n = 0;
    const feed = await serve((_request, response) => {
      n += 1;
      response.writeHead(200, openMetrics).end(n === 2 ? page(n).replace('# EOF\n', '') : page(n));
    });
    const { events, engine, gaps } = await watch('prometheus', [['poll', `http://${feed.host}/stats`]]);
    const said: string[] = [];
    engine.onTransition((_id, { code, text: sentence }) => said.push(`${code}: ${sentence}`));
    await vi.waitFor(() => expect(events.length).toBeGreaterThanOrEqual(3), 15_000);
    expect(said.join('\n')).toMatch(/answer-unusable: .*nothing of it is taken: line 4: it has no # EOF/);
    // What changed and changed back meanwhile is not known.
    expect(gaps).toMatchObject([{ to: null, cause: 'no-replay' }]);
    // The first of the second session is the third: the cut one was never taken.
    expect(events.slice(2).map(({ body }) => body)[0]).toContain('"value":3000');
  }, 30_000);

  it('behaviour 44: at an address that only looks like one, what answers is read', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"names":["jvm.memory.used"]}');
    });
    const { view, bodies } = await watchTyped(`http://${feed.host}/actuator/metrics`);
    expect(view()?.config.protocol).toBe('prometheus');
    await vi.waitFor(() => expect(bodies()).toEqual(['{"names":["jvm.memory.used"]}']), 25_000);
    expect(view()?.findings?.[0]).toMatch(/^This is no page of metrics: .*read as a plain feed: poll/i);
  }, 40_000);

  it('is read as one from then on where its address told so', async () => {
    const feed = await serve((_request, response) => void response.writeHead(200, text).end('load1 0.5\n'));
    const { view, bodies } = await watchTyped(`http://${feed.host}/metrics`);
    await vi.waitFor(() => expect(bodies()).toHaveLength(1), 15_000);
    expect(view()?.config.protocol).toBe('prometheus');
    expect(view()?.readAs ?? null).toBeNull();
  }, 30_000);
});
