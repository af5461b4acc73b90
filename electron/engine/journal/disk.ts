import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync } from '@photostructure/sqlite';
import type { Database } from './database';
import type { JournalDisk } from './open';

/** The real disk: SQLite and the file system of this machine. Used by the worker and by simulations. */
export const realDisk: JournalDisk = {
  open(path, { readOnly }) {
    return new DatabaseSync(path, { readOnly, timeout: 2_000, enableForeignKeyConstraints: false }) as Database;
  },
  makeFolder(path) {
    mkdirSync(path, { recursive: true });
  },
  exists: (path) => statSync(path, { throwIfNoEntry: false }) !== undefined,
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
  isEmpty: (path) => statSync(path, { throwIfNoEntry: false })?.size === 0,
  identity(path) {
    const found = statSync(path, { throwIfNoEntry: false, bigint: true });
    return found ? `${found.dev}:${found.ino}` : null;
  },
  list: (folder) => readdirSync(folder),
  now: () => performance.now(),
};
