import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import { createSeededRandom } from '../simulation/seeded-random';
import type { Database } from './database';
import { realDisk } from './disk';
import { createJournal } from './journal';
import type { JournalDisk } from './open';
import { someTime } from './samples';
import { entriesIn, perEntry, wholeEntry } from './whole';
import { openInline } from './workers';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A disk on which the process dies before its n-th statement: nothing after it has any effect. */
function mortalDisk(statements: number): JournalDisk & { bury(): void } {
  let left = statements;
  const open: Database[] = [];
  const live = (): void => {
    if (left-- <= 0) throw new Error('killed');
  };
  return {
    ...realDisk,
    open(path, options) {
      const db = realDisk.open(path, options);
      open.push(db);
      return {
        exec(sql) {
          live();
          db.exec(sql);
        },
        prepare(sql) {
          const statement = db.prepare(sql);
          return {
            run(...values) {
              live();
              return statement.run(...values);
            },
            get: (...values) => statement.get(...values),
            all: (...values) => statement.all(...values),
          };
        },
        close: () => undefined,
      };
    },
    bury() {
      for (const db of open) {
        try {
          db.exec('ROLLBACK');
        } catch {
          // No transaction was open.
        }
        db.close();
      }
    },
  };
}

describe('what is committed', () => {
  it('is whole when the process dies between any two statements', async () => {
    let durable = 0;
    let statements = 40;
    for (let round = 0; round < 25; round++) {
      statements += 16;
      const disk = mortalDisk(statements % 400);
      const worker = openInline(disk);
      const clock = createFakeClock({ wall: someTime });
      const journal = createJournal({ openWorker: () => worker, clock, folder });
      let next = durable;
      let acknowledged = durable;
      journal.onCommitted((_, number) => {
        acknowledged = number;
      });
      for (let turn = 0; turn < 4 && journal.view().kind === 'ok'; turn++) {
        for (let more = 0; more < 3; more++) journal.append(wholeEntry('a', next++));
        await clock.advanceAsync(60);
        worker.server.upkeep(someTime);
      }
      worker.terminate();
      disk.bury();
      const found = await entriesIn(folder, 'a', 2);
      expect(found).toBeGreaterThanOrEqual(acknowledged);
      expect(found).toBeLessThanOrEqual(next);
      durable = found;
    }
    expect(durable).toBeGreaterThan(20);
  }, 60_000);

  it('is whole after kill -9 at a random moment (behaviours 31)', async () => {
    const random = createSeededRandom(7);
    const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
    let durable = 0;
    for (let round = 0; round < 3; round++) {
      const child = spawn(
        process.execPath,
        [
          '-e',
          `require('tsx/cjs'); require(${JSON.stringify(here('./testing/kill-child.ts'))});`,
          '--',
          folder,
          here('./worker.ts'),
          String(durable),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let said = durable;
      let heard = '';
      const first = new Promise<void>((resolve) => {
        child.stdout.on('data', (data: Buffer) => {
          heard += data.toString();
          const lines = heard.split('\n');
          heard = lines.pop() ?? '';
          for (const line of lines) said = Number(line);
          resolve();
        });
      });
      const gone = new Promise((resolve) => child.on('exit', resolve));
      await first;
      await new Promise((resolve) => setTimeout(resolve, random.next() * 300));
      child.kill('SIGKILL');
      await gone;
      const found = await entriesIn(folder, 'a');
      expect(found).toBeGreaterThanOrEqual(said);
      durable = found;
    }
    expect(durable).toBeGreaterThan(4);
  }, 60_000);

  it('promise 3: a thread is ended only when no statement runs in it: it would take the process along', async () => {
    const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
    for (const [name, rows] of [
      ['small', 1],
      ['large', 1_500_000],
    ] as const) {
      realDisk.makeFolder(join(folder, name));
      const db = realDisk.open(join(folder, name, 'journal.db'), { readOnly: false });
      db.exec(`CREATE TABLE t (x); CREATE INDEX i ON t (x);
        WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${rows}) INSERT INTO t SELECT n FROM c`);
      db.close();
    }
    const child = spawn(
      process.execPath,
      [
        '-e',
        `require('tsx/cjs'); require(${JSON.stringify(here('./testing/end-child.ts'))});`,
        '--',
        join(folder, 'small'),
        join(folder, 'large'),
        here('./worker.ts'),
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
    });
    const code = await new Promise((resolve) => child.on('exit', (status, signal) => resolve(signal ?? status)));
    expect([code, said]).toEqual([0, 'gone\n']);
  }, 60_000);

  it('is a whole beginning when the tail of the log is torn or overwritten', async () => {
    const source = join(folder, 'source');
    const worker = openInline(realDisk);
    const clock = createFakeClock({ wall: someTime });
    const journal = createJournal({ openWorker: () => worker, clock, folder: source });
    for (let n = 0; n < 24; n++) {
      journal.append(wholeEntry('a', n));
      await journal.flush();
    }
    const log = join(source, 'journal.db-wal');
    const size = statSync(log).size;
    const random = createSeededRandom(11);
    const found = new Set<number>();
    for (let turn = 0; turn < 40; turn++) {
      const copy = join(folder, `copy${turn}`);
      realDisk.makeFolder(copy);
      copyFileSync(join(source, 'journal.db'), join(copy, 'journal.db'));
      copyFileSync(log, join(copy, 'journal.db-wal'));
      const at = Math.floor(random.next() * size);
      if (turn % 2 === 0) truncateSync(join(copy, 'journal.db-wal'), at);
      else {
        const bytes = readFileSync(join(copy, 'journal.db-wal'));
        bytes.fill(0x5a, at, at + 4096);
        writeFileSync(join(copy, 'journal.db-wal'), bytes);
      }
      found.add(await entriesIn(copy, 'a'));
      expect(existsSync(join(copy, 'journal.db'))).toBe(true);
      rmSync(copy, { recursive: true });
    }
    await journal.close();
    expect(found.size).toBeGreaterThan(5);
    expect(await entriesIn(source, 'a', 20)).toBe(24);
    expect(perEntry * 24).toBeGreaterThan(512);
  });
});
