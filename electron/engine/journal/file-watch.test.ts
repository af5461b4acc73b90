import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import { realDisk } from './disk';
import { createJournal } from './journal';
import type { FromWorker } from './messages';
import type { JournalDisk } from './open';
import { entry, someTime } from './samples';
import { createJournalServer } from './server';
import { sqlError, watchedDisk } from './testing/watched-disk';
import { openInline } from './workers';

let folder = '';
const opened: { close(): Promise<void> }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(async () => {
  for (const journal of opened.splice(0)) await journal.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(disk: JournalDisk = realDisk) {
  const clock = createFakeClock({ wall: someTime });
  const journal = createJournal({ openWorker: () => openInline({ ...disk, now: () => clock.now() }), clock, folder });
  opened.push(journal);
  return { clock, journal };
}

/** What is stored of `a`, as the next run would find it: the one before it was killed. */
async function nextRun() {
  const { journal } = start();
  const restored = await journal.restore('a');
  const page = await journal.page({ source: 'a', from: -1, direction: 'after', limit: 1000, text: '' });
  return { next: restored?.checkpoint?.nextOrdinal, rows: page.rows.map(({ ordinal }) => ordinal), gaps: page.gaps };
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);
const path = () => join(folder, 'journal.db');
const other = 'not ours at all';

const harms = [
  ['deleted', 'deleted', () => rmSync(path())],
  [
    'deleted with its log',
    'deleted',
    () => {
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
    },
  ],
  ['left without its log', 'deleted', () => rmSync(`${path()}-wal`)],
  ['deleted with its folder', 'deleted', () => rmSync(folder, { recursive: true })],
  [
    'replaced',
    'replaced',
    () => {
      writeFileSync(join(folder, 'other'), other);
      renameSync(join(folder, 'other'), path());
    },
  ],
] as const;

describe('a journal whose file goes while it is in use', () => {
  it.each(harms)(
    'promise 6: %s: noticed by the next sign of life, written anew, said, and nothing of it lost',
    async (_, what, harm) => {
      const { clock, journal } = start();
      const resumed: string[] = [];
      journal.onResumed((source) => void resumed.push(source));
      journal.append(entry('a', 1, 0, 10));
      await journal.flush();
      harm();
      await clock.advanceAsync(5_500);
      expect(journal.view()).toMatchObject({ kind: 'set-aside', whole: true });
      const { text } = journal.view() as { readonly text: string };
      expect(text).toContain(`was ${what} while it was in use`);
      journal.append(entry('a', 2, 10, 20));
      await journal.flush();
      expect(await nextRun()).toEqual({ next: 20, rows: upTo(20), gaps: [] });
      // Nobody has to ask for anything again.
      expect(resumed).toEqual([]);
      const others = readdirSync(folder).filter((name) => name.includes('.other.'));
      const aside = others.filter((name) => name.endsWith('.db'));
      expect([aside.length, others.length > 0]).toEqual(what === 'deleted' ? [0, false] : [1, true]);
      for (const name of aside) {
        expect(text).toContain(name);
        expect(readFileSync(join(folder, name), 'utf8')).toBe(other);
      }
    },
  );

  it('promise 6: deleted just before the application is closed: it is there again', async () => {
    const { journal } = start();
    journal.append(entry('a', 1, 0, 10));
    await journal.flush();
    rmSync(path());
    await journal.close();
    expect(await nextRun()).toEqual({ next: 10, rows: upTo(10), gaps: [] });
  });

  it('promise 6: noticed under steady load too, with one look in five seconds', async () => {
    const told: FromWorker[] = [];
    let now = 0;
    let looks = 0;
    const disk: JournalDisk = {
      ...realDisk,
      now: () => now,
      identity(at) {
        looks += 1;
        return realDisk.identity(at);
      },
    };
    const server = createJournalServer({ disk, send: (message) => void told.push(message), later: null });
    server.handle({ kind: 'open', folder, at: 0, retention: { ageMs: 1e12, bytes: 1e9 } });
    looks = 0;
    for (let number = 1; number <= 200; number += 1) {
      now += 100;
      if (number === 101) rmSync(path());
      server.handle({ kind: 'commit', group: { number, at: now, blocks: [], sources: '[]' } });
    }
    expect(told.filter(({ kind }) => kind === 'set-aside')).toHaveLength(1);
    expect(told.filter(({ kind }) => kind === 'committed')).toHaveLength(200);
    expect(looks).toBeLessThanOrEqual(2 * 6);
    server.handle({ kind: 'close', at: now });
  });

  it('promise 6: without room for it the journal pauses and says so, keeps what it has open, and writes it when there is', async () => {
    let full = true;
    const disk = watchedDisk(realDisk, (sql) => {
      if (full && sql.startsWith('VACUUM INTO')) throw sqlError('database or disk is full', 13);
    });
    const { clock, journal } = start(disk);
    journal.append(entry('a', 1, 0, 10));
    await journal.flush();
    rmSync(path());
    await clock.advanceAsync(5_500);
    expect(journal.view()).toMatchObject({ kind: 'paused', text: expect.stringContaining('full') });
    await clock.advanceAsync(60_000);
    expect(journal.view().kind).toBe('paused');
    journal.append(entry('a', 2, 10, 20));
    full = false;
    await clock.advanceAsync(20_000);
    expect(journal.view()).toMatchObject({ kind: 'set-aside', whole: true });
    await journal.flush();
    expect(await nextRun()).toEqual({ next: 20, rows: upTo(20), gaps: [] });
  });

  it('promise 6: where what is open cannot be read either, a new one is begun, its sources told, and a gap left', async () => {
    const disk = watchedDisk(realDisk, (sql) => {
      if (sql.startsWith('VACUUM INTO')) throw sqlError('malformed', 11);
    });
    const { clock, journal } = start(disk);
    const resumed: string[] = [];
    journal.onResumed((source) => void resumed.push(source));
    await journal.restore('a');
    journal.append(entry('a', 1, 0, 10));
    await journal.flush();
    rmSync(path());
    await clock.advanceAsync(5_500);
    expect(journal.view()).toMatchObject({ kind: 'set-aside' });
    expect(journal.view()).not.toHaveProperty('whole');
    expect(resumed).toEqual(['a']);
    expect((await nextRun()).gaps).toHaveLength(1);
  });
});
