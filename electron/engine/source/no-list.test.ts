import { afterEach, describe, expect, it, vi } from 'vitest';
import { endAll, serve, watch } from './testing/other-feed';

afterEach(endAll);

const items = (from: number, to: number): string =>
  JSON.stringify(Array.from({ length: to - from + 1 }, (_, at) => ({ id: to - at, v: `x${to - at}` })));

describe('a list that is polled', () => {
  it('behaviour 42: an answer that is no list is a failed poll, which is said, and forgets nothing', async () => {
    let n = 0;
    const feed = await serve((_request, response) => {
      n += 1;
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(n === 2 ? '{"error":"internal"}' : items(n, n + 4));
    });
    const { gaps, bodies, engine, view } = await watch('json', [['poll', `http://${feed.host}/list`]]);
    const said: string[] = [];
    engine.onTransition((_id, { code, text }) => said.push(`${code}: ${text}`));
    await vi.waitFor(() => expect(bodies().length).toBeGreaterThan(6), 15_000);
    expect(bodies().slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 7].map((id) => `{"id":${id},"v":"x${id}"}`));
    expect(gaps).toEqual([]);
    expect(said.join('\n')).toContain(
      'no-list: It answered no list, where it has always been one: {"error":"internal"}.',
    );
    expect(view()?.state.kind).toBe('live');
  }, 30_000);
});
