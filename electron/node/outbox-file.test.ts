import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutboxItem, OutboxState } from '../../shared/outbox';
import { openOutboxFile } from './outbox-file';

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

  it('passes over a line that a crash cut, and packs itself at start', async () => {
    const first = await openOutboxFile(path);
    for (let n = 0; n < 50; n += 1) await first.put('a', [item(1)]);
    await first.close();
    await appendFile(path, '{"source":"a","item":{"number":2');
    const second = await openOutboxFile(path);
    expect(await second.load('a')).toEqual([item(1)]);
    await second.put('a', [item(3)]);
    await second.close();
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(2);
  });
});
