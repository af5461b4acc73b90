import type { JournalDisk } from '../open';
import { sqlError, watchedDisk } from './watched-disk';

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
  const watched = watchedDisk(real, (sql, how) => {
    if (how === 'run') {
      if (/^\s*(INSERT|UPDATE|DELETE)/.test(sql)) check(writes);
    } else if (/^\s*SELECT/.test(sql)) check(reads);
  });
  const disk: JournalDisk = {
    ...watched,
    open(path, options) {
      if (refusing) throw sqlError('disk I/O error', 10);
      return watched.open(path, options);
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
