import { describe, expect, it } from 'vitest';
import type { OutboxItem } from '../../../shared/outbox';
import type { OutboxStore } from '../core/outbox';
import { createFakeClock } from '../simulation/fake-clock';
import { createSeededRandom } from '../simulation/seeded-random';
import type { Posting, PostOutcome } from './contract';
import type { ServerPlace } from './key-memory';
import { createOutbox } from './outbox';

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
function bench(acknowledges: boolean, kept = memoryStore(), to: string | null = null) {
  const clock = createFakeClock();
  const arrived: string[] = [];
  const confirms: (() => void)[] = [];
  const link = {
    session: null as number | null,
    post: null as ((item: OutboxItem, epoch: string) => Promise<PostOutcome>) | null,
    cancelled: 0,
    place: { epoch: 'a', head: 7, heardAt: Number.POSITIVE_INFINITY } as ServerPlace | null,
  };
  const outbox = createOutbox({
    source: 's',
    clock,
    random: createSeededRandom(1),
    store: kept.store,
    keys: acknowledges ? { events: 100, ms: 1_000_000 } : null,
    to,
    promise: '',
    link: {
      send(item) {
        if (link.session !== null) arrived.push(`${item.key} ${item.body}`);
        return link.session;
      },
      open: () => link.session !== null || link.post !== null,
      place: () => (link.session !== null || link.post !== null ? link.place : null),
      confirm: (_, done) => void confirms.push(done),
      post(item, epoch): Posting | null {
        const outcome = link.post?.(item, epoch);
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

describe('a message whose answer was never had', () => {
  /** Sent at epoch a, head 7; then the way is cut. */
  async function inDoubt(kept = memoryStore()) {
    const world = bench(true, kept);
    await world.outbox.open();
    world.link.session = 1;
    await fill(world.outbox, 1);
    await world.settle();
    expect(world.bodies()).toEqual(['1']);
    await fill(world.outbox, 1);
    world.link.session = null;
    world.link.place = null;
    world.outbox.sessionEnded(1);
    await world.settle();
    return world;
  }

  const later = { epoch: 'a', head: 7, heardAt: Number.POSITIVE_INFINITY };

  async function back(world: ReturnType<typeof bench>, place: ServerPlace) {
    world.link.place = place;
    world.link.session = 2;
    world.outbox.ready();
    await world.settle();
  }

  it('promise 24: is unknown when the server comes back with another epoch, and the one that never left goes', async () => {
    const world = await inDoubt();
    await back(world, { ...later, epoch: 'b', head: 0 });
    expect(world.states()).toEqual(['unknown', 'sending']);
    expect(world.bodies()).toEqual(['1', '1']);
    expect(world.outbox.view().items[1]?.note).toContain('anew');
    world.outbox.acknowledged(world.arrived[1]?.split(' ')[0] ?? '', '');
    await world.outbox.again(1);
    await world.settle();
    expect(world.arrived[2]).toBe(world.arrived[0]);
  });

  it('promise 24: is unknown when as many events came as the server keeps keys, and goes again when fewer did', async () => {
    const far = await inDoubt();
    await back(far, { ...later, head: 107 });
    expect(far.states()).toEqual(['unknown', 'sending']);
    const near = await inDoubt();
    await back(near, { ...later, head: 106 });
    expect(near.arrived).toEqual([near.arrived[0], near.arrived[0]]);
    const shorter = await inDoubt();
    await back(shorter, { ...later, head: 3 });
    expect(shorter.states()).toEqual(['unknown', 'sending']);
  });

  it('promise 24: is unknown when it was sent longer ago than the server keeps keys', async () => {
    const world = await inDoubt();
    await world.clock.advanceAsync(1_000_000);
    await back(world, later);
    expect(world.states()).toEqual(['unknown', 'sending']);
  });

  it('promise 24: is unknown after a crash and an edit too, whatever came since', async () => {
    const kept = memoryStore();
    await inDoubt(kept);
    const second = bench(true, kept);
    second.link.session = 1;
    second.link.place = { ...later, epoch: 'b' };
    await second.outbox.open();
    await second.settle();
    expect(second.states()).toEqual(['unknown', 'sending']);
    expect(second.bodies()).toEqual(['1']);
  });

  it('promise 24: a POST is for one epoch: refused by the next, one in doubt is unknown and one that never arrived goes', async () => {
    for (const doubtful of [true, false]) {
      const world = bench(true);
      await world.outbox.open();
      await fill(world.outbox, 1);
      const asked: string[] = [];
      let epoch = 'a';
      let silent = doubtful;
      world.link.post = async (_, only) => {
        asked.push(only);
        if (silent) return { kind: 'later', floorMs: 0 };
        return only === epoch ? { kind: 'acknowledged', note: '201' } : { kind: 'later', floorMs: 0, answered: true };
      };
      if (!doubtful) epoch = 'b';
      world.outbox.ready();
      await world.settle();
      silent = false;
      epoch = 'b';
      world.link.place = { ...later, heardAt: 500 };
      await world.clock.advanceAsync(1000);
      // Not yet heard of here: asked for the old log, and refused.
      expect(asked).toEqual(['a', 'a']);
      expect(world.states()).toEqual(['queued']);
      world.link.place = { ...later, epoch: 'b', head: 0 };
      await world.clock.advanceAsync(10_000);
      expect(world.states()).toEqual([doubtful ? 'unknown' : 'acknowledged']);
      expect(asked.at(-1)).toBe(doubtful ? 'a' : 'b');
    }
  });

  it('promise 24: what the server itself put off goes again in any epoch: it has not taken it', async () => {
    const { outbox, link, key, bodies, settle, clock } = bench(true);
    await outbox.open();
    link.session = 1;
    await fill(outbox, 1);
    await settle();
    outbox.refused(key('1'), 'closing', 0);
    link.place = { ...later, epoch: 'b', head: 0 };
    await clock.advanceAsync(2000);
    expect(bodies()).toEqual(['1', '1']);
    outbox.close();
  });

  it('promise 24: but not one of which an earlier try was not answered', async () => {
    const { outbox, link, key, bodies, settle, states, clock } = bench(true);
    await outbox.open();
    link.session = 1;
    await fill(outbox, 1);
    await settle();
    await clock.advanceAsync(15_000);
    outbox.refused(key('1'), 'busy', 0);
    link.place = { ...later, epoch: 'b', head: 0 };
    await clock.advanceAsync(2000);
    expect(bodies()).toEqual(['1', '1']);
    expect(states()).toEqual(['unknown']);
  });

  it('promise 24: a request without an answer goes again only after news of the server', async () => {
    const { outbox, link, settle, states, clock } = bench(true);
    await outbox.open();
    await fill(outbox, 1);
    const posted: string[] = [];
    link.post = async (item) => {
      posted.push(item.body);
      return { kind: 'later', floorMs: 0 };
    };
    link.place = { ...later, heardAt: 0 };
    outbox.ready();
    await settle();
    await clock.advanceAsync(20_000);
    expect(posted).toEqual(['1']);
    link.place = { ...later, epoch: 'b', heardAt: clock.now() };
    await clock.advanceAsync(2000);
    expect([posted, states()]).toEqual([['1'], ['unknown']]);
    outbox.close();
    expect(clock.pending()).toBe(0);
  });
});

describe('messages of a source whose address is edited', () => {
  describe.each([
    ['acknowledges', true],
    ['says nothing', false],
  ] as const)('to a feed that %s', (_, acknowledges) => {
    async function edited() {
      const kept = memoryStore();
      const first = bench(acknowledges, kept, 'https://a.example/x');
      await first.outbox.open();
      first.link.session = 1;
      await fill(first.outbox, 1);
      await first.settle();
      first.link.session = null;
      await first.outbox.add('note', '2');
      await first.settle();
      first.outbox.close();
      const second = bench(acknowledges, kept, 'https://b.example/y');
      second.link.session = 1;
      await second.outbox.open();
      await second.clock.advanceAsync(60_000);
      return { kept, second };
    }

    it('promise 4: one under way is unknown, one that waits is held, and neither goes to the new address', async () => {
      const { second } = await edited();
      expect(second.bodies()).toEqual([]);
      expect(second.states()).toEqual(['unknown', 'held']);
      expect(second.outbox.view()).toMatchObject({ queued: 0, held: 1, unknown: 1 });
      const [held, doubtful] = second.outbox.view().items;
      expect(held?.note).toBe(
        'Written for https://a.example/x, and this source goes to https://b.example/y now: it goes there only if you send it.',
      );
      expect(doubtful?.note).toContain('It may have reached https://a.example/x');
      await second.outbox.add('note', 'new');
      await second.settle();
      expect(second.bodies()).toEqual(['new']);
    });

    it('promise 4: what a person sends goes to the new address, and belongs there from then on', async () => {
      const { second, kept } = await edited();
      await second.outbox.dismiss(1);
      await second.outbox.again(2);
      await second.settle();
      expect(second.bodies()).toEqual(['2']);
      expect(kept.held.get(2)?.to).toBe('https://b.example/y');
    });

    it('promise 4: a held one goes by itself when the address is the one it was written for again', async () => {
      const { second, kept } = await edited();
      second.outbox.close();
      const third = bench(acknowledges, kept, 'https://a.example/x');
      third.link.session = 1;
      await third.outbox.open();
      await third.settle();
      expect(third.bodies()).toEqual(['2']);
      expect(third.states()[0]).toBe('unknown');
    });

    it('promise 4: one kept without an address belongs where the source is, from then on', async () => {
      const kept = memoryStore();
      const first = bench(acknowledges, kept);
      await first.outbox.open();
      await fill(first.outbox, 1);
      first.outbox.close();
      const second = bench(acknowledges, kept, 'https://a.example/x');
      await second.outbox.open();
      await second.settle();
      second.outbox.close();
      const third = bench(acknowledges, kept, 'https://b.example/y');
      third.link.session = 1;
      await third.outbox.open();
      await third.settle();
      expect([third.bodies(), third.states()]).toEqual([[], ['held']]);
    });
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
});

describe('what is promised of each message', () => {
  it.each([
    ['acknowledges', true],
    ['says nothing', false],
  ])('promise 24: nothing leaves for a feed that %s unless the disk has recorded it', async (_, acknowledges) => {
    const { outbox, link, bodies, settle, clock, kept } = bench(acknowledges);
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
  it('promise 4: a number is given once, also where what had it is forgotten and the source opened anew', async () => {
    const kept = memoryStore();
    const first = bench(true, kept);
    await first.outbox.open();
    await fill(first.outbox, 2);
    await first.outbox.dismiss(2);
    first.outbox.close();
    const second = bench(true, { ...kept, store: { ...kept.store, last: () => 2 } });
    await second.outbox.open();
    expect((await second.outbox.add('note', 'new')).number).toBe(3);
  });

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
