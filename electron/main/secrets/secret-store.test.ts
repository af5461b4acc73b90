import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecretStorage } from '../../../shared/secrets';
import type { Cipher } from './cipher';
import { openSecrets } from './secret-store';

function fakeCipher(storage: SecretStorage = 'keyring', key = 7): Cipher {
  const turn = (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ key));
  return {
    storage: () => storage,
    allowWeak: () => {},
    encrypt: (text) => turn(Buffer.from(`ok${text}`)),
    decrypt(bytes) {
      const text = turn(bytes).toString();
      if (!text.startsWith('ok')) throw new Error('another key');
      return text.slice(2);
    },
  };
}

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wirewatch-secrets-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function everything(): Promise<string> {
  const names = await readdir(folder);
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
}

describe('secrets', () => {
  it('are kept encrypted, come back after a restart, and change while in use', async () => {
    const first = await openSecrets(folder, fakeCipher());
    expect(await first.set('a.token', 'planted-1', 'stored')).toBe('stored');
    expect(await everything()).not.toContain('planted');
    const second = await openSecrets(folder, fakeCipher());
    expect(second.notices).toEqual([]);
    expect(second.read('a.token')).toBe('planted-1');
    const told: string[] = [];
    second.onChange((name) => told.push(name));
    await second.set('a.token', 'planted-2', 'stored');
    expect(second.read('a.token')).toBe('planted-2');
    expect(told).toEqual(['a.token']);
    expect(JSON.stringify(second.state())).not.toContain('planted');
  });

  it('hostile 6: that are kept for a run only are bounded by count and size', async () => {
    const store = await openSecrets(folder, fakeCipher('none'));
    for (let at = 0; at < 2_000; at++) await store.set(`s${at}`, 'x', 'run');
    await expect(store.set('more', 'x', 'run')).rejects.toThrow(/too many/);
    await store.set('s0', 'y', 'run');
    await store.forget(['s1']);
    await expect(store.set('large', 'x'.repeat(64 * 1024 * 1024), 'run')).rejects.toThrow(/too many/);
    expect(await store.set('more', 'x', 'run')).toBe('run');
  });

  it('promise 1: whose file cannot be read are not written over, and joined once it can be', async () => {
    const path = join(folder, 'secrets.json');
    await (await openSecrets(folder, fakeCipher())).set('a', 'planted-a', 'stored');
    await rename(path, `${path}.away`);
    // A folder in its place cannot be read as a file, whoever we are.
    await mkdir(path);
    const store = await openSecrets(folder, fakeCipher());
    expect(store.notices).toEqual([expect.stringContaining('cannot be read')]);
    await expect(store.set('b', 'planted-b', 'stored')).rejects.toThrow(/Nothing is stored over it/);
    await rm(path, { recursive: true });
    await rename(`${path}.away`, path);
    await store.set('b', 'planted-b', 'stored');
    const again = await openSecrets(folder, fakeCipher());
    expect([again.read('a'), again.read('b')]).toEqual(['planted-a', 'planted-b']);
  });

  it('without a keyring are kept for this run only', async () => {
    const store = await openSecrets(folder, fakeCipher('none'));
    expect(await store.set('a', 'planted', 'stored')).toBe('run');
    expect(store.read('a')).toBe('planted');
    expect(store.state()).toEqual({ storage: 'none', stored: [], run: ['a'] });
    expect(await readdir(folder)).toEqual([]);
  });

  it('are stored without protection only when the person said so', async () => {
    const store = await openSecrets(folder, fakeCipher('weak'));
    expect(await store.set('a', 'x', 'stored')).toBe('run');
    expect(await store.set('a', 'x', 'weak')).toBe('stored');
    expect(store.state()).toEqual({ storage: 'weak', stored: ['a'], run: [] });
  });

  it('when forgotten are gone from the disk too, also when replaced by one for this run', async () => {
    const store = await openSecrets(folder, fakeCipher());
    await store.set('a', 'one', 'stored');
    await store.set('b', 'two', 'stored');
    await store.set('b', 'three', 'run');
    await store.forget(['a', 'never']);
    expect(store.read('a')).toBeNull();
    const again = await openSecrets(folder, fakeCipher());
    expect(again.state().stored).toEqual([]);
    expect(again.read('b')).toBeNull();
  });

  it('another or a locked keyring is said, and loses nothing that can come back', async () => {
    await (await openSecrets(folder, fakeCipher('keyring', 7))).set('a', 'one', 'stored');
    const locked = await openSecrets(folder, fakeCipher('keyring', 9));
    expect(locked.notices).toEqual([expect.stringContaining('cannot be read')]);
    expect(locked.read('a')).toBeNull();
    await locked.set('b', 'two', 'stored');
    expect((await openSecrets(folder, fakeCipher('keyring', 7))).read('a')).toBe('one');
  });

  it('a damaged file is said', async () => {
    await writeFile(join(folder, 'secrets.json'), '{"version":1,"secrets":{"a":5}}');
    expect((await openSecrets(folder, fakeCipher())).notices).toEqual([expect.stringContaining('damaged')]);
  });
});
