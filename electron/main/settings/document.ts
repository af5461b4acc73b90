import { copyFile, rename } from 'node:fs/promises';
import type { z } from 'zod';
import { readRegular } from '../../node/regular-file';
import { writeAtomically } from './atomic-file';

/** Larger than all that settings may hold, bytes: five hundred sources with certificates of their own. */
const largestFile = 512 * 1024 * 1024;

/** Where a document's content came from. Anything but `file` and `new` must be told to the person. */
export type Origin = 'file' | 'new' | 'backup' | 'lost';

export interface Loaded<T> {
  readonly value: T;
  readonly origin: Origin;
  /** Where the damaged file was put, for the person who wants to mend it. */
  readonly setAside: string | null;
}

type Attempt<T> =
  | { readonly kind: 'good'; readonly value: T }
  | { readonly kind: 'missing' }
  | { readonly kind: 'damaged' };

/**
 * One JSON document on disk, checked by a schema, with a backup of the last good state beside it (`<path>.bak`).
 * Writes run one after another; writes asked for meanwhile become one.
 */
export interface Document<T> {
  /** Rejects with the system's error when a file is there and cannot be read: it is no damaged one, and nothing is put in its place. */
  load(): Promise<Loaded<T>>;
  /** Resolves when this value (or a newer one) is on the disk; rejects with the system's error when it cannot be. */
  save(value: T): Promise<void>;
  /** Resolves when nothing is being written. */
  settled(): Promise<void>;
}

/** See `Document`. `fresh` makes the value used when there is no file, or none that can be read. */
export function createDocument<T>(path: string, schema: z.ZodType<T>, fresh: () => T): Document<T> {
  const backup = `${path}.bak`;
  /** Whether the file now in place was read or written by us and is good: only such a one becomes the backup. */
  let good = false;
  let running: Promise<void> | null = null;
  let next: { value: T; done: Promise<void>; start: () => Promise<void> } | null = null;

  const write = async (value: T) => {
    const text = `${JSON.stringify(schema.parse(value), null, 2)}\n`;
    if (good) {
      await copyFile(path, `${backup}.new`);
      await rename(`${backup}.new`, backup);
    }
    await writeAtomically(path, text);
    good = true;
  };

  return {
    async load() {
      const current = await read(path, schema);
      if (current.kind === 'good') {
        good = true;
        return { value: current.value, origin: 'file', setAside: null };
      }
      const kept = await read(backup, schema);
      if (current.kind === 'missing' && kept.kind === 'missing')
        return { value: fresh(), origin: 'new', setAside: null };
      const setAside = current.kind === 'damaged' ? await putAside(path) : null;
      return kept.kind === 'good'
        ? { value: kept.value, origin: 'backup', setAside }
        : { value: fresh(), origin: 'lost', setAside };
    },
    save(value) {
      if (next) {
        next.value = value;
        return next.done;
      }
      const queued: { value: T; done: Promise<void>; start: () => Promise<void> } = {
        value,
        done: Promise.resolve(),
        start: async () => {
          next = null;
          await write(queued.value);
        },
      };
      const before = running ?? Promise.resolve();
      queued.done = before.catch(() => {}).then(queued.start);
      next = queued;
      const mine = queued.done.finally(() => {
        if (running === mine) running = null;
      });
      mine.catch(() => {});
      running = mine;
      return queued.done;
    },
    async settled() {
      while (running) await running.catch(() => {});
    },
  };
}

async function read<T>(path: string, schema: z.ZodType<T>): Promise<Attempt<T>> {
  let text: string;
  try {
    text = (await readRegular(path, largestFile)).toString('utf8');
  } catch (error) {
    if (isMissing(error)) return { kind: 'missing' };
    throw error;
  }
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? { kind: 'good', value: parsed.data } : { kind: 'damaged' };
  } catch {
    return { kind: 'damaged' };
  }
}

/** Renames a damaged file out of the way, so that nothing overwrites what a person might still rescue. */
async function putAside(path: string): Promise<string | null> {
  const aside = `${path}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  try {
    await rename(path, aside);
    return aside;
  } catch {
    return null;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
