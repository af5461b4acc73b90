import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileRefused, openRegular, readRegular, readRegularSync } from './regular-file';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'regular-file-'));
  writeFileSync(at('good'), 'x'.repeat(700_000));
  symlinkSync(at('good'), at('link'));
  symlinkSync('/dev/zero', at('link-to-zero'));
  mkdirSync(at('folder'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is refused, or that nothing came of it at all. */
async function fate(reading: Promise<unknown>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hangs = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, 20_000, 'hangs');
  });
  const told = reading.then(
    () => 'read',
    (error: unknown) => (error instanceof FileRefused ? `${error.kind}: ${error.message}` : String(error)),
  );
  const found = await Promise.race([told, hangs]);
  clearTimeout(timer);
  return found;
}

describe('a file that was chosen', () => {
  it('hostile 7: is read whole where it is a regular one, also through a link', async () => {
    for (const name of ['good', 'link']) {
      expect((await readRegular(at(name), 700_000)).length).toBe(700_000);
      expect(readRegularSync(at(name), 700_000).length).toBe(700_000);
    }
  });

  it('hostile 7: is read up to the limit and no further', async () => {
    const said = 'too-large: good is too large: at most 699999 bytes are read.';
    expect(await fate(readRegular(at('good'), 699_999))).toBe(said);
    expect(() => readRegularSync(at('good'), 699_999)).toThrow(FileRefused);
  });

  it.runIf(process.platform === 'linux')(
    'hostile 7: is measured by what is read: /proc says nothing of size',
    async () => {
      expect((await readRegular('/proc/self/status', 1_000_000)).length).toBeGreaterThan(100);
      expect(await fate(readRegular('/proc/self/maps', 100))).toMatch(/^too-large/);
      expect(() => readRegularSync('/proc/self/maps', 100)).toThrow(/too large/);
    },
  );

  it('hostile 7: that grows while it is read comes to its limit', async () => {
    writeFileSync(at('growing'), 'x');
    let ended = false;
    const growing = (async () => {
      while (!ended) await appendFile(at('growing'), 'x'.repeat(300_000));
    })();
    expect(await fate(readRegular(at('growing'), 3_000_000))).toMatch(/^(too-large|read)/);
    ended = true;
    await growing;
  });

  it.runIf(process.platform !== 'win32')('hostile 7: is refused by its kind where it is none', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    symlinkSync(at('pipe'), at('link-to-pipe'));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at('socket'), resolve));
    const wrong = [
      [at('pipe'), 'not-a-file: pipe is a pipe, not a file.'],
      [at('link-to-pipe'), 'not-a-file: link-to-pipe is a pipe, not a file.'],
      [at('folder'), 'not-a-file: folder is a folder, not a file.'],
      [at('socket'), 'not-a-file: socket is a socket, not a file.'],
      [at('link-to-zero'), 'not-a-file: link-to-zero is a device, not a file.'],
      ['/dev/zero', 'not-a-file: zero is a device, not a file.'],
      ['/dev/tty', 'not-a-file: tty is a device, not a file.'],
    ] as const;
    for (const [path, said] of wrong) {
      expect(await fate(readRegular(path, 1_000)), path).toBe(said);
      expect(await fate(openRegular(path)), path).toBe(said);
      expect(() => readRegularSync(path, 1_000), path).toThrow(FileRefused);
    }
    await new Promise((resolve) => server.close(resolve));
  });
});
