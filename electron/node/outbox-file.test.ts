import {
  appendFile,
  copyFile,
  type FileHandle,
  link,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutboxItem, OutboxState } from '../../shared/outbox';
import { openOutboxFile } from './outbox-file';
import type { OutboxDisk } from './outbox-reading';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wirewatch-outbox-'));
  path = join(folder, 'outbox.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const item = (number: number, state: OutboxState = 'queued'): OutboxItem => ({
  number,
  key: `k${number}`,
  at: 0,
  type: 'note',
  body: '{"a":1}',
  state,
  note: '',
});

describe('outbox file', () => {
  it('brings back what was put, by source, as it was last', async () => {
    const first = await openOutboxFile(path);
    await Promise.all([
      first.put('a', [item(1), item(2)]),
      first.put('b', [item(1)]),
      first.put('a', [item(2, 'unknown')]),
      first.forget('b'),
    ]);
    await first.close();
    const second = await openOutboxFile(path);
    expect(await second.load('a')).toEqual([item(1), item(2, 'unknown')]);
    expect(await second.load('b')).toEqual([]);
    await second.forget('a', [1]);
    await second.close();
    const third = await openOutboxFile(path);
    expect(await third.load('a')).toEqual([item(2, 'unknown')]);
    await third.close();
  });

  it.each([
    ['taken away', () => rm(path)],
    ['cut', () => writeFile(path, '')],
    [
      'replaced',
      async () => {
        await writeFile(`${path}.other`, 'something else\n');
        await rename(`${path}.other`, path);
      },
    ],
  ] as const)(
    'promise 4: what was taken outlives a file that was %s while in use, which is said',
    async (what, harm) => {
      const first = await openOutboxFile(path);
      await first.put('a', [item(1)]);
      expect(first.damage()).toBeNull();
      await harm();
      await first.put('a', [item(2)]);
      expect(first.damage()).toContain(`was ${what} while it was in use`);
      // Not closed: killed.
      const second = await openOutboxFile(path);
      expect(await second.load('a')).toEqual([item(1), item(2)]);
      await second.close();
      await first.close();
      const kept = (await readdir(folder)).filter((name) => name.includes('damaged'));
      expect(kept).toHaveLength(what === 'replaced' ? 1 : 0);
    },
  );

  it('passes over a line that a crash cut, and what follows it stands on a line of its own', async () => {
    const first = await openOutboxFile(path);
    for (let n = 0; n < 50; n += 1) await first.put('a', [item(1)]);
    await first.close();
    await appendFile(path, '{"source":"a","item":{"number":2');
    const second = await openOutboxFile(path);
    expect(await second.load('a')).toEqual([item(1)]);
    await second.put('a', [item(3)]);
    await second.close();
    const third = await openOutboxFile(path);
    expect(await third.load('a')).toEqual([item(1), item(3)]);
    expect(third.damage()).toBeNull();
    await third.close();
  });
});

/** The real disk, but for what the test makes fail. */
function failingDisk() {
  const fails = { open: '', sync: '', append: '', truncate: '', rename: '' };
  const check = (what: keyof typeof fails) => {
    if (fails[what] !== '') throw Object.assign(new Error(`${fails[what]}: ${what}`), { code: fails[what] });
  };
  const watched = (handle: FileHandle): FileHandle =>
    new Proxy(handle, {
      get(target, name) {
        if (name === 'appendFile') {
          return async (text: string) => {
            await target.appendFile(text);
            check('append');
          };
        }
        if (name === 'sync' || name === 'truncate') {
          return async (length?: number) => {
            check(name);
            await (name === 'sync' ? target.sync() : target.truncate(length));
          };
        }
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  const disk: OutboxDisk = {
    async open(at, flags, mode) {
      if (at.startsWith(path)) check('open');
      return watched(await open(at, flags, mode));
    },
    async rename(from, to) {
      check('rename');
      await rename(from, to);
    },
    link,
    copyFile,
    mkdir,
    stat,
  };
  return { disk, fails };
}

describe('an outbox file that cannot be read', () => {
  it.each(['EIO', 'EACCES', 'EMFILE'])(
    'promise 1: %s: nothing is written over it, and it is read when it can be',
    async (code) => {
      const first = await openOutboxFile(path);
      await first.put('a', [item(1)]);
      await first.close();
      const before = await readFile(path, 'utf8');
      const { disk, fails } = failingDisk();
      fails.open = code;
      const second = await openOutboxFile(path, disk);
      await expect(second.load('a')).rejects.toThrow(code);
      await expect(second.put('a', [item(2)])).rejects.toThrow(code);
      await expect(second.forget('a', [1])).rejects.toThrow(code);
      expect(await readFile(path, 'utf8')).toBe(before);
      fails.open = '';
      expect(await second.load('a')).toEqual([item(1)]);
      await second.put('a', [item(3)]);
      expect(await second.load('a')).toEqual([item(1), item(3)]);
      await second.close();
    },
  );

  it('promise 1: a folder in its place is not an empty file', async () => {
    await mkdir(path);
    const file = await openOutboxFile(path);
    await expect(file.put('a', [item(1)])).rejects.toThrow('EISDIR');
    await file.close();
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it('promise 1: a source that is removed meanwhile is forgotten when it can be read', async () => {
    const first = await openOutboxFile(path);
    await first.put('a', [item(1)]);
    await first.put('b', [item(1)]);
    await first.close();
    const { disk, fails } = failingDisk();
    fails.open = 'EIO';
    const second = await openOutboxFile(path, disk);
    await second.forget('a');
    fails.open = '';
    expect(await second.load('b')).toEqual([item(1)]);
    await second.close();
    const third = await openOutboxFile(path);
    expect(await third.load('a')).toEqual([]);
    await third.close();
  });

  it.each(['append', 'sync'] as const)(
    'promise 11: a source is removed though the disk is full at its %s, and the file says so before anything else',
    async (step) => {
      const { disk, fails } = failingDisk();
      const first = await openOutboxFile(path, disk);
      await first.put('a', [item(1)]);
      await first.put('b', [item(1)]);
      fails[step] = 'ENOSPC';
      await first.forget('a');
      expect(await first.load('a')).toEqual([]);
      await expect(first.put('a', [item(7)])).rejects.toThrow('ENOSPC');
      fails[step] = '';
      // Added again with its id: what it had is not what it has.
      await first.put('a', [item(2)]);
      await first.close();
      const second = await openOutboxFile(path);
      expect(await second.load('a')).toEqual([item(2)]);
      expect(await second.load('b')).toEqual([item(1)]);
      await second.close();
    },
  );

  it('promise 11: a source removed on a full disk is gone from the file when that is closed, if there is room by then', async () => {
    const { disk, fails } = failingDisk();
    const first = await openOutboxFile(path, disk);
    await first.put('a', [item(1)]);
    fails.append = 'ENOSPC';
    await first.forget('a');
    fails.append = '';
    await first.close();
    const second = await openOutboxFile(path);
    expect(await second.load('a')).toEqual([]);
    await second.close();
  });

  it('promise 1: a damaged one is kept beside the new one and named, and what can be read of it counts', async () => {
    const first = await openOutboxFile(path);
    await first.put('a', [item(1)]);
    await first.close();
    const damaged = Buffer.concat([
      await readFile(path),
      Buffer.from('{"source":"a","item":{"number":2,"body":"\n'),
      Buffer.from([0x7b, 0xff, 0x7d, 0x0a]),
      Buffer.from(`${JSON.stringify({ source: 'a', item: item(3) })}\n`),
    ]);
    await writeFile(path, damaged);
    const second = await openOutboxFile(path);
    expect(await second.load('a')).toEqual([item(1), item(3)]);
    const aside = (await readdir(folder)).find((name) => name.includes('.damaged-')) ?? '';
    expect(second.damage()).toContain('2 of its lines');
    expect(second.damage()).toContain(join(folder, aside));
    expect(await readFile(join(folder, aside))).toEqual(damaged);
    await second.close();
    const third = await openOutboxFile(path);
    expect(await third.load('a')).toEqual([item(1), item(3)]);
    expect(third.damage()).toBeNull();
    await third.close();
  });

  it('promise 1: one that is too large for one string is read', async () => {
    const file = await open(path, 'w');
    const line = Buffer.from(
      `${JSON.stringify({ source: 'a', item: { ...item(1), body: 'x'.repeat(255 * 1024) } })}\n`,
    );
    // Node's longest string has 512 Mi characters less 24: a hole in the file makes it long without filling the disk.
    await file.write(line, 0, line.length, 0);
    await file.truncate(600 * 1024 * 1024);
    await file.write(
      Buffer.from(`\n${JSON.stringify({ source: 'a', item: item(2) })}\n`),
      0,
      undefined,
      600 * 1024 * 1024,
    );
    await file.close();
    const opened = await openOutboxFile(path);
    expect((await opened.load('a')).map(({ number }) => number)).toEqual([1, 2]);
    expect(opened.damage()).toContain('1 of its lines');
    await opened.close();
    expect((await stat(path)).size).toBeLessThan(1024 * 1024);
  });
});

describe('an outbox file on a full disk', () => {
  it.each(['append', 'sync'] as const)('promise 4: what %s did not take is not there after a restart', async (what) => {
    const { disk, fails } = failingDisk();
    const first = await openOutboxFile(path, disk);
    await first.put('a', [item(1)]);
    fails[what] = 'ENOSPC';
    await expect(first.put('a', [item(2)])).rejects.toThrow('ENOSPC');
    expect(await first.load('a')).toEqual([item(1)]);
    const crashed = await openOutboxFile(path);
    expect(await crashed.load('a')).toEqual([item(1)]);
    await crashed.close();
    fails[what] = '';
    await first.put('a', [item(3)]);
    await first.close();
    const again = await openOutboxFile(path);
    expect(await again.load('a')).toEqual([item(1), item(3)]);
    await again.close();
  });

  it('promise 4: where not even that can be cut off, the file is written anew before anything follows', async () => {
    const { disk, fails } = failingDisk();
    const first = await openOutboxFile(path, disk);
    await first.put('a', [item(1)]);
    Object.assign(fails, { append: 'EIO', truncate: 'EIO' });
    await expect(first.put('a', [item(2)])).rejects.toThrow('EIO');
    Object.assign(fails, { append: '', truncate: 'EIO' });
    await first.put('a', [item(3)]);
    await first.close();
    const again = await openOutboxFile(path);
    expect(await again.load('a')).toEqual([item(1), item(3)]);
    await again.close();
  });

  it('promise 1: it is packed as it grows, and what was asked for is durable also where that fails', async () => {
    const { disk, fails } = failingDisk();
    const file = await openOutboxFile(path, disk);
    const large = { ...item(1), body: 'x'.repeat(250 * 1024) };
    for (let n = 0; n < 40; n += 1) await file.put('a', [large]);
    expect((await stat(path)).size).toBeLessThan(6 * 1024 * 1024);
    fails.rename = 'EIO';
    for (let n = 0; n < 40; n += 1) await file.put('a', [large]);
    fails.rename = '';
    for (let n = 0; n < 40; n += 1) await file.put('a', [large]);
    expect((await stat(path)).size).toBeLessThan(6 * 1024 * 1024);
    await file.close();
    const again = await openOutboxFile(path);
    expect(await again.load('a')).toEqual([large]);
    await again.close();
  });
});

describe('an outbox file that was harmed between two runs', () => {
  async function kept(...numbers: readonly number[]): Promise<void> {
    const file = await openOutboxFile(path);
    for (const number of numbers) await file.put('a', [item(number)]);
    await file.close();
  }
  async function reopened() {
    const file = await openOutboxFile(path);
    const numbers = (await file.load('a')).map(({ number }) => number);
    const [damage, last] = [file.damage(), file.last?.('a') ?? 0];
    await file.close();
    return { numbers, damage, last };
  }
  const asides = async () => (await readdir(folder)).filter((name) => name.includes('.damaged-'));

  it('promise 1: one of 0 bytes is not an empty one, and says so once', async () => {
    await kept(1, 2);
    await truncate(path, 0);
    const found = await reopened();
    expect(found.numbers).toEqual([]);
    expect(found.damage).toContain('holds nothing');
    expect((await reopened()).damage).toBeNull();
  });

  it.each([
    ['inside its last line', -5, [1, 2]],
    ['at its last line break', -1, [1, 2]],
    ['between two lines', 'line', [1, 2]],
    ['inside its first line', 20, []],
  ] as const)('promise 1: one cut %s is known to be cut, kept beside the new one, and said', async (_, cut, left) => {
    await kept(1, 2, 3);
    const whole = await readFile(path);
    const length = cut === 'line' ? whole.lastIndexOf(0x0a, whole.length - 2) + 1 : cut < 0 ? whole.length + cut : cut;
    await truncate(path, length);
    const found = await reopened();
    expect(found.numbers).toEqual(left);
    expect(found.damage).toMatch(/cut|holds no whole line/);
    const [aside = ''] = await asides();
    expect(found.damage).toContain(aside);
    expect(await readFile(join(folder, aside))).toEqual(whole.subarray(0, length));
    const next = await reopened();
    expect([next.numbers, next.damage]).toEqual([left, null]);
  });

  it('promise 1: what a crash left of a message that nobody was told of is no damage', async () => {
    await kept(1, 2);
    const { disk, fails } = failingDisk();
    const file = await openOutboxFile(path, disk);
    Object.assign(fails, { sync: 'EIO', truncate: 'EIO' });
    await expect(file.put('a', [item(3)])).rejects.toThrow('EIO');
    const { length } = await readFile(path);
    await truncate(path, length - 5);
    // Not closed: killed.
    const found = await reopened();
    expect([found.numbers, found.damage]).toEqual([[1, 2], null]);
    await file.close();
  });

  it('promise 1: one of before lengths were written is read, takes more, and shows a cut from then on', async () => {
    await writeFile(path, `${JSON.stringify({ source: 'a', item: item(1) })}\n`);
    const old = await reopened();
    expect([old.numbers, old.damage]).toEqual([[1], null]);
    await kept(2);
    await truncate(path, (await stat(path)).size - 5);
    const found = await reopened();
    expect(found.numbers).toEqual([1]);
    expect(found.damage).toContain('cut');
  });

  it('promise 1: a file put there meanwhile is not written over', async () => {
    const file = await openOutboxFile(path);
    const other = `${JSON.stringify({ source: 'a', item: item(9) })}\n`;
    await writeFile(path, other);
    await file.put('a', [item(1)]);
    expect(file.damage()).toContain('replaced');
    await file.close();
    const [aside = ''] = await asides();
    expect(await readFile(join(folder, aside), 'utf8')).toBe(other);
  });

  it('promise 4: the number of a message that was forgotten is not given again', async () => {
    const file = await openOutboxFile(path);
    await file.put('a', [item(1), item(2)]);
    await file.forget('a', [1, 2]);
    expect(file.last?.('a')).toBe(2);
    const large = { ...item(1), body: 'x'.repeat(250 * 1024) };
    for (let n = 0; n < 40; n += 1) await file.put('b', [large]);
    await file.close();
    expect((await readFile(path, 'utf8')).includes('k2')).toBe(false);
    expect((await reopened()).last).toBe(2);
  });

  it('promise 4: where it is not known which numbers were given, none that may have been is given again', async () => {
    await kept(1, 2, 3);
    await truncate(path, 0);
    const before = Math.floor(Date.now() / 1000);
    const { last } = await reopened();
    expect(last).toBeGreaterThanOrEqual(before);
    expect((await reopened()).last).toBe(last);
  });
});
