import { describe, expect, it } from 'vitest';
import type { OutboxItem } from '../../../shared/outbox';
import type { OutboxStore } from '../core/outbox';
import { createFakeClock } from '../simulation/fake-clock';
import { createSeededRandom } from '../simulation/seeded-random';
import { createOutbox, type Posting, type PostOutcome } from './outbox';

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
    cancelled: 0,
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
      post(item): Posting | null {
        const outcome = link.post?.(item);
        if (!outcome) return null;
        return {
          outcome,
          cancel: () => {
            link.cancelled += 1;
          },
        };
      },
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
    outbox.refused(key('2'), 'too long', null);
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
    outbox.refused(key('1'), 'busy', 0);
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
      { kind: 'later', floorMs: 0 },
      { kind: 'acknowledged', note: '201' },
      { kind: 'refused', note: '400' },
      { kind: 'acknowledged', note: '201' },
    ];
    link.post = async (item) => {
      posted.push(item.body);
      return outcomes.shift() ?? { kind: 'later', floorMs: 0 };
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
    const { outbox, link, bodies, confirms, settle, states, clock } = bench(false);
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
    await clock.advanceAsync(1000);
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

describe('what is promised of each message', () => {
  it('promise 4: closing with a POST under way leaves no timer and no exchange', async () => {
    const { outbox, link, settle, clock } = bench(true);
    await outbox.open();
    await fill(outbox, 1);
    link.post = () => new Promise(() => {});
    outbox.ready();
    await settle();
    outbox.close();
    expect([clock.pending(), link.cancelled]).toEqual([0, 1]);
  });

  it('promise 4: closing before what was sent is confirmed leaves no timer', async () => {
    const { outbox, link, settle, clock } = bench(false);
    await outbox.open();
    link.session = 1;
    await fill(outbox, 3);
    await settle();
    outbox.close();
    expect(clock.pending()).toBe(0);
  });

  it('promise 4: one that a person lets go of is not brought back by a record that was behind', async () => {
    const kept = memoryStore();
    const { outbox, link, settle, clock } = bench(false, kept);
    await outbox.open();
    await fill(outbox, 1);
    link.session = 1;
    outbox.ready();
    await settle();
    kept.store.fails = true;
    link.session = null;
    outbox.sessionEnded(1);
    await settle();
    expect(outbox.view()).toMatchObject({ unknown: 1, trouble: expect.stringContaining('ENOSPC') });
    kept.store.fails = false;
    const { forget } = kept.store;
    let go = () => {};
    kept.store.forget = async (source, numbers) => {
      await forget(source, numbers);
      await new Promise<void>((resolve) => {
        go = resolve;
      });
    };
    const letGo = outbox.dismiss(1);
    await clock.advanceAsync(5000);
    go();
    await letGo;
    await clock.advanceAsync(60_000);
    expect([...kept.held]).toEqual([]);
    expect(outbox.view()).toMatchObject({ items: [], trouble: null });
  });

  it('promise 6: one put off is not asked for again before the time the feed gave, whatever else happens', async () => {
    const { outbox, link, bodies, key, settle, clock } = bench(true);
    await outbox.open();
    await fill(outbox, 1);
    link.session = 1;
    outbox.ready();
    await settle();
    outbox.refused(key('1'), 'rate', 20_000);
    for (let n = 0; n < 19; n += 1) {
      await clock.advanceAsync(1000);
      outbox.ready();
    }
    expect(bodies()).toEqual(['1']);
    await clock.advanceAsync(2000);
    expect(bodies()).toEqual(['1', '1']);
  });

  it('promise 23: thirty messages in a second are thirty frames and three pings at the most', async () => {
    const { outbox, link, bodies, confirms, clock } = bench(false);
    await outbox.open();
    link.session = 1;
    let pings = 0;
    for (let n = 1; n <= 30; n += 1) {
      await outbox.add('note', String(n));
      await clock.advanceAsync(30);
      pings += confirms.length;
      for (const confirm of confirms.splice(0)) confirm();
    }
    await clock.advanceAsync(2000);
    pings += confirms.length;
    for (const confirm of confirms.splice(0)) confirm();
    expect(bodies()).toEqual(Array.from({ length: 30 }, (_, index) => String(index + 1)));
    expect(pings).toBeLessThanOrEqual(3);
    expect(outbox.view().queued).toBe(0);
  });
});

describe('while the disk cannot be read', () => {
  it('promise 1: nothing is taken or sent, it says so, and asks again by itself', async () => {
    const kept = memoryStore();
    const first = bench(true, kept);
    await first.outbox.open();
    await fill(first.outbox, 1);
    first.outbox.close();
    const { load } = kept.store;
    kept.store.load = () => Promise.reject(new Error('EIO: i/o error'));
    const second = bench(true, kept);
    second.link.session = 1;
    await second.outbox.open();
    second.outbox.ready();
    await expect(second.outbox.add('note', 'new')).rejects.toThrow(/cannot be read: EIO/);
    expect(second.outbox.view().trouble).toContain('EIO');
    expect(second.bodies()).toEqual([]);
    kept.store.load = load;
    await second.clock.advanceAsync(5000);
    expect(second.bodies()).toEqual(['1']);
    expect(second.outbox.view().trouble).toBeNull();
    second.outbox.close();
    expect(second.clock.pending()).toBe(0);
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
