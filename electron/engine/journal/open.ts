import type { Database } from './database';
import { messageOf, sqlFailure } from './database';
import type { Migration } from './schema';
import { configure, migrate, migrations, versionOf, writeHeader } from './schema';

/** The disk under the journal. Paths are absolute. */
export interface JournalDisk {
  open(path: string, options: { readonly readOnly: boolean }): Database;
  /** Makes a folder with its parents; nothing happens when it is there. */
  makeFolder(path: string): void;
  /** False only when it is known that there is none; throws the system's error when it cannot be told. */
  exists(path: string): boolean;
  rename(from: string, to: string): void;
  /** Takes a file away; nothing happens when there is none. */
  remove(path: string): void;
  /** There is a file, and it has 0 bytes. Throws when it cannot be told. */
  isEmpty(path: string): boolean;
  /** Which file a path leads to: two answers are equal where it is the same one. Null: none. Throws when it cannot be told. */
  identity(path: string): string | null;
  /** Names of what is in a folder. */
  list(folder: string): readonly string[];
  /** Milliseconds, monotonic: to keep steps short. */
  now(): number;
}

export const fileName = 'journal.db';

/** What came of opening the file. */
export type Opening =
  | { readonly kind: 'ready'; readonly db: Database; readonly setAside: readonly string[] }
  /** Can be read (`db`, unless null) but not written. */
  | {
      readonly kind: 'barred';
      /** Names of damaged files that were moved away on the way here. */
      readonly setAside: readonly string[];
      readonly db: Database | null;
      /** It is known that nothing was ever stored. */
      readonly none: boolean;
      readonly cause: 'read-only' | 'disk-full' | 'newer-version' | 'unreadable';
      readonly text: string;
    };

/** Opens (or begins) the journal in a folder, brought to the newest schema. A damaged file is set aside first. */
export function openFile(
  disk: JournalDisk,
  folder: string,
  at: number,
  steps: readonly Migration[] = migrations,
): Opening {
  const path = `${folder}/${fileName}`;
  const newest = steps[steps.length - 1]?.version ?? 0;
  let db: Database | null = null;
  try {
    disk.makeFolder(folder);
    if (isRobbed(disk, path)) return replaceFile(disk, folder, at, steps);
    if (!disk.exists(path)) beginFile(disk, folder);
    db = disk.open(path, { readOnly: false });
    const version = versionOf(db);
    if (version > newest) {
      db.close();
      const text = `The journal was written by a newer version of Wirewatch (schema ${version}, this one knows ${newest}). It can be read; nothing is stored until Wirewatch is updated.`;
      return { kind: 'barred', setAside: [], db: openToRead(disk, path), none: false, cause: 'newer-version', text };
    }
    configure(db);
    const open = db;
    migrate(open, (from) => backup(open, `${folder}/journal.v${from}.${stamp(at)}.db`), steps);
    return { kind: 'ready', db, setAside: [] };
  } catch (error) {
    db?.close();
    const failure = sqlFailure(error);
    switch (failure) {
      case 'damaged':
        return replaceFile(disk, folder, at, steps);
      case 'read-only':
      case 'disk-full': {
        const readable = openToRead(disk, path);
        const none = readable === null && nothingStored(disk, path);
        const text = pauseText(failure, error, folder);
        return { kind: 'barred', setAside: [], db: readable, none, cause: failure, text };
      }
      case 'busy':
      case 'failed':
        return unreadable(error, folder);
    }
  }
}

/** Where new files are made before they get their name. */
export const freshName = 'journal.new.db';

/**
 * Begins a file under another name: what has the journal's name has more than 0 bytes from its first moment, so that
 * one without any is known to be no new one.
 */
function beginFile(disk: JournalDisk, folder: string): void {
  const fresh = `${folder}/${freshName}`;
  disk.remove(fresh);
  const db = disk.open(fresh, { readOnly: false });
  try {
    writeHeader(db);
  } finally {
    db.close();
  }
  disk.rename(fresh, `${folder}/${fileName}`);
}

/** Something was stored here, and the file of it is gone or holds nothing: SQLite would take that for a new one. */
function isRobbed(disk: JournalDisk, path: string): boolean {
  if (disk.exists(path)) return disk.isEmpty(path);
  const log = `${path}-wal`;
  return disk.exists(log) && !disk.isEmpty(log);
}

/** Sets the damaged file aside and begins a new one. A file that cannot be moved is left alone and tried again later. */
export function replaceFile(
  disk: JournalDisk,
  folder: string,
  at: number,
  steps: readonly Migration[] = migrations,
): Opening {
  let aside: string;
  try {
    aside = setAside(disk, folder, at);
  } catch (error) {
    return unreadable(error, folder);
  }
  const again = openFile(disk, folder, at, steps);
  return { ...again, setAside: [aside, ...again.setAside] };
}

function unreadable(error: unknown, folder: string): Opening {
  return {
    kind: 'barred',
    setAside: [],
    db: null,
    none: false,
    cause: 'unreadable',
    text: pauseText('unreadable', error, folder),
  };
}

/** Whether there is no file, or one in which no transaction ever ended. What cannot be told is not nothing. */
function nothingStored(disk: JournalDisk, path: string): boolean {
  try {
    if (!disk.exists(path)) return true;
    const db = disk.open(path, { readOnly: true });
    try {
      return versionOf(db) === 0;
    } finally {
      db.close();
    }
  } catch {
    return false;
  }
}

function openToRead(disk: JournalDisk, path: string): Database | null {
  // `immutable` needs neither a lock nor a shared-memory file, which a read-only folder does not let us make.
  for (const name of [path, `file:${path.split('/').map(encodeURIComponent).join('/')}?immutable=1`]) {
    try {
      const db = disk.open(name, { readOnly: true });
      versionOf(db);
      db.prepare('SELECT count(*) FROM sources').get();
      return db;
    } catch {
      // Tried the next way; without any the journal is silent until it can be opened.
    }
  }
  return null;
}

/** One sentence for the person: what happened, where, what ends it. */
export function pauseText(
  cause: 'disk-full' | 'read-only' | 'unreadable' | 'failed',
  error: unknown,
  folder: string,
): string {
  switch (cause) {
    case 'disk-full':
      return `The disk is full: nothing is stored in ${folder} until there is room. Watching goes on.`;
    case 'read-only':
      return `${folder} cannot be written (${messageOf(error)}). Watching goes on; nothing is stored until it can.`;
    case 'unreadable':
      return `The journal in ${folder} cannot be read (${messageOf(error)}). Nothing is begun anew and nothing is stored over it; it is tried again.`;
    case 'failed':
      return `The journal cannot be written (${messageOf(error)}). Watching goes on; it is tried again.`;
  }
}

/** The damaged file that was set aside last, as far as the folder tells. */
export function lastSetAside(disk: JournalDisk, folder: string): string | null {
  const names = disk.list(folder).filter((name) => /^journal\.damaged\..*\.db$/.test(name));
  return [...names].sort().at(-1) ?? null;
}

/** Moves the file and what belongs to it away; answers its new name. `other`: it is not the one that was open. */
export function setAside(disk: JournalDisk, folder: string, at: number, what: 'damaged' | 'other' = 'damaged'): string {
  const name = `journal.${what}.${stamp(at)}.db`;
  for (const ending of ['-shm', '-wal', '']) {
    const from = `${folder}/${fileName}${ending}`;
    if (disk.exists(from)) disk.rename(from, `${folder}/${name}${ending}`);
  }
  return name;
}

function backup(db: Database, path: string): void {
  // A whole, consistent copy, WAL included (https://sqlite.org/lang_vacuum.html#vacuuminto).
  db.prepare('VACUUM INTO ?').run(path);
}

/** 2026-01-31T12-00-00-000Z: sorts by time, allowed in file names everywhere. */
function stamp(at: number): string {
  return new Date(at).toISOString().replace(/[:.]/g, '-');
}
