import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import { realDisk } from './disk';
import { createJournal, type FullJournal } from './journal';
import { entry, event, someTime } from './samples';
import { createStore } from './store';
import { createFailingDisk } from './testing/failing-disk';
import { sqlError, watchedDisk } from './testing/watched-disk';
import { openInline } from './workers';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

function start(disk = realDisk) {
  const clock = createFakeClock({ wall: someTime });
  const worker = openInline(disk);
  return { clock, worker, journal: createJournal({ openWorker: () => worker, clock, folder }) };
}

function rows(table: string): number {
  const db = realDisk.open(join(folder, 'journal.db'), { readOnly: true });
  const count = Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
  db.close();
  return count;
}

const ordinalsOf = async (journal: FullJournal, source: string): Promise<readonly number[]> => {
  const page = await journal.page({ source, from: null, direction: 'before', limit: 1_000, text: '' });
  return page.rows.map(({ ordinal }) => ordinal);
};

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

describe('groups of few events', () => {
  it('are a row each, found at once, and become one block a source after five seconds', async () => {
    const { clock, journal } = start();
    for (let n = 0; n < 40; n++) {
      for (const source of ['a', 'b', 'c']) journal.append(entry(source, n + 1, n * 2, n * 2 + 2));
      await clock.advanceAsync(100);
    }
    expect([rows('blocks'), rows('rollups')]).toEqual([0, 0]);
    expect(rows('unsettled')).toBeGreaterThan(30);
    expect(await ordinalsOf(journal, 'b')).toEqual(upTo(80));
    expect((await journal.restore('c'))?.checkpoint?.nextOrdinal).toBe(80);
    expect((await journal.restore('c'))?.lastSeenAt).toBe(clock.wall() - 50);
    await clock.advanceAsync(1_100);
    journal.append(entry('a', 41, 80, 81));
    await clock.advanceAsync(100);
    expect([rows('blocks'), rows('unsettled')]).toEqual([3, 1]);
    expect(await ordinalsOf(journal, 'a')).toEqual(upTo(81));
    expect(await ordinalsOf(journal, 'b')).toEqual(upTo(80));
    expect(await journal.stored('a')).toMatchObject({ events: 81 });
    expect(rows('unsettled')).toBe(0);
    await journal.close();
  });

  it('are settled by upkeep where nothing more comes, and before one that is not small', async () => {
    const { clock, worker, journal } = start();
    journal.append(entry('a', 1, 0, 3));
    await clock.advanceAsync(100);
    worker.server.upkeep(clock.wall());
    expect(rows('unsettled')).toBe(1);
    worker.server.upkeep(clock.wall() + 5_000);
    expect([rows('unsettled'), rows('blocks')]).toEqual([0, 1]);
    journal.append(entry('a', 2, 3, 5));
    await clock.advanceAsync(100);
    journal.append(entry('a', 3, 5, 400));
    await clock.advanceAsync(100);
    expect([rows('unsettled'), rows('blocks')]).toEqual([0, 3]);
    expect(await ordinalsOf(journal, 'a')).toEqual(upTo(400));
    await journal.close();
  });

  it('are taken up by the next run where this one was killed, also where that one cannot write', async () => {
    const first = start();
    first.journal.append(entry('a', 1, 0, 3));
    await first.clock.advanceAsync(100);
    expect(rows('unsettled')).toBe(1);
    // Nothing is closed: this is what is left after kill -9.
    const failing = createFailingDisk(realDisk);
    const second = start(failing.disk);
    failing.fail(13, 'database or disk is full');
    await second.clock.advanceAsync(100);
    expect((await second.journal.restore('a'))?.checkpoint?.nextOrdinal).toBe(3);
    expect(await ordinalsOf(second.journal, 'a')).toEqual(upTo(3));
    expect((await second.journal.stored('a')).events).toBe(0);
    failing.heal();
    await second.clock.advanceAsync(60_000);
    expect((await second.journal.stored('a')).events).toBe(3);
    expect(await ordinalsOf(second.journal, 'a')).toEqual(upTo(3));
    expect([rows('unsettled'), rows('blocks')]).toEqual([0, 1]);
    await second.journal.close();
  });

  it('that give out a number twice are refused before they are held', async () => {
    const { clock, journal } = start();
    const begun: (number | null)[] = [];
    journal.onResumed((_, stored) => begun.push(stored?.checkpoint?.nextOrdinal ?? null));
    journal.append(entry('a', 1, 0, 3));
    await clock.advanceAsync(100);
    journal.append({ ...entry('a', 2, 3, 5), events: [event(2), event(3)] });
    await clock.advanceAsync(100);
    expect(begun).toEqual([3]);
    expect(await ordinalsOf(journal, 'a')).toEqual(upTo(3));
    await journal.close();
  });

  it('that can never be settled are let go of with a gap, and stop nothing else', async () => {
    let poisoned = true;
    const disk = watchedDisk(realDisk, (sql) => {
      if (poisoned && /INTO blocks/.test(sql)) throw sqlError('constraint failed', 19);
    });
    const { clock, journal } = start(disk);
    const begun: [string, number | null][] = [];
    journal.onResumed((source, stored) => begun.push([source, stored?.checkpoint?.nextOrdinal ?? null]));
    journal.append(entry('a', 1, 0, 3));
    await clock.advanceAsync(5_100);
    journal.append(entry('a', 2, 3, 5));
    await clock.advanceAsync(300_000);
    poisoned = false;
    expect(journal.view().kind).toBe('set-aside');
    expect(begun).toEqual([['a', null]]);
    journal.append(entry('a', 3, 5, 7));
    await clock.advanceAsync(300);
    const page = await journal.page({ source: 'a', from: null, direction: 'before', limit: 50, text: '' });
    expect(page.rows.map(({ ordinal }) => ordinal)).toEqual([5, 6]);
    expect(page.gaps).toMatchObject([{ status: 'lost', cause: 'journal-damaged', before: 0 }]);
    await journal.close();
  });

  it('of a source that is forgotten go with it, and do not come back with its id', async () => {
    const { clock, journal } = start();
    journal.append(entry('a', 1, 0, 3));
    journal.append(entry('b', 1, 0, 3));
    await clock.advanceAsync(100);
    await journal.forget('a');
    expect(await ordinalsOf(journal, 'a')).toEqual([]);
    journal.append(entry('a', 1, 0, 2));
    await clock.advanceAsync(100);
    expect(await ordinalsOf(journal, 'a')).toEqual(upTo(2));
    expect(await ordinalsOf(journal, 'b')).toEqual(upTo(3));
    await journal.close();
  });

  it('are read by another process while they are settled: each event once', async () => {
    const { clock, journal } = start();
    journal.append(entry('a', 1, 0, 3));
    await clock.advanceAsync(100);
    const db = realDisk.open(join(folder, 'journal.db'), { readOnly: true });
    const store = createStore(db);
    expect(store.restore('a')?.checkpoint?.nextOrdinal).toBe(3);
    await journal.stored('a');
    expect(store.restore('a')?.checkpoint?.nextOrdinal).toBe(3);
    db.close();
    await journal.close();
  });
});
