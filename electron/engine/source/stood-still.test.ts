import { describe, expect, it } from 'vitest';
import { rule } from '../alerts/testing/samples';
import { createMemoryJournal } from '../simulation/memory-stores';
import { gatewayFor, startEngineBench } from './testing/engine-bench';

/** A feed with an event a second for a minute. */
async function start() {
  let publish: () => void = () => {};
  const raised: string[] = [];
  const badges: string[] = [];
  const { clock } = await startEngineBench({
    server(clock) {
      const gateway = gatewayFor(clock);
      publish = () => gateway.publish('alpha');
      return gateway.server;
    },
    source: { protocol: 'gateway', ladder: [['sse', '/v1/alpha/sse']] },
    parts: (clock) => ({ journal: createMemoryJournal(clock, new Map()), alertRules: [rule({ kind: 'stale' })] }),
    listen(engine) {
      engine.onAlerts((news) => {
        if (news.kind !== 'forgotten') raised.push(...news.changes.map(({ alert }) => alert.id));
      });
      engine.onChange(() => badges.push(engine.view('s')?.badge ?? ''));
    },
  });
  const run = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      publish();
      await clock.advanceAsync(1000);
    }
  };
  await run(60);
  badges.length = 0;
  return { clock, run, raised, badges };
}

describe('a feed with an event a second', () => {
  it('promise 21: a process that stood still for 15 s raises no stale alert', async () => {
    const { clock, run, raised, badges } = await start();
    for (let stand = 0; stand < 5; stand += 1) {
      clock.jump(15_000, () => {});
      await clock.advanceAsync(137);
      await run(20);
    }
    expect(raised).toEqual([]);
    expect(badges).toContain('live');
    expect(badges).not.toContain('stale');
  });

  it('promise 21: one that falls silent while we run does', async () => {
    const { clock, raised, badges } = await start();
    await clock.advanceAsync(20_000);
    expect(raised).toHaveLength(1);
    expect(badges).toContain('stale');
  });
});
