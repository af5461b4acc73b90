import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gap } from '../../../shared/gap';
import type { Clock } from '../core/clock';
import type { DeliveredEvent } from '../core/delivery';
import type { Database } from '../journal/database';
import { realDisk } from '../journal/disk';
import { createJournal, type FullJournal } from '../journal/journal';
import type { JournalWorker, ToWorker } from '../journal/messages';
import type { JournalDisk } from '../journal/open';
import { openInline } from '../journal/workers';

/** What the disk and the worker under a journal do just now. Outlives a process. */
export interface DiskFaults {
  /** Nothing can be written: no room. */
  full: boolean;
  /** The file cannot be opened. */
  unreadable: boolean;
  /** Commits are not carried out before this ends. */
  slow: boolean;
  /** The next thing written finds the file damaged. */
  damaged: boolean;
}

/** The real journal on a real SQLite file, of a process that can die between any two statements. */
export interface SimJournal {
  readonly journal: FullJournal;
  /** From now on the n-th further statement is the last one that has any effect. */
  dieAfter(statements: number): void;
  /** The worker alone ends; it may have written what it was asked to, or not. */
  killWorker(): void;
  /** Carries out what a slow worker had put off. */
  catchUp(): void;
  /** The process is gone: what was not committed is rolled back, as the next opening would do. */
  bury(): void;
}

export interface JournalFolder {
  readonly faults: DiskFaults;
  open(clock: Clock): SimJournal;
  remove(): void;
}

export function createJournalFolder(): JournalFolder {
  const folder = mkdtempSync(join(tmpdir(), 'wirewatch-sim-journal-'));
  const faults: DiskFaults = { full: false, unreadable: false, slow: false, damaged: false };
  return {
    faults,
    open: (clock) => openJournal(folder, clock, faults),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Small ones, so that a feed of a simulation can be too fast for its disk. */
export const journalLimits = { waitEvents: 60, waitBytes: 64 * 1024 };

function openJournal(folder: string, clock: Clock, faults: DiskFaults): SimJournal {
  let left = Number.POSITIVE_INFINITY;
  let opened: Database[] = [];
  let putOff: (() => void)[] = [];
  let endWorker: (why: string) => void = () => {};

  function write<T>(sql: string, act: () => T): T {
    left -= 1;
    if (left < 0) throw new Error('killed');
    if (faults.full && /^\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER)/i.test(sql))
      throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
    if (/^\s*(INSERT|UPDATE|DELETE|REPLACE)/i.test(sql)) {
      if (faults.damaged) {
        faults.damaged = false;
        throw Object.assign(new Error('database disk image is malformed'), { errcode: 11 });
      }
    }
    return act();
  }

  const disk: JournalDisk = {
    ...realDisk,
    open(path, options) {
      if (faults.unreadable) throw Object.assign(new Error('disk I/O error'), { errcode: 10 });
      const database = realDisk.open(path, options);
      // What a power cut would lose is not the subject here: a killed process loses nothing it has written.
      database.exec('PRAGMA synchronous = OFF');
      opened.push(database);
      return {
        exec: (sql) => write(sql, () => database.exec(sql)),
        prepare(sql) {
          const statement = database.prepare(sql);
          return {
            run: (...values) => write(sql, () => statement.run(...values)),
            get: (...values) => statement.get(...values),
            all: (...values) => statement.all(...values),
          };
        },
        close: () => database.close(),
      };
    },
  };

  function closeAll(): void {
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
    opened = [];
  }

  function openWorker(): JournalWorker {
    const inline = openInline(disk);
    return {
      post(message: ToWorker, transfer) {
        const act = (): void => inline.post(message, transfer);
        if (faults.slow && (message.kind === 'commit' || putOff.length > 0)) putOff.push(act);
        else act();
      },
      listen(onMessage, onExit) {
        endWorker = (why) => {
          inline.terminate();
          putOff = [];
          closeAll();
          onExit(why);
        };
        inline.listen(onMessage, onExit);
      },
      terminate: () => inline.terminate(),
    };
  }

  const journal = createJournal({ openWorker, clock, folder, limits: journalLimits });
  return {
    journal,
    dieAfter(statements) {
      left = statements;
    },
    killWorker: () => endWorker('out of memory'),
    catchUp() {
      const acts = putOff;
      putOff = [];
      for (const act of acts) act();
    },
    bury() {
      endWorker = () => {};
      putOff = [];
      closeAll();
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
  let from: number | null = null;
  for (let more = true; more; ) {
    // From the end, so that the gaps behind the last row are among them.
    const page = await journal.page({ source, from, direction: 'before', limit: 200, text: '' });
    for (const gap of page.gaps) gaps.set(gap.id, gap);
    const earlier: DeliveredEvent[] = [];
    for (const row of page.rows) {
      earlier.push({
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
    events.unshift(...earlier);
    from = page.rows[0]?.ordinal ?? null;
    more = page.more && from !== null;
  }
  return { events, gaps: [...gaps.values()] };
}
