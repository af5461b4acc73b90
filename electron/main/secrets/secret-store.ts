import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { SecretKept, SecretsState } from '../../../shared/secrets';
import { createListeners, type Report } from '../../engine/core/listeners';
import type { SecretReader } from '../../engine/core/secrets';
import { readRegular } from '../../node/regular-file';
import { writeAtomically } from '../settings/atomic-file';
import type { Cipher } from './cipher';

const fileSchema = z.object({ version: z.literal(1), secrets: z.record(z.string(), z.base64()) });

/** Secrets one installation may keep. */
const maxSecrets = 2000;

/** Characters of all that are kept for a run only. */
const maxRunChars = 64 * 1024 * 1024;

/** More than they take encrypted, bytes. */
const largestFile = 1024 * 1024 * 1024;

/** How long a secret is to be kept. `weak`: on disk although nothing protects it there; the person has been asked. */
export type Keep = 'stored' | 'weak' | 'run';

/** Secrets of this installation: in memory for this run, or encrypted in a file of their own. Never given to a window. */
export interface SecretStore extends SecretReader {
  state(): SecretsState;
  /** Where it went: without a keyring `stored` becomes `run`, and is said so. Rejects with the disk's error. */
  set(name: string, value: string, keep: Keep): Promise<SecretKept>;
  /** Gone from memory and disk when it resolves. Unknown names are no error. */
  forget(names: readonly string[]): Promise<void>;
  /** Sentences a person must read about how the file was found. */
  readonly notices: readonly string[];
}

/** Reads `secrets.json` in `folder`. There is no backup of it: what was forgotten must be gone. */
export async function openSecrets(folder: string, cipher: Cipher, report?: Report): Promise<SecretStore> {
  const path = join(folder, 'secrets.json');
  const found = await load(path);
  const { encrypted, notice } = found;
  /** The file is there and could not be read: it holds what we do not know, and is not written over. */
  let { unreadable } = found;
  const memory = new Map<string, string>();
  const listeners = createListeners<[name: string]>(report);
  /** Forgotten while the file could not be read. */
  const gone = new Set<string>();
  const notices = notice === null ? [] : [notice];
  let writing: Promise<void> = Promise.resolve();

  if (encrypted.size > 0 && !canRead(cipher, encrypted)) {
    notices.push(
      'The stored credentials cannot be read: the keyring is locked, missing, or another one. Sources that need them say so.',
    );
  }

  function save(): Promise<void> {
    const mine = writing
      .catch(() => {})
      .then(async () => {
        if (unreadable) await readAfterAll();
        const file = { version: 1, secrets: Object.fromEntries(encrypted) };
        return writeAtomically(path, `${JSON.stringify(file, null, 2)}\n`);
      });
    writing = mine;
    return mine;
  }

  async function readAfterAll(): Promise<void> {
    const now = await load(path);
    if (now.unreadable) throw new Error(`${now.notice} Nothing is stored over it.`);
    for (const [name, value] of now.encrypted) if (!encrypted.has(name) && !gone.has(name)) encrypted.set(name, value);
    unreadable = false;
  }

  function mayStore(keep: Keep): boolean {
    const storage = cipher.storage();
    if (keep === 'weak' && storage === 'weak') cipher.allowWeak();
    return (keep === 'stored' && storage === 'keyring') || (keep === 'weak' && storage !== 'none');
  }

  /** Without a keyring, or beyond what the file takes, memory holds them: bounded like the file. */
  function makeRoom(name: string, value: string): void {
    let chars = value.length;
    for (const [other, held] of memory) if (other !== name) chars += held.length;
    if ((memory.size < maxSecrets || memory.has(name)) && chars <= maxRunChars) return;
    throw new Error(
      'There are too many credentials for one run: remove sources that need none of them, or start again.',
    );
  }

  return {
    notices,
    read(name) {
      const known = memory.get(name);
      if (known !== undefined) return known;
      const stored = encrypted.get(name);
      if (stored === undefined) return null;
      try {
        return cipher.decrypt(Buffer.from(stored, 'base64'));
      } catch {
        return null;
      }
    },
    onChange: listeners.subscribe,
    state: () => ({ storage: cipher.storage(), stored: [...encrypted.keys()], run: [...memory.keys()] }),
    async set(name, value, keep) {
      const store = mayStore(keep) && (encrypted.size < maxSecrets || encrypted.has(name));
      if (store) {
        encrypted.set(name, cipher.encrypt(value).toString('base64'));
        memory.delete(name);
        await save();
      } else {
        makeRoom(name, value);
        memory.set(name, value);
        // An older one on disk must not come back at the next start.
        if (encrypted.delete(name)) await save();
      }
      listeners.tell(name);
      return store ? 'stored' : 'run';
    },
    async forget(names) {
      let onDisk = false;
      const told: string[] = [];
      for (const name of names) {
        if (unreadable) gone.add(name);
        const stored = encrypted.delete(name) || unreadable;
        const held = memory.delete(name);
        onDisk ||= stored;
        if (stored || held) told.push(name);
      }
      if (onDisk) await save();
      for (const name of told) listeners.tell(name);
    },
  };
}

interface Found {
  readonly encrypted: Map<string, string>;
  readonly notice: string | null;
  readonly unreadable: boolean;
}

async function load(path: string): Promise<Found> {
  let text: string;
  try {
    text = (await readRegular(path, largestFile)).toString('utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const notice = missing ? null : `The file of stored credentials cannot be read (${String(error)}).`;
    return { encrypted: new Map(), notice, unreadable: !missing };
  }
  try {
    return {
      encrypted: new Map(Object.entries(fileSchema.parse(JSON.parse(text)).secrets)),
      notice: null,
      unreadable: false,
    };
  } catch {
    const notice = 'The file of stored credentials is damaged. Enter them again.';
    await rename(path, `${path}.damaged`).catch(() => {});
    return { encrypted: new Map(), notice, unreadable: false };
  }
}

function canRead(cipher: Cipher, encrypted: ReadonlyMap<string, string>): boolean {
  const [first] = encrypted.values();
  try {
    if (first !== undefined) cipher.decrypt(Buffer.from(first, 'base64'));
    return true;
  } catch {
    return false;
  }
}
