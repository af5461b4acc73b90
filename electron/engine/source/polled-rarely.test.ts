import { describe, expect, it } from 'vitest';
import { startEngineBench } from './testing/engine-bench';

const hourMs = 3_600_000;

/** A page that asks to be polled every eleven days, until it answers no more. */
async function start() {
  const asked: number[] = [];
  let silent = false;
  const bench = await startEngineBench({
    server: (clock) => ({
      socket: (socket) => socket.refuse(404, [], ''),
      exchange(exchange) {
        asked.push(clock.now());
        if (silent) return;
        exchange.head(200, [
          ['content-type', 'application/json'],
          ['x-poll-interval', '999999'],
        ]);
        exchange.write('[]');
        exchange.end();
      },
    }),
    source: { protocol: 'json', ladder: [['poll', '/']] },
  });
  const fallSilent = () => {
    silent = true;
  };
  return { ...bench, asked, fallSilent };
}

describe('a page that asks to be polled every eleven days', () => {
  it('promise 14: is asked hourly, and said to be', async () => {
    const { clock, view, asked } = await start();
    await clock.advanceAsync(6.5 * hourMs);
    expect(asked).toHaveLength(7);
    expect(view()?.state.kind).toBe('live');
    expect(view()?.notes?.map(({ code }) => code)).toEqual(['polled-hourly']);
  });

  it('promise 14: is live no longer than it is proven: two intervals, as they are bounded', async () => {
    const { clock, view, fallSilent } = await start();
    await clock.advanceAsync(0.5 * hourMs);
    fallSilent();
    await clock.advanceAsync(1.5 * hourMs);
    expect(view()?.state.kind).toBe('live');
    await clock.advanceAsync(0.2 * hourMs);
    expect(view()?.state.kind).not.toBe('live');
  });
});
