import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RestoredSource } from '../core/journal';
import { createFakeClock } from '../simulation/fake-clock';
import { realDisk } from './disk';
import { createJournal } from './journal';
import type { JournalDisk } from './open';
import { openFile } from './open';
import { entry, someTime } from './samples';
import { createFailingDisk } from './testing/failing-disk';
import { openInline } from './workers';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

function start(disk: JournalDisk = realDisk, wall = someTime) {
  const clock = createFakeClock({ wall });
  const journal = createJournal({ openWorker: () => openInline(disk), clock, folder });
  return { clock, journal };
}

/** A journal that holds ten events of `a`, closed. */
async function fill(): Promise<void> {
  const { journal } = start();
  journal.append(entry('a', 1, 0, 10));
  await journal.close();
}

/** What a restore answers, and when it does. */
function asked(restoring: Promise<RestoredSource | null>): { answer: RestoredSource | null | 'none yet' } {
  const result: { answer: RestoredSource | null | 'none yet' } = { answer: 'none yet' };
  void restoring.then(
    (answer) => {
      result.answer = answer;
    },
    () => undefined,
  );
  return result;
}

describe('promise 1: a read that fails is not an empty store', () => {
  it.each([
    ['disk I/O error', 10],
    ['database is locked', 5],
    ['unable to open database file', 14],
  ])('waits and says so while the file cannot be opened: %s', async (message, errcode) => {
    await fill();
    let failing = true;
    const disk: JournalDisk = {
      ...realDisk,
      open(path, options) {
        if (failing) throw Object.assign(new Error(message), { errcode });
        return realDisk.open(path, options);
      },
    };
    const { clock, journal } = start(disk);
    const restoring = asked(journal.restore('a'));
    journal.append(entry('b', 1, 0, 5));
    await clock.advanceAsync(60_000);
    expect(restoring.answer).toBe('none yet');
    expect(journal.view()).toMatchObject({ kind: 'paused', text: expect.stringContaining(message) });
    failing = false;
    await clock.advanceAsync(20_000);
    expect(restoring.answer).toMatchObject({ checkpoint: { nextOrdinal: 10 } });
    expect(journal.view().kind).toBe('ok');
    expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toEqual([]);
    await journal.close();
  });

  it('waits while the place of a source cannot be read in a file that was opened', async () => {
    await fill();
    const failing = createFailingDisk(realDisk);
    const { clock, journal } = start(failing.disk);
    await clock.advanceAsync(10);
    failing.failReads(10, 'disk I/O error');
    const restoring = asked(journal.restore('a'));
    await clock.advanceAsync(10);
    expect(journal.view()).toMatchObject({ kind: 'paused', text: expect.stringContaining('cannot be read') });
    await clock.advanceAsync(30_000);
    expect(restoring.answer).toBe('none yet');
    failing.heal();
    await clock.advanceAsync(20_000);
    expect(restoring.answer).toMatchObject({ checkpoint: { nextOrdinal: 10 } });
    await journal.close();
  });

  it('knows that there is none in a folder that can be read and not written', async () => {
    const disk: JournalDisk = {
      ...realDisk,
      open() {
        throw Object.assign(new Error('unable to open database file'), { errcode: 14 });
      },
    };
    const { journal } = start(disk);
    expect(await journal.restore('a')).toBeNull();
    await journal.close();
  });

  it('does not take a folder that cannot be looked into for an empty one', async () => {
    const disk: JournalDisk = {
      ...realDisk,
      open() {
        throw Object.assign(new Error('unable to open database file'), { errcode: 14 });
      },
      exists() {
        throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
      },
    };
    const { clock, journal } = start(disk);
    const restoring = asked(journal.restore('a'));
    await clock.advanceAsync(10_000);
    expect(restoring.answer).toBe('none yet');
    await journal.close();
  });

  it('leaves a wait for what cannot be read when it is closed', async () => {
    const disk: JournalDisk = {
      ...realDisk,
      open() {
        throw Object.assign(new Error('disk I/O error'), { errcode: 10 });
      },
    };
    const { clock, journal } = start(disk);
    const restoring = journal.restore('a').catch((error: Error) => error.message);
    await clock.advanceAsync(1_000);
    await journal.close();
    expect(await restoring).toMatch(/closed/);
  });

  it('leaves a damaged file in place while it cannot be moved, and tries again', async () => {
    writeFileSync(join(folder, 'journal.db'), Buffer.alloc(20_000, 'not a database '));
    let stuck = true;
    const disk: JournalDisk = {
      ...realDisk,
      rename(from, to) {
        if (stuck) throw Object.assign(new Error('EIO: i/o error, rename'), { code: 'EIO' });
        realDisk.rename(from, to);
      },
    };
    const { clock, journal } = start(disk);
    const restoring = asked(journal.restore('a'));
    await clock.advanceAsync(5_000);
    expect(restoring.answer).toBe('none yet');
    stuck = false;
    await clock.advanceAsync(20_000);
    expect(journal.view().kind).toBe('set-aside');
    expect(restoring.answer).not.toBe('none yet');
    await journal.close();
  });
});

describe('promise 1: what is lost with a damaged file is told', () => {
  it.each([
    ['a file of 0 bytes', true],
    ['a log without its file', false],
  ])('does not take %s for a journal in which nothing was stored', async (_, empty) => {
    await fill();
    // Not cut in place: SQLite in this process remembers the file.
    rmSync(join(folder, 'journal.db'));
    writeFileSync(join(folder, empty ? 'journal.db' : 'journal.db-wal'), empty ? '' : 'what was not in the file yet');
    const { clock, journal } = start();
    const restored = await journal.restore('a');
    await clock.advanceAsync(10);
    expect(restored?.damage).toHaveLength(1);
    expect(journal.view()).toMatchObject({ kind: 'set-aside', text: expect.stringContaining('journal.damaged.') });
    journal.append(entry('a', 2, 10, 20));
    await journal.close();
    const next = start();
    expect(await next.journal.restore('a')).toMatchObject({ checkpoint: { nextOrdinal: 20 } });
    expect(next.journal.view().kind).toBe('ok');
    await next.journal.close();
  });

  it.each([1, 2, 3, 4])('a first start that dies at statement %i leaves nothing that looks damaged', async (dies) => {
    let left = dies;
    const step = () => {
      left -= 1;
      if (left <= 0) throw Object.assign(new Error('killed'), { errcode: 10 });
    };
    const disk: JournalDisk = {
      ...realDisk,
      open(path, options) {
        const db = realDisk.open(path, options);
        return {
          close: () => db.close(),
          exec(sql) {
            step();
            db.exec(sql);
          },
          prepare(sql) {
            step();
            return db.prepare(sql);
          },
        };
      },
    };
    expect(openFile(disk, folder, someTime).kind).toBe('barred');
    const { journal } = start();
    expect(await journal.restore('a')).toBeNull();
    expect(journal.view().kind).toBe('ok');
    expect(readdirSync(folder).filter((name) => /damaged|new/.test(name))).toEqual([]);
    await journal.close();
  });

  it('goes on from the places that can still be read, with a gap for what was stored', async () => {
    await fill();
    const path = join(folder, 'journal.db');
    const db = realDisk.open(path, { readOnly: false });
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const root = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'blocks'").get()?.rootpage);
    db.close();
    const bytes = readFileSync(path);
    // Only the blocks: the schema and the sources stay as they are.
    bytes.fill(0x5a, (root - 1) * 8192, root * 8192);
    writeFileSync(path, bytes);
    const { clock, journal } = start();
    await expect(journal.page({ source: 'a', from: null, direction: 'before', limit: 5, text: '' })).rejects.toThrow(
      /malformed/,
    );
    await clock.advanceAsync(100);
    expect(journal.view().kind).toBe('set-aside');
    const restored = await journal.restore('a');
    expect(restored?.checkpoint).toMatchObject({
      nextOrdinal: 10,
      resume: { positions: { metrics: { epoch: 'e1', seq: 10 } } },
    });
    expect(restored?.counters.delivered).toBe(10);
    expect(restored?.damage).toEqual([
      expect.objectContaining({ stream: 'metrics', from: 1, to: null, status: 'lost', cause: 'journal-damaged' }),
    ]);
    await journal.close();
    // It is news once.
    const next = start(realDisk, someTime + 60_000);
    expect((await next.journal.restore('a'))?.damage).toBeUndefined();
    await next.journal.close();
  });

  it('tells a source that nothing can be read of, and begins it from what is now', async () => {
    writeFileSync(join(folder, 'journal.db'), Buffer.alloc(20_000, 'not a database '));
    const { clock, journal } = start();
    const restored = await journal.restore('a');
    expect(restored).toMatchObject({ checkpoint: null, damage: [{ cause: 'journal-damaged', to: null }] });
    journal.append(entry('a', 1, 0, 5));
    await clock.advanceAsync(100);
    const page = await journal.page({ source: 'a', from: null, direction: 'before', limit: 5, text: '' });
    expect(page.gaps.map(({ cause }) => cause)).toEqual(['journal-damaged']);
    await journal.close();
  });

  /** A file that cannot be read, and a disk without room: nothing can be written, nor a file begun unless `begins`. */
  function damagedAndFull(begins: boolean) {
    writeFileSync(join(folder, 'journal.db'), Buffer.alloc(20_000, 'not a database '));
    const full = { on: true };
    const check = (): void => {
      if (full.on) throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
    };
    const disk: JournalDisk = {
      ...realDisk,
      open(name, options) {
        const db = realDisk.open(name, options);
        return {
          exec(sql) {
            if (!begins && /CREATE TABLE/.test(sql)) check();
            db.exec(sql);
          },
          close: () => db.close(),
          prepare(sql) {
            const statement = db.prepare(sql);
            return {
              ...statement,
              get: (...values) => statement.get(...values),
              all: (...values) => statement.all(...values),
              run(...values) {
                if (/^\s*(INSERT|UPDATE|DELETE)/.test(sql)) check();
                return statement.run(...values);
              },
            };
          },
        };
      },
    };
    return { disk, full };
  }

  it.each([true, false])(
    'also where the disk was full when it was set aside (a new file could be begun: %s)',
    async (begins) => {
      const { disk, full } = damagedAndFull(begins);
      const { clock, journal } = start(disk);
      const restoring = asked(journal.restore('a'));
      await clock.advanceAsync(30_000);
      // Whether there is something to tell is not known yet: nothing begins as if there had never been anything.
      expect(restoring.answer).toBe('none yet');
      expect(journal.view()).toMatchObject({ kind: 'paused', text: expect.stringContaining('full') });
      full.on = false;
      await clock.advanceAsync(20_000);
      expect(restoring.answer).toMatchObject({ damage: [{ cause: 'journal-damaged' }] });
      expect(journal.view().kind).toBe('set-aside');
      await journal.close();
    },
  );

  it.each([true, false])(
    'also where the process ended before there was room (a new file was begun: %s)',
    async (begins) => {
      const { disk } = damagedAndFull(begins);
      const first = start(disk);
      await first.clock.advanceAsync(5_000);
      await first.journal.close();
      const { clock, journal } = start(realDisk, someTime + 60_000);
      const restored = await journal.restore('a');
      expect(restored).toMatchObject({ damage: [{ cause: 'journal-damaged' }] });
      await clock.advanceAsync(100);
      expect(journal.view().kind).toBe('set-aside');
      await journal.close();
      // Told, it is not told again.
      const next = start(realDisk, someTime + 120_000);
      expect((await next.journal.restore('b'))?.damage).toBeUndefined();
      expect(next.journal.view().kind).toBe('ok');
      await next.journal.close();
    },
  );

  it('takes a page that could not be got for another reason for no proof of damage', async () => {
    await fill();
    const said: string[] = [];
    const { createJournalServer } = await import('./server');
    const server = createJournalServer({
      disk: {
        ...realDisk,
        open: (path, options) => {
          const db = realDisk.open(path, options);
          const prepare = (sql: string) =>
            /quick_check/.test(sql)
              ? {
                  ...db.prepare('SELECT 1'),
                  get: () => ({ quick_check: 'Tree 3 page 9: unable to get the page. error code=266' }),
                }
              : db.prepare(sql);
          return { exec: (sql) => db.exec(sql), close: () => db.close(), prepare } as ReturnType<JournalDisk['open']>;
        },
      },
      send: (message) => said.push(message.kind === 'checked' ? `sound: ${message.sound}` : message.kind),
      later: null,
    });
    server.handle({ kind: 'check', folder });
    expect(said).toEqual(['sound: true']);
    expect(openFile(realDisk, folder, someTime).kind).toBe('ready');
  });
});
