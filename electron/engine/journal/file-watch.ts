import type { Database } from './database';
import { fileName, freshName, type JournalDisk, setAside } from './open';

/** The path is looked at this often at the most, ms: the sign of life comes as often. */
const lookEveryMs = 5_000;

export type Harm = 'deleted' | 'replaced';

/** Whether the file that is open is the one that the next start will find. */
export interface FileWatch {
  /** The file at the path was opened just now. */
  opened(folder: string): void;
  /** What became of it; null while it is there, it cannot be told, or it was looked at lately (unless `now`). */
  harm(now: boolean): Harm | null;
}

export function createFileWatch(disk: JournalDisk): FileWatch {
  /** By path the file that is open; null: none was seen there yet. The log is made with the first thing written. */
  const ours = new Map<string, string | null>();
  let lookedAt = 0;

  function look(): Harm | null {
    lookedAt = disk.now();
    for (const [path, known] of ours) {
      const found = disk.identity(path);
      if (known === null) ours.set(path, found);
      else if (found !== known) return found === null ? 'deleted' : 'replaced';
    }
    return null;
  }

  function lookIfPossible(): Harm | null {
    try {
      return look();
    } catch {
      return null;
    }
  }

  return {
    opened(folder) {
      for (const ending of ['', '-wal']) ours.set(`${folder}/${fileName}${ending}`, null);
      lookIfPossible();
    },
    harm(now) {
      return now || disk.now() - lookedAt >= lookEveryMs ? lookIfPossible() : null;
    },
  };
}

/**
 * Writes what is open to the path again, whole: until it is closed nothing of it is gone. What stands there is kept
 * under another name; a log that belongs to the old file must not meet the new one. Answers what to say of it.
 * @throws what writing does: what is open stays open then, and it can be tried again.
 */
export function writeAnew(disk: JournalDisk, folder: string, db: Database, harm: Harm, at: number): string {
  const fresh = `${folder}/${freshName}`;
  disk.makeFolder(folder);
  disk.remove(fresh);
  try {
    db.prepare('VACUUM INTO ?').run(fresh);
  } catch (error) {
    disk.remove(fresh);
    throw error;
  }
  let kept = '';
  if (harm === 'replaced') kept = ` What stood in its place is kept as ${setAside(disk, folder, at, 'other')}.`;
  // What is left is ours, and all of it is in the new file.
  else for (const ending of ['-shm', '-wal']) disk.remove(`${folder}/${fileName}${ending}`);
  disk.rename(fresh, `${folder}/${fileName}`);
  return `A file of it was ${harm} while it was in use: all of it was written anew, and nothing is lost.${kept}`;
}
