import { afterEach, describe, expect, it } from 'vitest';
import type { Journal } from './core/journal';
import { createVolatileJournal } from './journal/volatile';
import { alpha, createEngineRig, type EngineRig } from './testing/engine-rig';

let rig: EngineRig;

async function start(limits = {}): Promise<void> {
  rig = createEngineRig(limits);
  await Promise.all([rig.engine.addSource(alpha), rig.clock.advanceAsync(2000)]);
}

afterEach(() => rig.close());

describe('a listener of the engine', () => {
  it('that throws holds up nothing: events are stored, others are told, and the error is reported', async () => {
    const errors: unknown[] = [];
    rig = createEngineRig({}, { report: (error) => errors.push(error) });
    const told: number[] = [];
    rig.engine.onEvents(() => {
      throw new Error('of a listener');
    });
    rig.engine.onEvents((_, events) => told.push(events.length));
    await Promise.all([rig.engine.addSource(alpha), rig.clock.advanceAsync(2000)]);
    await rig.publish(4);
    expect(told.reduce((sum, each) => sum + each, 0)).toBe(4);
    expect(errors.length).toBe(told.length);
    expect((await rig.stored()).rows).toHaveLength(4);
    expect(rig.engine.view('alpha')?.notYetStored).toBe(0);
  });

  it('may remove the source it is told of', async () => {
    await start();
    rig.engine.onEvents((id) => void rig.engine.removeSource(id));
    await rig.publish(2, 3_000);
    expect(rig.engine.views()).toEqual([]);
    expect((await rig.stored()).rows).toEqual([]);
  });
});

describe('the first connection', () => {
  it('promise 25: is no reconnect, neither in the counter nor in what is measured', async () => {
    await start();
    await rig.publish(1);
    const reconnects = () =>
      rig.engine.journal.history({
        source: 'alpha',
        series: ['reconnects'],
        from: rig.clock.wall() - 3_600_000,
        to: rig.clock.wall() + 1_000,
        points: 10,
      });
    const sum = async () =>
      (await reconnects()).flatMap(({ buckets }) => buckets).reduce((total, { sum: each }) => total + each, 0);
    expect(rig.engine.view('alpha')?.counters.reconnects).toBe(0);
    expect(await sum()).toBe(0);
  });
});

/** A journal that keeps nothing and whose first answers to `restore` can be spoilt. */
function unreadable(times: number): Journal & { readonly asked: () => number } {
  const journal = createVolatileJournal();
  let asked = 0;
  return {
    ...journal,
    asked: () => asked,
    async restore(source) {
      asked += 1;
      if (asked <= times) throw new Error('EIO: i/o error, read');
      return journal.restore(source);
    },
  };
}

describe('a journal that cannot be read', () => {
  it('promise 1: is no empty one: the source waits, says why, asks again, and hands nothing over before', async () => {
    const journal = unreadable(3);
    const appended: number[] = [];
    rig = createEngineRig(
      {},
      {
        journal: {
          ...journal,
          append(entry) {
            appended.push(rig.clock.now());
            return journal.append(entry);
          },
        },
      },
    );
    rig.gateway.publish('alpha');
    await rig.engine.addSource(alpha);
    expect(rig.engine.view('alpha')).toMatchObject({
      state: { kind: 'idle', cause: 'new' },
      badge: 'waiting',
      reason: { code: 'journal-unreadable', text: expect.stringContaining('EIO') },
    });
    await rig.clock.advanceAsync(6_000);
    expect(appended).toEqual([]);
    // After 1, 2 and 4 s.
    await rig.clock.advanceAsync(4_000);
    expect(journal.asked()).toBe(4);
    expect(rig.engine.view('alpha')?.state.kind).toBe('live');
  });

  it('promise 1: takes orders for its sources meanwhile', async () => {
    const journal = unreadable(2);
    rig = createEngineRig({}, { journal });
    await rig.engine.addSource(alpha);
    expect(rig.engine.command('alpha', 'pause')?.paused).toBe(true);
    await rig.engine.editSource({ ...alpha, name: 'Beta', paused: true });
    await rig.clock.advanceAsync(10_000);
    expect(rig.engine.view('alpha')).toMatchObject({ badge: 'paused', config: { name: 'Beta', paused: true } });
    await rig.engine.removeSource('alpha');
    expect(rig.engine.views()).toEqual([]);
  });
});
