import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryBackplane, defaultRetention } from './backplane/memory';
import { createHubs } from './delivery/hub';
import { type Attached, createRoster } from './delivery/roster';
import { open, start } from './testing/contract-kit';
import { openWebSocket } from './testing/independent-client';

/** Whoever tells others of something tells all of them, whatever one of them throws. */

const broken = () => {
  throw new Error('broken');
};
const draft = { type: 't', data: '1' };

function setUp() {
  const reports: string[] = [];
  const report = (error: unknown) => void reports.push(String(error));
  return { reports, report, backplane: createMemoryBackplane({ retention: defaultRetention, report }) };
}

describe('a listener that throws holds up nobody', () => {
  it('followers of the log', async () => {
    const { backplane, reports } = setUp();
    const heard: string[] = [];
    backplane.follow('s', { entries: broken, epoch: broken });
    backplane.follow('s', { entries: () => void heard.push('entries'), epoch: () => void heard.push('epoch') });
    expect(await backplane.append('s', [draft])).toMatchObject([{ position: { seq: 1 } }]);
    await backplane.open('other');
    await backplane.restart();
    expect(heard).toEqual(['entries', 'epoch']);
    expect(reports).toEqual(['Error: broken', 'Error: broken']);
    expect(await backplane.info('s')).toMatchObject({ head: 0 });
  });

  it('clients of a stream', async () => {
    const { backplane, reports, report } = setUp();
    const hub = await createHubs(backplane, report).open('s');
    const heard: string[] = [];
    hub.listen({ batch: broken, epoch: broken });
    hub.listen({ batch: ({ last }) => void heard.push(`batch ${last}`), epoch: () => void heard.push('epoch') });
    await backplane.append('s', [draft]);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    await backplane.restart();
    expect(heard).toEqual(['batch 1', 'epoch']);
    expect(reports).toHaveLength(2);
  });

  describe('the roster', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it('ticks and says goodbye to all', () => {
      const { reports, report } = setUp();
      const roster = createRoster({ heartbeatMs: 100, reconnectsPerSecond: 1, now: () => 0, report });
      const heard: string[] = [];
      const client = (tick: () => void, goodbye: () => void): Attached => ({
        transport: 'sse',
        tick,
        goodbye,
        drop: () => undefined,
      });
      const leave = [
        roster.add(client(broken, broken)),
        roster.add(
          client(
            () => void heard.push('tick'),
            () => void heard.push('goodbye'),
          ),
        ),
      ];
      vi.advanceTimersByTime(20);
      roster.each((one) => one.goodbye('shutdown'));
      expect(heard).toEqual(['tick', 'goodbye']);
      expect(reports).toHaveLength(2);
      for (const one of leave) one();
    });
  });
});

it('a log that cannot be read ends the one connection that asked, and no more', async () => {
  const memory = createMemoryBackplane({ retention: defaultRetention });
  let fails = false;
  const lines: string[] = [];
  const gateway = await start({
    backplane: { ...memory, read: (...read) => (fails ? Promise.reject(new Error('gone')) : memory.read(...read)) },
    log: ({ message }) => void lines.push(message),
  });
  await gateway.publishMany(3);
  const live = await openWebSocket(gateway.streamUrl(), '?last=3');
  open.push(live);
  await live.until(({ seq }) => seq === 3);
  fails = true;
  const behind = await openWebSocket(gateway.streamUrl(), '?last=3');
  expect(await behind.closed).toBe(1006);
  await gateway.publishMany(1);
  await live.until(({ seq }) => seq === 4);
  expect(lines.join()).toContain('gone');
});
