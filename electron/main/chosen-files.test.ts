import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readReach, systemSecretSources } from '../cli/reach-options';
import { recordStored } from '../cli/record-stored';
import { readRecipeFile } from '../node/recipe-file';
import { readRecording, readRecordingHeader } from '../node/recording-reading';
import { createTrustedRoots } from '../node/trusted-roots';
import { readChosen } from './backup/chosen-file';
import type { Cipher } from './secrets/cipher';
import { openSecrets } from './secrets/secret-store';
import { createDocument } from './settings/document';
import { openWindowState } from './window/window-state';

/** Everything that opens a file a person names or may have put something else in the place of; what it says of one. */
const readers: readonly (readonly [what: string, file: string, read: (path: string, folder: string) => unknown])[] = [
  ['a backup', 'backup.json', (path) => readChosen(path)],
  ['a recipe', 'recipe.json', readRecipeFile],
  ['the header of a recording', 'feed.jsonl.gz', readRecordingHeader],
  ['a recording', 'feed.jsonl.gz', (path) => readRecording(path).next()],
  ['an authority', 'ca.pem', (path) => readReach({ ca: path }, systemSecretSources)],
  ['a certificate', 'cert.pem', (path) => readReach({ cert: path, key: path }, systemSecretSources)],
  ['an archive of a key', 'key.pfx', (path) => readReach({ pfx: path }, systemSecretSources)],
  ['a token', 'token', (path) => readReach({ 'token-file': path }, systemSecretSources)],
  ['settings', 'settings.json', (path) => createDocument(path, z.unknown(), () => null).load()],
  ['secrets', 'secrets.json', async (_path, folder) => (await openSecrets(folder, noCipher)).notices.join()],
  ['settings that name a source', 'settings.json', (_path, folder) => stored(folder)],
];

/** What is the same with nothing to read. */
const silent: readonly (readonly [what: string, file: string, read: (path: string, folder: string) => unknown])[] = [
  ['where the window was', 'window.json', (_path, folder) => openWindowState(folder).load().bounds ?? 'nothing'],
  ['more roots', 'roots.pem', (path) => createTrustedRoots({ NODE_EXTRA_CA_CERTS: path })().length > 0 && 'nothing'],
];

const noCipher: Cipher = {
  storage: () => 'none',
  allowWeak: () => {},
  encrypt: () => Buffer.alloc(0),
  decrypt: () => '',
};

async function stored(folder: string): Promise<unknown> {
  const options = { userData: folder, out: join(folder, 'out.jsonl.gz'), from: null, to: null };
  execFileSync('mkdir', ['-p', join(folder, 'journal')]);
  execFileSync('touch', [join(folder, 'journal', 'journal.db')]);
  return recordStored('Orders', options as never, () => {});
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chosen-files-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Its answer or its error, as text; `hangs` where neither comes. */
async function fate(read: () => unknown): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hangs = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, 20_000, 'hangs');
  });
  const told = (async () => read())().then(
    (answer) => (typeof answer === 'string' ? answer : JSON.stringify(answer)),
    (error: unknown) => (error instanceof Error ? `${error.message} ${JSON.stringify(error)}` : String(error)),
  );
  const found = await Promise.race([told, hangs]);
  clearTimeout(timer);
  return found;
}

describe.runIf(process.platform !== 'win32')('a file that is none', () => {
  const places = [...readers, ...silent].map(([what, file, read]) => ({ what, file, read }));

  it.each(places)(
    'hostile 7: $what is not read from a pipe, a device or a folder, and nothing waits for one',
    async ({ what, file, read }) => {
      const kinds = [
        ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
        ['a device', (path: string) => symlinkSync('/dev/zero', path)],
        ['a folder', (path: string) => execFileSync('mkdir', [path])],
      ] as const;
      for (const [kind, make] of kinds) {
        const own = mkdtempSync(join(folder, 'one-'));
        make(join(own, file));
        const told = await fate(() => read(join(own, file), own));
        expect(told).toContain(silent.some(([name]) => name === what) ? 'nothing' : `is ${kind}, not a file.`);
      }
    },
  );
});

describe('what reads files', () => {
  /** They read what is a part of the application, or what it alone writes. */
  const others = ['electron/main/window/app-scheme.ts', 'electron/node/regular-file.ts'];

  it('hostile 7: reads them as regular ones and up to a limit, wherever it stands', () => {
    const files = readdirSync('electron', { recursive: true, encoding: 'utf8' }).map((name) => join('electron', name));
    const reading = files
      .filter((path) => /\.ts$/.test(path) && !/\.test\.ts$|[\\/](testing|simulation)[\\/]/.test(path))
      .filter((path) =>
        /import [^;]*\b(readFile|readFileSync|createReadStream)\b[^;]*from 'node:fs/.test(readFileSync(path, 'utf8')),
      )
      .filter((path) => !others.includes(path.replaceAll('\\', '/')));
    expect(reading).toEqual([]);
  });
});
