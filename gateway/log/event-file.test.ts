import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryBackplane, defaultRetention } from '../backplane/memory';
import { createEventFile } from './event-file';
import type { SegmentDisk } from './segment';

let folder: string;
let path: string;
const trouble: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wirewatch-file-'));
  path = join(folder, 'state', 'host.jsonl');
  trouble.length = 0;
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A gateway's run: what is appended goes through the file. Not closing it is a kill. */
function run({
  boot = 'boot-1',
  maxBytes = 1024 * 1024,
  disk,
}: {
  boot?: string;
  maxBytes?: number;
  disk?: SegmentDisk;
} = {}) {
  const backplane = createMemoryBackplane({
    retention: defaultRetention,
    storeOf: (stream) =>
      createEventFile({
        path,
        stream,
        maxBytes,
        boot,
        ...(disk ? { disk } : {}),
        onTrouble: (text) => trouble.push(text),
      }),
  });
  return {
    backplane,
    open: () => backplane.open('host'),
    add: async (count: number, data = 'x') => {
      for (let n = 0; n < count; n += 1) {
        await backplane.append('host', [{ type: `t${n % 2}`, data: JSON.stringify(data) }]);
      }
      return backplane.open('host');
    },
  };
}

describe('event file', () => {
  it('keeps epoch, numbers, events and state across a kill', async () => {
    const before = await run().add(5);
    const second = run();
    expect(await second.open()).toEqual(before);
    const page = await second.backplane.read('host', { epoch: before.epoch, after: 0, limit: 10, maxBytes: 1e6 });
    expect(page.kind === 'page' && page.entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect((await second.backplane.latest('host')).latest).toMatchObject([
      { type: 't1', seq: 4, data: '"x"' },
      { type: 't0', seq: 5, data: '"x"' },
    ]);
    expect(await second.add(1)).toEqual({ ...before, head: 6 });
    expect(await run().open()).toEqual({ ...before, head: 6 });
    expect(trouble).toEqual([]);
  });

  it('drops a torn tail, whose number nobody saw', async () => {
    const before = await run().add(3);
    appendFileSync(path, '{"kind":"event","stream":"host","ep');
    const second = run();
    expect(await second.open()).toEqual(before);
    expect(await second.add(2)).toEqual({ ...before, head: 5 });
    expect(await run().open()).toEqual({ ...before, head: 5 });
  });

  it.each([
    ['in the middle of an event', 7],
    ['at the end of one', null],
  ])('promise 8: a file that lost its end %s begins a new epoch: no number is given out twice', async (_, bytes) => {
    const before = await run().add(3);
    const content = readFileSync(path, 'utf8');
    truncateSync(path, bytes === null ? content.lastIndexOf('{"kind":"event"') : content.length - bytes);
    const after = await run().open();
    expect(after).toMatchObject({ oldest: 1, head: 0 });
    expect(after.epoch).not.toBe(before.epoch);
    expect(trouble).toEqual([expect.stringContaining('lost its end (it stops at 2)')]);
  });

  it('promise 8: the same where nothing says how far it went', async () => {
    const before = await run().add(3);
    rmSync(`${path}.head`);
    expect((await run().open()).epoch).not.toBe(before.epoch);
  });

  it.each(['EIO', 'EACCES'])(
    'promise 8: one that cannot be read (%s) is no empty log: a new epoch, and it is kept',
    async (code) => {
      const before = await run().add(3);
      const content = readFileSync(path, 'utf8');
      const disk: SegmentDisk = {
        readFile() {
          throw Object.assign(new Error(code), { code });
        },
      };
      const after = await run({ disk }).add(2);
      expect(after).toMatchObject({ oldest: 1, head: 2 });
      expect(after.epoch).not.toBe(before.epoch);
      expect(readFileSync(`${path}.unreadable`, 'utf8')).toBe(content);
      expect(trouble).toEqual([expect.stringContaining(`${path}.unreadable`)]);
      expect(await run().open()).toEqual(after);
    },
  );

  it('stops at a line that is not an event', async () => {
    const before = await run().add(3);
    appendFileSync(path, 'garbage\n{"kind":"event","epoch":"x","seq":4,"time":1,"type":"a","data":1}\n');
    expect(await run().open()).toEqual(before);
  });

  it('stays within its bound and keeps the newest', async () => {
    const first = run({ maxBytes: 8_192 });
    const before = await first.add(500, 'y'.repeat(50));
    expect(statSync(path).size + statSync(`${path}.1`).size).toBeLessThanOrEqual(8_192);
    const restored = await run({ maxBytes: 8_192 }).open();
    expect(restored).toMatchObject({ epoch: before.epoch, head: 500 });
    expect(restored.oldest).toBeGreaterThan(400);
    expect(restored.oldest).toBeLessThan(490);
  });

  it('keeps the head when the older segment is gone', async () => {
    const before = await run({ maxBytes: 8_192 }).add(500, 'y'.repeat(50));
    rmSync(`${path}.1`);
    expect(await run({ maxBytes: 8_192 }).open()).toMatchObject({ epoch: before.epoch, head: 500 });
  });

  it('begins a new epoch after a reboot without a clean end', async () => {
    const before = await run({ boot: 'boot-1' }).add(3);
    const after = await run({ boot: 'boot-2' }).open();
    expect(after).toMatchObject({ oldest: 1, head: 0 });
    expect(after.epoch).not.toBe(before.epoch);
  });

  it('keeps the epoch over a reboot after a clean end, but not over the next crash of the machine', async () => {
    const first = run({ boot: 'boot-1' });
    const before = await first.add(3);
    await first.backplane.close();
    expect(await run({ boot: 'boot-2' }).add(1)).toEqual({ ...before, head: 4 });
    expect(await run({ boot: 'boot-2' }).open()).toEqual({ ...before, head: 4 });
    expect((await run({ boot: 'boot-3' }).open()).epoch).not.toBe(before.epoch);
  });

  it.each([
    ['an empty file', ''],
    ['no header', '{"kind":"event"}\n'],
    ['another stream', '{"kind":"log","version":1,"stream":"other","epoch":"e","boot":"boot-1","base":4}\n'],
    ['a later version', '{"kind":"log","version":2,"stream":"host","epoch":"e","boot":"boot-1","base":4}\n'],
    ['binary noise', '\u0000\u0001\n\u0002'],
  ])('begins anew over %s', async (_what, content) => {
    mkdirSync(join(folder, 'state'));
    writeFileSync(path, content);
    expect(await run().add(2)).toMatchObject({ oldest: 1, head: 2 });
    expect(await run().open()).toMatchObject({ head: 2 });
  });

  it('starts anew with a new epoch when told to', async () => {
    const first = run();
    const before = await first.add(3);
    await first.backplane.restart();
    const restarted = await first.add(1);
    expect(restarted).toMatchObject({ head: 1 });
    expect(restarted.epoch).not.toBe(before.epoch);
    expect(await run().open()).toEqual(restarted);
  });

  it('goes on in memory when it cannot write, says so once, and leaves nothing that would give numbers out twice', async () => {
    writeFileSync(join(folder, 'state'), 'a file where the folder should be');
    const first = run();
    expect(await first.add(3)).toMatchObject({ head: 3 });
    expect(trouble.filter((text) => text.includes('cannot be written'))).toHaveLength(1);
    rmSync(join(folder, 'state'));
    const before = await first.add(2);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain('"base":3');
    expect(await run().open()).toEqual({ epoch: before.epoch, oldest: 4, head: 5 });
  });
});
