import type { JournalDisk } from '../open';

interface Failure {
  readonly errcode: number;
  readonly message: string;
}

/** A disk that can be made to fail with an SQLite result code. */
export interface FailingDisk {
  readonly disk: JournalDisk;
  /** From now on every statement that writes fails so. */
  fail(errcode: number, message: string): void;
  /** From now on every statement that reads fails so. */
  failReads(errcode: number, message: string): void;
  heal(): void;
  /** Whether opening fails with EIO, although the file is there. */
  refuseToOpen(on: boolean): void;
}

export function createFailingDisk(real: JournalDisk): FailingDisk {
  let writes: Failure | null = null;
  let reads: Failure | null = null;
  let refusing = false;
  const check = (failure: Failure | null): void => {
    if (failure) throw Object.assign(new Error(failure.message), failure);
  };
  const disk: JournalDisk = {
    ...real,
    open(path, options) {
      if (refusing) throw Object.assign(new Error('disk I/O error'), { errcode: 10 });
      const db = real.open(path, options);
      return {
        exec: (sql) => db.exec(sql),
        close: () => db.close(),
        prepare(sql) {
          const statement = db.prepare(sql);
          const reading = /^\s*SELECT/.test(sql);
          return {
            run(...values) {
              if (/^\s*(INSERT|UPDATE|DELETE)/.test(sql)) check(writes);
              return statement.run(...values);
            },
            get(...values) {
              if (reading) check(reads);
              return statement.get(...values);
            },
            all(...values) {
              if (reading) check(reads);
              return statement.all(...values);
            },
          };
        },
      };
    },
  };
  return {
    disk,
    fail(errcode, message) {
      writes = { errcode, message };
    },
    failReads(errcode, message) {
      reads = { errcode, message };
    },
    heal() {
      writes = null;
      reads = null;
    },
    refuseToOpen(on) {
      refusing = on;
    },
  };
}
