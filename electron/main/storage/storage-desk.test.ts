import { describe, expect, it } from 'vitest';
import { freshSettings, type Settings } from '../settings/schema';
import { createStorageDesk } from './storage-desk';

function rig(change: Partial<Settings> = {}) {
  let settings: Settings = { ...freshSettings(), ...change };
  const set: string[] = [];
  const amount = { events: 5, bytes: 500, evictedEvents: 1, evictedBytes: 100, oldestAt: 7 };
  const desk = createStorageDesk({
    settings: {
      current: () => settings,
      async change(edit) {
        settings = edit(settings);
      },
      notices: [],
      settled: async () => {},
    },
    journal: {
      stored: async () => amount,
      setRetention: async (source, { ageMs, bytes }) => void set.push(`${source} ${ageMs / 86_400_000} ${bytes}`),
    },
    sources: () => ['a', 'b'],
  });
  return { desk, set, settings: () => settings };
}

const mb = 1024 * 1024;

describe('what is kept', () => {
  it('is a limit for all, and one of its own where a person set it', async () => {
    const { desk, set, settings } = rig();
    await desk.keep('a', { days: 2, megabytes: 3 });
    expect(set.splice(0)).toEqual([`a 2 ${3 * mb}`]);
    const view = await desk.keep(null, { days: 7, megabytes: 10 });
    expect(set.splice(0)).toEqual([`b 7 ${10 * mb}`]);
    expect(view.keep).toEqual({ days: 7, megabytes: 10 });
    expect(view.sources.map(({ source, events, keep }) => [source, events, keep?.days ?? null])).toEqual([
      ['a', 5, 2],
      ['b', 5, null],
    ]);
    await desk.keep('a', null);
    expect(set).toEqual([`a 7 ${10 * mb}`]);
    expect(settings().keepOf).toEqual({});
  });

  it('is put in force at start, where it is not what the journal does by itself', async () => {
    const plain = rig();
    await plain.desk.apply('a');
    expect(plain.set).toEqual([]);
    const tight = rig({ keep: { days: 1, megabytes: 1 }, keepOf: { b: { days: 3, megabytes: 4 } } });
    await tight.desk.apply('a');
    await tight.desk.apply('b');
    expect(tight.set).toEqual([`a 1 ${mb}`, `b 3 ${4 * mb}`]);
  });
});
