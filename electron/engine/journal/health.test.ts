import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalView } from '../../../shared/ipc';
import type { RestoredSource } from '../core/journal';
import { createFakeClock } from '../simulation/fake-clock';
import { realDisk } from './disk';
import type { JournalDeps } from './journal';
import { createJournal } from './journal';
import type { JournalWorker } from './messages';
import type { JournalDisk } from './open';
import { openFile } from './open';
import { checkpoint, entry, someTime, transition } from './samples';
import { migrations, schemaVersion, versionOf } from './schema';
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

const failingDisk = () => createFailingDisk(realDisk);

function start(disk: JournalDisk = realDisk, more: Partial<JournalDeps> = {}) {
  const clock = createFakeClock({ wall: someTime });
  const worker = openInline(disk);
  const journal = createJournal({ openWorker: () => worker, clock, folder, ...more });
  const views: JournalView[] = [];
  journal.onView((view) => views.push(view));
  const committed: number[] = [];
  journal.onCommitted((_, number) => committed.push(number));
  return { clock, worker, journal, views, committed };
}

describe('a journal that cannot store', () => {
  it('pauses with a sentence, keeps what it has room for and stores it when it can again', async () => {
    const { disk, fail, heal } = failingDisk();
    const { clock, journal, views, committed } = start(disk);
    journal.append(entry('a', 1, 0, 10));
    await clock.advanceAsync(100);
    fail(13, 'database or disk is full');
    journal.append(entry('a', 2, 10, 20));
    await clock.advanceAsync(100);
    expect(journal.view()).toMatchObject({ kind: 'paused', since: someTime + 150 });
    expect(journal.view()).toHaveProperty('text', expect.stringContaining('disk is full'));
    expect(journal.append(entry('a', 3, 20, 30))).toBe('go');
    await journal.flush();
    expect(committed).toEqual([1]);
    await clock.advanceAsync(4_000);
    expect(views.filter((view) => view.kind === 'paused')).toHaveLength(1);
    heal();
    await clock.advanceAsync(20_000);
    expect(journal.view()).toEqual({ kind: 'ok', behind: 0 });
    expect(committed).toEqual([1, 2, 3]);
    expect((await journal.restore('a'))?.checkpoint?.nextOrdinal).toBe(30);
    await journal.close();
  });

  it('promise 3: leaves no timer when it is closed while nothing can be stored', async () => {
    const { disk, fail } = failingDisk();
    const { clock, journal } = start(disk);
    journal.append(entry('a', 1, 0, 10));
    await clock.advanceAsync(100);
    fail(13, 'database or disk is full');
    journal.append(entry('a', 2, 10, 20));
    await clock.advanceAsync(20);
    const closed = journal.close();
    await clock.advanceAsync(1_000);
    await closed;
    expect(clock.pending()).toBe(0);
    // Found full before: what is left is tried once more at the end.
    const { clock: later, journal: again } = start(disk);
    again.append(entry('a', 2, 10, 20));
    await later.advanceAsync(3_000);
    const over = again.close();
    await later.advanceAsync(1_000);
    await over;
    expect(later.pending()).toBe(0);
  });

  it('promise 3: forgets late what it could not forget, and keeps what came of the same id since', async () => {
    const { disk, fail, heal } = failingDisk();
    let refusals = 2;
    const reluctant = watchedDisk(disk, (sql) => {
      if (/INSERT INTO doomed/.test(sql) && refusals-- > 0) throw sqlError('disk I/O error', 10);
    });
    const { clock, journal, committed } = start(reluctant);
    journal.append(entry('a', 50, 0, 10));
    await clock.advanceAsync(100);
    fail(13, 'database or disk is full');
    journal.append(entry('a', 51, 10, 20));
    await clock.advanceAsync(100);
    expect(journal.view().kind).toBe('paused');
    await journal.forget('a');
    expect(await journal.restore('a')).toBeNull();
    // The same id again, as an import brings it: it begins at its beginning.
    journal.append(entry('a', 1, 0, 3));
    await clock.advanceAsync(100);
    heal();
    await clock.advanceAsync(60_000);
    expect(refusals).toBeLessThan(0);
    expect(journal.view().kind).toBe('ok');
    // What was under way of the one that is gone is no news of the one that came.
    expect(committed).toEqual([50, 1]);
    expect(await journal.stored('a')).toMatchObject({ events: 3 });
    const page = await journal.page({ source: 'a', from: null, direction: 'before', limit: 50, text: '' });
    expect(page.rows.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2]);
    expect((await journal.restore('a'))?.checkpoint?.nextOrdinal).toBe(3);
    await journal.close();
  });

  it.each([
    ['disk I/O error', 10],
    ['database disk image is malformed', 11],
  ])(
    'promise 3: what is forgotten stays so where that is what finds the disk failing: %s',
    async (message, errcode) => {
      let failures = 0;
      const failing = watchedDisk(realDisk, (sql) => {
        if (!/INSERT INTO doomed/.test(sql) || failures === 0) return;
        failures -= 1;
        throw sqlError(message, errcode);
      });
      const { clock, journal } = start(failing);
      journal.onResumed(() => {});
      journal.append(entry('a', 50, 0, 10));
      journal.append(entry('b', 50, 0, 10));
      await clock.advanceAsync(100);
      failures = 1;
      await journal.forget('a');
      expect(failures).toBe(0);
      expect(await journal.restore('a')).toBeNull();
      journal.append(entry('a', 1, 0, 3));
      await clock.advanceAsync(60_000);
      expect(journal.view().kind).toBe(errcode === 11 ? 'set-aside' : 'ok');
      expect((await journal.restore('a'))?.checkpoint?.nextOrdinal).toBe(3);
      expect((await journal.restore('b'))?.checkpoint?.nextOrdinal).toBe(10);
      const page = await journal.page({ source: 'a', from: null, direction: 'before', limit: 50, text: '' });
      expect(page.rows.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2]);
      expect(page.gaps).toEqual([]);
      await journal.close();
    },
  );

  it('drops what is too much, and tells the source from where to ask again', async () => {
    const { disk, fail, heal } = failingDisk();
    const { clock, journal, committed } = start(disk, { limits: { waitEvents: 1000 } });
    const resumed: [string, RestoredSource | null][] = [];
    journal.onResumed((source, stored) => {
      resumed.push([source, stored]);
      // The source fetches again from the stored cursor on.
      journal.append(entry(source, 100, stored?.checkpoint?.nextOrdinal ?? 0, 1600));
    });
    journal.append(entry('a', 1, 0, 10));
    journal.append(entry('b', 1, 0, 10));
    await clock.advanceAsync(100);
    fail(13, 'database or disk is full');
    journal.append(entry('a', 2, 10, 20));
    await clock.advanceAsync(100);
    for (let n = 2; n < 18; n++) {
      const steps = n === 10 ? [transition(someTime, { kind: 'offline', cause: 'asleep' })] : [];
      expect(journal.append(entry('a', n + 1, n * 10, n * 100, { transitions: steps }))).toBe('go');
    }
    journal.append(entry('b', 2, 10, 20));
    heal();
    await clock.advanceAsync(20_000);
    expect(resumed.map(([source, stored]) => [source, stored?.checkpoint?.nextOrdinal])).toEqual([['a', 20]]);
    expect(committed).toEqual([1, 1, 2, 2, 100]);
    const page = await journal.page({ source: 'a', from: null, direction: 'before', limit: 1000, text: '' });
    expect(page.rows[0]?.ordinal).toBe(600);
    expect(page.rows[999]?.ordinal).toBe(1599);
    expect((await journal.transitions('a', 10)).map((one) => one.to.kind)).toEqual(['offline']);
    await journal.close();
  });

  it('gives up a group that fails for no known reason, rather than all that follow it', async () => {
    const { disk, fail, heal } = failingDisk();
    const { clock, journal, committed } = start(disk);
    journal.onResumed((source) => {
      journal.append(entry(source, 9, 0, 5));
    });
    fail(1, 'no such thing');
    journal.append(entry('a', 1, 0, 10));
    await clock.advanceAsync(60_000);
    heal();
    await clock.advanceAsync(60_000);
    expect(committed).toEqual([9]);
    await journal.close();
  });

  it('watches on in a folder that cannot be written, and begins when it can', async () => {
    if (process.getuid?.() === 0) return;
    chmodSync(folder, 0o500);
    const { clock, journal, committed } = start();
    expect(await journal.restore('a')).toBeNull();
    expect(journal.view()).toMatchObject({ kind: 'paused' });
    journal.append(entry('a', 1, 0, 10));
    await clock.advanceAsync(5_000);
    expect(committed).toEqual([]);
    chmodSync(folder, 0o700);
    await clock.advanceAsync(20_000);
    expect(committed).toEqual([1]);
    await journal.close();
  });

  it('survives its worker: what was under way is asked for again', async () => {
    const workers: (JournalWorker & { die(): void })[] = [];
    const { clock, journal, committed } = start(realDisk, {
      openWorker() {
        const inner = openInline(realDisk);
        let exit: (why: string) => void = () => undefined;
        const worker = {
          ...inner,
          listen(onMessage: Parameters<JournalWorker['listen']>[0], onExit: (why: string) => void) {
            exit = onExit;
            inner.listen(onMessage, onExit);
          },
          die() {
            inner.terminate();
            exit('out of memory');
          },
        };
        workers.push(worker);
        return worker;
      },
    });
    const resumed: (number | undefined)[] = [];
    journal.onResumed((_, stored) => resumed.push(stored?.checkpoint?.nextOrdinal));
    journal.append(entry('a', 1, 0, 10));
    await clock.advanceAsync(100);
    journal.append(entry('a', 2, 10, 20));
    void journal.flush();
    workers[0]?.die();
    expect(journal.view()).toMatchObject({ kind: 'paused', text: expect.stringContaining('out of memory') });
    await clock.advanceAsync(5_000);
    expect(journal.view().kind).toBe('ok');
    // It was stored, only not acknowledged.
    expect(resumed).toEqual([20]);
    journal.append(entry('a', 3, 20, 30));
    await clock.advanceAsync(100);
    expect(committed).toEqual([1, 3]);
    await journal.close();
  });
});

describe('opening', () => {
  it('sets a damaged file aside under a dated name, says so, and begins a new one', async () => {
    writeFileSync(join(folder, 'journal.db'), Buffer.alloc(20_000, 'not a database '));
    const { clock, journal } = start();
    await clock.advanceAsync(1);
    expect(journal.view()).toMatchObject({
      kind: 'set-aside',
      text: expect.stringContaining('journal.damaged.2026-01-01T'),
    });
    journal.append(entry('a', 1, 0, 10));
    await journal.flush();
    expect((await journal.restore('a'))?.checkpoint?.nextOrdinal).toBe(10);
    await journal.close();
    expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toHaveLength(1);
  });

  it('replaces a file found damaged while running and goes on with what it was about to store', async () => {
    const { disk, fail, heal } = failingDisk();
    const { clock, journal, committed } = start({
      ...disk,
      rename(from, to) {
        heal();
        disk.rename(from, to);
      },
    });
    journal.append(entry('a', 1, 0, 10));
    await clock.advanceAsync(100);
    fail(11, 'database disk image is malformed');
    let damage: RestoredSource['damage'];
    journal.onResumed((source, stored) => {
      damage = stored?.damage;
      // The source goes on from what could be read of its place in the old file.
      const next = stored?.checkpoint?.nextOrdinal ?? -1;
      journal.append(entry(source, 3, next, 25));
    });
    journal.append(entry('a', 2, 10, 20));
    await clock.advanceAsync(200);
    expect(committed).toEqual([1, 3]);
    expect(journal.view().kind).toBe('set-aside');
    const restored = await journal.restore('a');
    expect(restored?.checkpoint?.nextOrdinal).toBe(25);
    expect(damage).toEqual([
      expect.objectContaining({ stream: 'metrics', epoch: 'e1', from: 1, to: null, cause: 'journal-damaged' }),
    ]);
    // It is said once.
    expect(restored?.damage).toBeUndefined();
    const page = await journal.page({ source: 'a', from: null, direction: 'before', limit: 50, text: '' });
    expect(page.rows.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: 15 }, (_, index) => 10 + index));
    expect(page.gaps.map(({ cause }) => cause)).toEqual(['journal-damaged']);
    await journal.close();
  });

  it.each([
    ['what it was about to store', 1],
    ['nothing to store', 0],
  ])('promise 3: goes on when the file is found damaged as it is tried again, with %s', async (_what, more) => {
    const { disk, fail, heal } = failingDisk();
    const { clock, journal } = start({
      ...disk,
      rename(from, to) {
        heal();
        disk.rename(from, to);
      },
    });
    journal.append(entry('a', 1, 0, 10));
    await clock.advanceAsync(100);
    fail(13, 'database or disk is full');
    if (more > 0) journal.append(entry('a', 2, 10, 20));
    await clock.advanceAsync(5_000);
    expect(journal.view().kind).toBe('paused');
    journal.onResumed((source, stored) => {
      const next = stored?.checkpoint?.nextOrdinal ?? -1;
      journal.append(entry(source, 3, next, 25));
    });
    fail(11, 'database disk image is malformed');
    await clock.advanceAsync(60_000);
    expect(journal.view().kind).toBe('set-aside');
    expect((await journal.restore('a'))?.checkpoint?.nextOrdinal).toBe(25);
    await journal.close();
  });

  it('checks the file after an unclean end, beside the flow', async () => {
    const first = start();
    first.journal.append(entry('a', 1, 0, 10));
    await first.journal.flush();
    first.worker.terminate();
    const opened: number[] = [];
    const second = start(realDisk, {
      openWorker() {
        opened.push(1);
        return openInline(realDisk);
      },
    });
    await second.journal.restore('a');
    second.journal.checkLater();
    await second.clock.advanceAsync(10);
    expect(opened).toHaveLength(2);
    second.journal.checkLater();
    expect(opened).toHaveLength(2);
    expect(second.journal.view().kind).toBe('ok');
    await second.journal.close();
    const third = start();
    await third.journal.restore('a');
    third.journal.checkLater();
    await third.journal.close();
  });

  it('reads what a newer version wrote, and leaves it alone', async () => {
    const first = start();
    first.journal.append(entry('a', 1, 0, 10));
    await first.journal.close();
    const db = realDisk.open(join(folder, 'journal.db'), { readOnly: false });
    db.exec(`PRAGMA user_version = ${schemaVersion + 1}`);
    db.close();
    const { clock, journal } = start();
    await clock.advanceAsync(1);
    expect(journal.view()).toMatchObject({ kind: 'paused', text: expect.stringContaining('newer version') });
    expect((await journal.restore('a'))?.checkpoint?.nextOrdinal).toBe(10);
    const page = await journal.page({ source: 'a', from: null, direction: 'before', limit: 5, text: '' });
    expect(page.rows).toHaveLength(5);
    await journal.close();
    const after = realDisk.open(join(folder, 'journal.db'), { readOnly: true });
    expect(versionOf(after)).toBe(schemaVersion + 1);
    after.close();
  });

  it('migrates step by step, a backup before each step', () => {
    const opening = openFile(realDisk, folder, someTime);
    if (opening.kind === 'ready') opening.db.close();
    const steps = [
      ...migrations,
      { version: schemaVersion + 1, sql: 'CREATE TABLE first_step (x)' },
      { version: schemaVersion + 2, sql: 'CREATE TABLE second_step (x)' },
    ];
    const next = openFile(realDisk, folder, someTime, steps);
    expect(next.kind).toBe('ready');
    if (next.kind !== 'ready') return;
    expect(versionOf(next.db)).toBe(schemaVersion + 2);
    next.db.close();
    const backups = readdirSync(folder)
      .filter((name) => /^journal\.v\d+\./.test(name))
      .sort();
    expect(backups).toHaveLength(2);
    const versions = backups.map((name) => {
      const db = realDisk.open(join(folder, name), { readOnly: true });
      const version = versionOf(db);
      db.close();
      return version;
    });
    expect(versions).toEqual([schemaVersion, schemaVersion + 1]);
  });

  it('stays at the old version when a step fails, with nothing of it done', () => {
    const opening = openFile(realDisk, folder, someTime);
    if (opening.kind === 'ready') opening.db.close();
    const steps = [...migrations, { version: schemaVersion + 1, sql: 'CREATE TABLE half (x); SELECT no_such_thing()' }];
    expect(openFile(realDisk, folder, someTime, steps)).toMatchObject({ kind: 'barred', cause: 'unreadable' });
    const again = openFile(realDisk, folder, someTime);
    expect(again.kind).toBe('ready');
    if (again.kind === 'ready') again.db.close();
  });
});

describe('pressure', () => {
  it('says wait above its bound, and go once half of it is stored', async () => {
    const { clock, journal } = start(realDisk, { limits: { waitEvents: 1000, groupEvents: 100_000 } });
    const said: string[] = [];
    journal.onPressure((pressure) => said.push(pressure));
    expect(journal.append(entry('a', 1, 0, 900))).toBe('go');
    expect(journal.append(entry('a', 2, 900, 1800))).toBe('wait');
    expect(journal.view()).toEqual({ kind: 'ok', behind: 1800 });
    await clock.advanceAsync(100);
    expect(said).toEqual(['wait', 'go']);
    expect(journal.append(entry('a', 3, 1800, 1801))).toBe('go');
    await journal.close();
    expect(clock.pending()).toBe(0);
  });
});

describe('promise 3: two events of a source never share an ordinal', () => {
  it('refuses such a block, tells its source where to begin again, and goes on with others', async () => {
    const { clock, journal, committed } = start();
    const resumed: (number | undefined)[] = [];
    journal.onResumed((source, stored) => {
      resumed.push(stored?.checkpoint?.nextOrdinal);
      journal.append(entry(source, 3, 10, 20));
    });
    journal.append(entry('a', 1, 0, 10));
    await clock.advanceAsync(100);
    journal.append(entry('a', 2, 5, 15));
    await clock.advanceAsync(200);
    expect(resumed).toEqual([10]);
    expect(committed).toEqual([1, 3]);
    expect(journal.view().kind).toBe('ok');
    const page = await journal.page({ source: 'a', from: null, direction: 'before', limit: 50, text: '' });
    expect(page.rows.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: 20 }, (_, at) => at));
    await journal.close();
  });

  it('pages through a file of an older version that has two blocks with one beginning', async () => {
    const first = start();
    first.journal.append(entry('a', 1, 0, 10));
    first.journal.append(entry('b', 1, 0, 10));
    await first.journal.close();
    const db = realDisk.open(join(folder, 'journal.db'), { readOnly: false });
    db.exec("UPDATE blocks SET source = (SELECT id FROM sources WHERE name = 'a')");
    db.close();
    const { journal } = start();
    for (const direction of ['before', 'after'] as const) {
      const page = await journal.page({ source: 'a', from: null, direction, limit: 50, text: '' });
      expect(page.rows).toHaveLength(20);
    }
    await journal.close();
  });
});

describe('promise 12: what a step costs', () => {
  it('writes the rows of the streams that moved, however many there are', async () => {
    let rows = 0;
    const counting = watchedDisk(realDisk, (sql) => {
      if (/INTO positions/.test(sql)) rows += 1;
    });
    const { clock, journal } = start(counting);
    const place = (stream: string, seq: number) => ({ [stream]: { epoch: 'e', seq } });
    const positions = Object.fromEntries(Array.from({ length: 6_000 }, (_, n) => [`s${n}`, { epoch: 'e', seq: 1 }]));
    journal.append(entry('a', 1, 0, 1, { checkpoint: checkpoint(1, { positions }) }));
    await clock.advanceAsync(100);
    await journal.stored('a');
    expect(rows).toBe(6_000);
    for (let n = 1; n <= 10; n++) {
      journal.append(entry('a', n + 1, n, n + 1, { checkpoint: checkpoint(n + 1, { positions: place(`s${n}`, n) }) }));
      await clock.advanceAsync(100);
    }
    await journal.stored('a');
    expect(rows).toBe(6_010);
    const restored = await journal.restore('a');
    expect(Object.keys(restored?.checkpoint?.resume.positions ?? {})).toHaveLength(6_000);
    expect(restored?.checkpoint?.resume.positions).toMatchObject({ s7: { epoch: 'e', seq: 7 }, s11: { seq: 1 } });
    await journal.close();
  });
});
