import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gap } from '../../../shared/gap';
import type { Clock } from '../core/clock';
import type { DeliveredEvent } from '../core/delivery';
import type { Database } from '../journal/database';
import { realDisk } from '../journal/disk';
import { createJournal, type FullJournal } from '../journal/journal';
import type { JournalDisk } from '../journal/open';
import { openInline } from '../journal/workers';

/** The real journal on a real SQLite file, of a process that can die between any two statements. */
export interface CrashJournal {
  readonly journal: FullJournal;
  /** From now on the n-th further statement is the last one that has any effect. */
  dieAfter(statements: number): void;
  /** The process is gone: what was not committed is rolled back, as the next opening would do. */
  bury(): void;
}

export interface CrashFolder {
  open(clock: Clock): CrashJournal;
  remove(): void;
}

export function createCrashFolder(): CrashFolder {
  const folder = mkdtempSync(join(tmpdir(), 'wirewatch-sim-journal-'));
  return {
    open: (clock) => openCrashJournal(folder, clock),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function openCrashJournal(folder: string, clock: Clock): CrashJournal {
  let left = Number.POSITIVE_INFINITY;
  const opened: Database[] = [];
  const live = (): void => {
    left -= 1;
    if (left < 0) throw new Error('killed');
  };
  const disk: JournalDisk = {
    ...realDisk,
    open(path, options) {
      const database = realDisk.open(path, options);
      // What a power cut would lose is not the subject here: a killed process loses nothing it has written.
      database.exec('PRAGMA synchronous = OFF');
      opened.push(database);
      return {
        exec(sql) {
          live();
          database.exec(sql);
        },
        prepare(sql) {
          const statement = database.prepare(sql);
          return {
            run(...values) {
              live();
              return statement.run(...values);
            },
            get: (...values) => statement.get(...values),
            all: (...values) => statement.all(...values),
          };
        },
        close: () => database.close(),
      };
    },
  };
  const worker = openInline(disk);
  const journal = createJournal({ openWorker: () => worker, clock, folder });
  return {
    journal,
    dieAfter(statements) {
      left = statements;
    },
    bury() {
      worker.terminate();
      for (const database of opened) {
        try {
          database.exec('ROLLBACK');
        } catch {
          // No transaction was open.
        }
        try {
          database.close();
        } catch {
          // It was closed in order.
        }
      }
    },
  };
}

/** Everything the journal has of a source, oldest first: what a person finds after all the crashes. */
export async function readWhole(
  journal: FullJournal,
  source: string,
): Promise<{ readonly events: readonly DeliveredEvent[]; readonly gaps: readonly Gap[] }> {
  const events: DeliveredEvent[] = [];
  const gaps = new Map<string, Gap>();
  let from: number | null = 0;
  while (from !== null) {
    const page = await journal.page({ source, from, direction: 'after', limit: 1000, text: '' });
    for (const gap of page.gaps) gaps.set(gap.id, gap);
    for (const row of page.rows) {
      events.push({
        ordinal: row.ordinal,
        late: row.late,
        stream: row.stream,
        position: row.epoch === null || row.seq === null ? null : { epoch: row.epoch, seq: row.seq },
        id: row.id,
        type: row.type,
        sentAt: row.sentAt,
        receivedAt: row.receivedAt,
        body: row.body,
        bytes: row.bytes,
        value: null,
      });
    }
    from = page.more ? (page.rows.at(-1)?.ordinal ?? null) : null;
  }
  return { events, gaps: [...gaps.values()] };
}
