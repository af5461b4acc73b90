import { describe, expect, it } from 'vitest';
import type { OutboxItem } from '../../../shared/outbox';
import type { OutboxStore } from '../core/outbox';
import { createFakeClock } from '../simulation/fake-clock';
import { createSeededRandom } from '../simulation/seeded-random';
import { createOutbox, type PostOutcome } from './outbox';

function memoryStore() {
  const held = new Map<number, OutboxItem>();
  const store: OutboxStore & { fails: boolean } = {
    fails: false,
    load: async () => [...held.values()],
    async put(_, items) {
      if (store.fails) throw new Error('ENOSPC');
      for (const item of items) held.set(item.number, item);
    },
    async forget(_, numbers) {
      for (const number of numbers ?? [...held.keys()]) held.delete(number);
    },
  };
  return { store, held };
}

/** A feed behind a link that the test breaks; what arrived there, by body. */
function bench(acknowledges: boolean, kept = memoryStore()) {
  const clock = createFakeClock();
  const arrived: string[] = [];
  const confirms: (() => void)[] = [];
  const link = {
    session: null as number | null,
    post: null as ((item: OutboxItem) => Promise<PostOutcome>) | null,
  };
  const outbox = createOutbox({
    source: 's',
    clock,
    random: createSeededRandom(1),
    store: kept.store,
    acknowledges,
    promise: '',
    link: {
      send(item) {
        if (link.session !== null) arrived.push(`${item.key} ${item.body}`);
        return link.session;
      },
      confirm: (_, done) => void confirms.push(done),
      post: (item) => link.post?.(item) ?? null,
    },
    onChange: () => {},
  });
  const settle = () => clock.advanceAsync(0);
  const bodies = () => arrived.map((line) => line.split(' ')[1]);
  const key = (body: string) => arrived.find((line) => line.endsWith(` ${body}`))?.split(' ')[0] ?? '';
  const states = () =>
    outbox
      .view()
      .items.map(({ state }) => state)
      .reverse();
  return { clock, outbox, link, arrived, bodies, key, confirms, settle, states, kept };
}

async function fill(outbox: ReturnType<typeof createOutbox>, count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) await outbox.add('note', String(n));
}

describe('outbox of a feed that acknowledges', () => {
  it('sends one after the other, each when the last is answered', async () => {
    const { outbox, link, bodies, key, settle, states } = bench(true);
    await outbox.open();
    await fill(outbox, 3);
    await settle();
    expect(bodies()).toEqual([]);
    link.session = 1;
    outbox.ready();
    await settle();
    expect(bodies()).toEqual(['1']);
    outbox.acknowledged(key('1'), '');
    await settle();
    outbox.refused(key('2'), 'too long', false);
    await settle();
    expect(bodies()).toEqual(['1', '2', '3']);
    expect(states()).toEqual(['acknowledged', 'refused', 'sending']);
  });

  it('a cut or a missing answer sends the same key again, and order holds', async () => {
    const { outbox, link, arrived, bodies, key, settle, clock } = bench(true);
    await outbox.open();
    await fill(outbox, 2);
    link.session = 1;
    outbox.ready();
    await settle();
    link.session = null;
    outbox.sessionEnded(1);
    link.session = 2;
    outbox.ready();
    await settle();
    await clock.advanceAsync(15_000);
    outbox.acknowledged(key('1'), '');
    await settle();
    expect(bodies()).toEqual(['1', '1', '1', '2']);
    expect(new Set(arrived.slice(0, 3)).size).toBe(1);
    outbox.close();
    expect(clock.pending()).toBe(0);
  });

  it('a refusal that is not final waits and asks again before anything else goes', async () => {
    const { outbox, link, bodies, key, settle, clock } = bench(true);
    await outbox.open();
    await fill(outbox, 2);
    link.session = 1;
    outbox.ready();
    await settle();
    outbox.refused(key('1'), 'busy', true);
    await settle();
    expect(bodies()).toEqual(['1']);
    await clock.advanceAsync(1000);
    expect(bodies()).toEqual(['1', '1']);
  });

  it('posts where there is no socket', async () => {
    const { outbox, link, settle, states, clock } = bench(true);
    await outbox.open();
    await fill(outbox, 3);
    const posted: string[] = [];
    const outcomes: PostOutcome[] = [
      { kind: 'later' },
      { kind: 'acknowledged', note: '201' },
      { kind: 'refused', note: '400' },
      { kind: 'acknowledged', note: '201' },
    ];
    link.post = async (item) => {
      posted.push(item.body);
      return outcomes.shift() ?? { kind: 'later' };
    };
    outbox.ready();
    await settle();
    expect(posted).toEqual(['1']);
    await clock.advanceAsync(1000);
    expect(posted).toEqual(['1', '1', '2', '3']);
    expect(states()).toEqual(['acknowledged', 'refused', 'acknowledged']);
  });

  it('after a crash what was under way goes again with its key', async () => {
    const kept = memoryStore();
    const first = bench(true, kept);
    await first.outbox.open();
    await fill(first.outbox, 2);
    first.link.session = 1;
    first.outbox.ready();
    await first.settle();
    const second = bench(true, kept);
    second.link.session = 1;
    await second.outbox.open();
    await second.settle();
    expect(second.arrived[0]).toBe(first.arrived[0]);
    await second.outbox.add('note', 'new');
    expect(second.outbox.view().items[0]?.number).toBe(3);
  });
});

describe('outbox of a feed that says nothing', () => {
  it('a message is sent when the connection showed life after it', async () => {
    const { outbox, link, bodies, confirms, settle, states } = bench(false);
    await outbox.open();
    await fill(outbox, 20);
    link.session = 1;
    outbox.ready();
    await settle();
    expect(bodies()).toHaveLength(16);
    expect(states().filter((state) => state === 'sending')).toHaveLength(16);
    confirms.shift()?.();
    await settle();
    expect(bodies()).toHaveLength(20);
    confirms.shift()?.();
    await settle();
    expect(new Set(states())).toEqual(new Set(['sent']));
  });

  it('one that was cut in flight is unknown, and goes again only when a person says so', async () => {
    const { outbox, link, bodies, settle, states, clock } = bench(false);
    await outbox.open();
    await fill(outbox, 2);
    link.session = 1;
    outbox.ready();
    await settle();
    link.session = null;
    outbox.sessionEnded(1);
    link.session = 2;
    outbox.ready();
    await clock.advanceAsync(60_000);
    expect(states()).toEqual(['unknown', 'unknown']);
    expect(bodies()).toEqual(['1', '2']);
    await outbox.again(1);
    await outbox.dismiss(2);
    await settle();
    expect(bodies()).toEqual(['1', '2', '1']);
    expect(outbox.view().unknown).toBe(0);
  });

  it('after a crash what may have gone is unknown, and what cannot have gone goes', async () => {
    const kept = memoryStore();
    const first = bench(false, kept);
    await first.outbox.open();
    await fill(first.outbox, 18);
    first.link.session = 1;
    first.outbox.ready();
    await first.settle();
    const second = bench(false, kept);
    second.link.session = 1;
    await second.outbox.open();
    await second.settle();
    expect(second.bodies()).toEqual(['17', '18']);
    expect(second.outbox.view().unknown).toBe(16);
  });

  it('nothing leaves that the disk has not recorded', async () => {
    const { outbox, link, bodies, settle, clock, kept } = bench(false);
    await outbox.open();
    await fill(outbox, 1);
    kept.store.fails = true;
    link.session = 1;
    outbox.ready();
    await settle();
    expect(bodies()).toEqual([]);
    kept.store.fails = false;
    await clock.advanceAsync(5000);
    expect(bodies()).toEqual(['1']);
  });
});

describe('bounds', () => {
  it('a full outbox says so and takes nothing; what is settled makes room and is forgotten', async () => {
    const { outbox, link, settle, kept } = bench(true);
    await outbox.open();
    await expect(outbox.add('note', 'x'.repeat(300_000))).rejects.toThrow('at most');
    const large = 'x'.repeat(256 * 1024);
    for (let n = 0; n < 64; n += 1) await outbox.add('note', large);
    await expect(outbox.add('note', 'y')).rejects.toThrow('full');
    link.post = async () => ({ kind: 'acknowledged', note: '' });
    outbox.ready();
    await settle();
    for (let n = 0; n < 300; n += 1) {
      await outbox.add('note', 'y');
      await settle();
    }
    await settle();
    expect(outbox.view().items).toHaveLength(200);
    expect(kept.held.size).toBe(200);
  });

  it('a message the disk does not take is refused', async () => {
    const { outbox, kept } = bench(true);
    await outbox.open();
    kept.store.fails = true;
    await expect(outbox.add('note', 'x')).rejects.toThrow('ENOSPC');
    expect(outbox.view().items).toEqual([]);
  });
});
