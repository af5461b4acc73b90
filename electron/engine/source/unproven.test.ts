import { afterEach, describe, expect, it, vi } from 'vitest';
import { humanPrinter } from '../../cli/watch-print';
import { endAll, serve, watch } from './testing/other-feed';

afterEach(endAll);

/** A feed that begins live at each connect, whatever it is asked for, and was cut once. */
async function forgetful(idOf: (n: number) => string) {
  let times = 0;
  const feed = await serve((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    times += 1;
    const first = times * 100;
    for (let n = first; n < first + 3; n += 1) response.write(`id: ${idOf(n)}\ndata: {"n":${n}}\n\n`);
    if (times === 1) setTimeout(() => response.destroy(), 50);
  });
  return watch('json', [['sse', `http://${feed.host}/events`]]);
}

describe('a resume that nothing proves', () => {
  it('promise 9: is said wherever state is read: as a finding, in what is promised, beside what was lost', async () => {
    for (const idOf of [
      (n: number) => `${1_700_000_000_000 + n}-0`,
      (n: number) => JSON.stringify([{ topic: 'a', partition: 0, offset: n }]),
      (n: number) => String(1_700_000_000_000_000 + n * 4_194),
    ]) {
      const { view, bodies, gaps } = await forgetful(idOf);
      await vi.waitFor(() => expect(bodies()).toHaveLength(6), 10_000);
      const shown = view();
      expect(shown?.findings?.join(' ')).toMatch(
        /^Resumed, unproven: .*may be missing without a gap \(1 break so far\)/,
      );
      expect(shown?.promise).not.toContain('shown as a gap');
      expect(shown?.promise).toContain('nothing shows');
      expect(shown?.counters).toMatchObject({ lost: 0, resumesUnproven: 1 });
      expect(gaps).toEqual([]);
      if (shown) expect(humanPrinter.rate(shown)).toContain('0 lost that are known of, 1 resume unproven');
      if (shown) expect(humanPrinter.end(shown, true)).toContain('1 resume unproven');
    }
  }, 30_000);

  it('promise 9: and not where ids show that it went on', async () => {
    const { view, bodies } = await forgetful((n) => String(n < 200 ? n : n - 97));
    await vi.waitFor(() => expect(bodies()).toHaveLength(6), 10_000);
    const shown = view();
    expect(shown?.findings).toBeUndefined();
    expect(shown?.promise).toContain('goes on behind the last id');
    if (shown) expect(humanPrinter.rate(shown)).toContain(', 0 lost');
    if (shown) expect(humanPrinter.rate(shown)).not.toContain('unproven');
  });
});
