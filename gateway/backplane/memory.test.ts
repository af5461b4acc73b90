import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Draft, LogEntry } from './backplane';
import { createMemoryBackplane, defaultRetention, freshEpoch, type Retention } from './memory';

function setUp(retention: Partial<Retention> = {}) {
  let time = 1_000_000;
  let epochs = 0;
  const backplane = createMemoryBackplane({
    retention: { ...defaultRetention, ...retention },
    now: () => time,
    newEpoch: () => {
      epochs += 1;
      return `e${epochs}`;
    },
  });
  return {
    backplane,
    pass: (ms: number) => {
      time += ms;
    },
    addTo: (stream: string, ...drafts: Partial<Draft>[]) =>
      backplane.append(
        stream,
        drafts.map((draft) => ({ type: 't', data: '1', ...draft })),
      ),
    add: (...drafts: Partial<Draft>[]) =>
      backplane.append(
        's',
        drafts.map((draft) => ({ type: 't', data: '1', ...draft })),
      ),
    read: (after: number, limit = 100, maxBytes = 1e6) => backplane.read('s', { epoch: 'e1', after, limit, maxBytes }),
  };
}

const seqs = (entries: readonly LogEntry[]) => entries.map(({ seq }) => seq);

describe('memory backplane', () => {
  it('numbers from 1 on and encodes the message once', async () => {
    const { add, read, backplane } = setUp();
    expect(await backplane.info('s')).toBeNull();
    expect(await add({}, { id: 'x"y' })).toEqual([
      { position: { epoch: 'e1', seq: 1 }, repeated: false },
      { position: { epoch: 'e1', seq: 2 }, repeated: false },
    ]);
    const page = await read(0);
    expect(page).toMatchObject({ kind: 'page', info: { epoch: 'e1', oldest: 1, head: 2 } });
    const entry = page.kind === 'page' ? page.entries[1] : undefined;
    expect(JSON.parse(entry?.json ?? '')).toEqual({
      kind: 'event',
      stream: 's',
      epoch: 'e1',
      seq: 2,
      time: 1_000_000,
      type: 't',
      data: 1,
      id: 'x"y',
    });
    expect(entry?.bytes).toBe(Buffer.byteLength(entry?.json ?? ''));
  });

  it('promise 12: knows what all streams hold together, and lets go of what is over age where nobody looks', async () => {
    const { backplane, addTo, pass } = setUp({ ageMs: 60_000 });
    expect(await backplane.heldBytes()).toBe(0);
    for (const stream of ['a', 'b', 'c']) await addTo(stream, { data: `"${'x'.repeat(998)}"`, key: 'k'.repeat(100) });
    const entryBytes = async (stream: string) => {
      const page = await backplane.read(stream, { epoch: '-', after: 0, limit: 9, maxBytes: 1e6 });
      const all = await backplane.read(stream, {
        epoch: page.info.epoch,
        after: page.info.oldest - 1,
        limit: 9,
        maxBytes: 1e6,
      });
      return all.kind === 'page' ? all.entries.reduce((sum, { bytes }) => sum + bytes, 0) : 0;
    };
    // The event, its copy in the snapshot (type and data), and the key.
    const each = (await entryBytes('a')) + 1 + 1_000 + 100;
    expect(await backplane.heldBytes()).toBe(3 * each);
    pass(70_000);
    await addTo('c', {});
    expect(await backplane.heldBytes()).toBe(2 * (1_001 + 100) + (await entryBytes('c')) + 2 + 100);
    await backplane.trim('c', 9);
    expect(await backplane.heldBytes()).toBe(2 * (1_001 + 100) + 2 + 100);
    pass(24 * 3_600_000);
    expect(await backplane.heldBytes()).toBe(2 * 1_001 + 2);
    await backplane.restart();
    expect(await backplane.heldBytes()).toBe(0);
  });

  it('promise 12: frees the memory of what it dropped at once', async () => {
    const { backplane, add } = setUp({ events: 5 });
    const seen: WeakRef<LogEntry>[] = [];
    backplane.follow('s', {
      entries: (entries) => void seen.push(...entries.map((entry) => new WeakRef(entry))),
      epoch: () => undefined,
    });
    for (let n = 0; n < 50; n += 1) await add({});
    // A weak reference holds until the turn that made it is over.
    await new Promise((resolve) => setImmediate(resolve));
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    expect(seen.filter((one) => one.deref() !== undefined)).toHaveLength(5);
  });

  it('promise 12: keeps the last of each type by bytes, and always the newest', async () => {
    const { add, backplane } = setUp({ snapshotBytes: 3_000 });
    const types = async () => (await backplane.latest('s')).latest.map(({ type }) => type);
    for (const type of ['a', 'b', 'c']) await add({ type, data: `"${'x'.repeat(900)}"` });
    expect(await types()).toEqual(['a', 'b', 'c']);
    await add({ type: 'a' });
    await add({ type: 'd', data: `"${'x'.repeat(1_500)}"` });
    expect(await types()).toEqual(['c', 'a', 'd']);
    await add({ type: 'e', data: `"${'x'.repeat(5_000)}"` });
    expect(await types()).toEqual(['e']);
  });

  it('keeps by count', async () => {
    const { add, read, backplane } = setUp({ events: 3 });
    for (let n = 0; n < 5_000; n += 1) await add({});
    expect(await backplane.info('s')).toEqual({ epoch: 'e1', oldest: 4_998, head: 5_000 });
    expect(await read(4_000)).toMatchObject({ kind: 'trimmed' });
    const page = await read(4_997);
    expect(page.kind === 'page' && seqs(page.entries)).toEqual([4_998, 4_999, 5_000]);
  });

  it('keeps by bytes, but always the newest', async () => {
    const { add, backplane } = setUp({ bytes: 1_000 });
    for (let n = 0; n < 10; n += 1) await add({ data: JSON.stringify('x'.repeat(300)) });
    expect(await backplane.info('s')).toMatchObject({ oldest: 9, head: 10 });
    await add({ data: JSON.stringify('x'.repeat(5_000)) });
    expect(await backplane.info('s')).toMatchObject({ oldest: 11, head: 11 });
  });

  it('keeps by age, also when nothing is appended any more', async () => {
    const { add, pass, backplane } = setUp({ ageMs: 60_000 });
    await add({});
    pass(40_000);
    await add({});
    pass(30_000);
    expect(await backplane.info('s')).toEqual({ epoch: 'e1', oldest: 2, head: 2 });
    pass(60_000);
    expect(await backplane.info('s')).toEqual({ epoch: 'e1', oldest: 3, head: 2 });
  });

  it('pages by count and bytes, at least one entry each', async () => {
    const { add, read } = setUp();
    await add({}, {}, {}, {});
    const two = await read(1, 2);
    expect(two.kind === 'page' && seqs(two.entries)).toEqual([2, 3]);
    const one = await read(1, 10, 1);
    expect(one.kind === 'page' && seqs(one.entries)).toEqual([2]);
    expect(await read(4)).toMatchObject({ kind: 'page', entries: [] });
  });

  it('adds nothing for a key used before, also within one batch, until the key is a day old', async () => {
    const { add, pass } = setUp();
    const answers = await add({ key: 'k' }, { key: 'k' }, {});
    expect(answers.map(({ position, repeated }) => [position.seq, repeated])).toEqual([
      [1, false],
      [1, true],
      [2, false],
    ]);
    pass(23 * 3_600_000);
    expect(await add({ key: 'k' })).toMatchObject([{ position: { seq: 1 }, repeated: true }]);
    pass(2 * 3_600_000);
    await add({ key: 'other' });
    expect(await add({ key: 'k' })).toMatchObject([{ position: { seq: 4 }, repeated: false }]);
  });

  it('keeps the last of each type beyond retention', async () => {
    const { add, backplane } = setUp({ events: 1 });
    await add({ type: 'a', data: '1' }, { type: 'b', data: '2' }, { type: 'a', data: '3' });
    expect((await backplane.latest('s')).latest).toMatchObject([
      { type: 'b', seq: 2, data: '2' },
      { type: 'a', seq: 3, data: '3' },
    ]);
  });

  it('lets followers hear batches until they end, and epochs', async () => {
    const { add, backplane } = setUp();
    await add({});
    const heard: unknown[] = [];
    const end = backplane.follow('s', {
      entries: (entries) => heard.push(seqs(entries)),
      epoch: (info) => heard.push(info),
    });
    await add({}, {});
    await backplane.restart();
    await add({});
    end();
    await add({});
    expect(heard).toEqual([[2, 3], { epoch: 'e2', oldest: 1, head: 0 }, [1]]);
  });

  it('answers other-epoch after a restart, and forgets keys and state', async () => {
    const { add, read, backplane } = setUp();
    await add({ key: 'k' });
    await backplane.restart();
    expect(await read(0)).toMatchObject({ kind: 'other-epoch', info: { epoch: 'e2' } });
    expect((await backplane.latest('s')).latest).toEqual([]);
    expect(await add({ key: 'k' })).toMatchObject([{ position: { epoch: 'e2', seq: 1 }, repeated: false }]);
  });

  it('trims up to a number', async () => {
    const { add, backplane } = setUp();
    await add({}, {}, {});
    await backplane.trim('s', 2);
    expect(await backplane.info('s')).toMatchObject({ oldest: 3, head: 3 });
    await backplane.trim('s', 99);
    expect(await backplane.info('s')).toMatchObject({ oldest: 4, head: 3 });
  });

  it('makes epochs that are never the same', () => {
    const epochs = new Set(Array.from({ length: 1_000 }, freshEpoch));
    expect(epochs.size).toBeGreaterThan(990);
    for (const epoch of epochs) expect(epoch).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });
});
