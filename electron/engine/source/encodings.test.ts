import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { endAll, serve, watch } from './testing/other-feed';

afterEach(endAll);

/** An answer that is said to be encoded, and is not so. */
function encoded(type: string, coding: string, body: Buffer | string, ends: boolean) {
  return serve((_request, response) => {
    response.writeHead(200, { 'Content-Type': type, 'Content-Encoding': coding });
    response.write(body);
    if (ends) response.end();
  });
}

describe('answers that cannot be decoded', () => {
  it.each([
    ['sse', 'gzip', /gzip/],
    ['sse', 'br', /br/],
    ['sse', 'zstd', /zstd.*not offered/],
    ['poll', 'gzip', /gzip/],
    ['poll', 'zstd', /zstd.*not offered/],
  ] as const)(
    'promise 13: over %s, said to be %s: named, never live, and no gap where nothing was heard',
    async (transport, coding, named) => {
      const isPoll = transport === 'poll';
      const feed = await encoded(
        isPoll ? 'application/json' : 'text/event-stream',
        coding,
        isPoll ? '[{"id":1}]' : 'data: {"n":1}\n\n',
        isPoll,
      );
      const { view, states, gaps } = await watch('json', [[transport, `http://${feed.host}/feed`]]);
      await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 2_000);
      expect(view()?.reason.code).toBe('encoding-unreadable');
      expect(view()?.reason.text).toMatch(named);
      expect(states.filter((state) => state.startsWith('live'))).toEqual([]);
      expect(gaps).toEqual([]);
    },
  );

  it('promise 13: a stream that breaks in the middle is named too, and asked again', async () => {
    const whole = gzipSync('data: {"n":1}\n\n'.repeat(5_000), { level: 0 });
    const feed = await encoded(
      'text/event-stream',
      'gzip',
      Buffer.concat([whole.subarray(0, 70_000), Buffer.alloc(9_000, 0xff)]),
      false,
    );
    const { view, bodies } = await watch('json', [['sse', `http://${feed.host}/feed`]]);
    await vi.waitFor(() => expect(view()?.reason.code).toBe('encoding-broken'), 5_000);
    expect(view()?.reason.text).toContain('gzip');
    expect(view()?.state.kind).toBe('waiting');
    expect(bodies().length).toBeGreaterThan(100);
  });

  it('promise 13: a poll answer that is found broken at its end was never live', async () => {
    const whole = gzipSync(JSON.stringify([{ id: 1 }]));
    const feed = await encoded('application/json', 'gzip', whole.fill(0xff, whole.length - 8), true);
    const { view, states, gaps, bodies } = await watch('json', [['poll', `http://${feed.host}/feed`]]);
    await vi.waitFor(() => expect(view()?.reason.code).toBe('encoding-unreadable'), 5_000);
    expect(states.filter((state) => state.startsWith('live'))).toEqual([]);
    expect([bodies(), gaps]).toEqual([[], []]);
  });
});
