import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWorld } from './testing/world';

/** What a person, a disk and a feed may do, in any order. */
type Act =
  | { readonly do: 'add' | 'connect' | 'cut' | 'restart' }
  | { readonly do: 'dismiss' | 'again'; readonly which: number }
  | { readonly do: 'disk'; readonly fails: boolean; readonly delayMs: number }
  | { readonly do: 'feed'; readonly answers: 'yes' | 'later' | 'nothing'; readonly posts: boolean }
  | { readonly do: 'pass'; readonly ms: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Act>({ do: 'add' }) },
  { weight: 3, arbitrary: fc.constantFrom<Act>({ do: 'connect' }, { do: 'cut' }) },
  { weight: 2, arbitrary: fc.constant<Act>({ do: 'restart' }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('dismiss' as const, 'again' as const), which: fc.nat(11) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('disk' as const),
      fails: fc.boolean(),
      delayMs: fc.constantFrom(0, 10, 50),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('feed' as const),
      answers: fc.constantFrom('yes' as const, 'later' as const, 'nothing' as const),
      posts: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(10, 30, 200, 6000) }) },
);

interface Fate {
  readonly body: string;
  added: 'under way' | 'taken' | 'refused';
  number: number | null;
  /** When the person let go of it, once that was confirmed. */
  dismissedAt: number | null;
  again: number;
}

async function live(acknowledges: boolean, acts: readonly Act[]) {
  const world = createWorld(acknowledges);
  const fates: Fate[] = [];
  await world.outbox.open();

  function perform(one: Act): void {
    switch (one.do) {
      case 'add': {
        const fate: Fate = { body: `b${fates.length}`, added: 'under way', number: null, dismissedAt: null, again: 0 };
        fates.push(fate);
        world.outbox.add('note', fate.body).then(
          ({ number }) => {
            fate.added = 'taken';
            fate.number = number;
          },
          () => {
            fate.added = 'refused';
          },
        );
        return;
      }
      case 'connect':
        world.connect();
        return;
      case 'cut':
        world.cut();
        return;
      case 'restart':
        world.restart();
        return;
      case 'dismiss':
      case 'again': {
        const fate = fates[one.which];
        if (!fate || fate.number === null) return;
        const { number } = fate;
        const known = world.outbox.view().items.some((item) => item.number === number && item.body === fate.body);
        if (!known) return;
        if (one.do === 'again') {
          // Whoever asks for it again may get it again, whatever he is told of the disk meanwhile.
          fate.again += 1;
          world.outbox.again(number).catch(() => {});
        } else {
          const askedAt = world.tick();
          const { outbox } = world;
          outbox.dismiss(number).then(
            () => {
              const gone = !outbox.view().items.some((item) => item.number === number);
              if (gone) fate.dismissedAt ??= askedAt;
            },
            () => {},
          );
        }
        return;
      }
      case 'disk':
        world.disk.fails = one.fails;
        world.disk.delayMs = one.delayMs;
        return;
      case 'feed':
        world.feed.answers = one.answers;
        world.feed.posts = one.posts;
        return;
      case 'pass':
        return;
    }
  }

  for (const one of acts) {
    perform(one);
    if (one.do === 'pass') await world.pass(one.ms, one.ms > 1000 ? 200 : 10);
  }
  // In the end everything works.
  Object.assign(world.disk, { fails: false, delayMs: 0 });
  world.feed.answers = 'yes';
  world.connect();
  await world.pass(200_000, 250);
  return { world, fates };
}

describe.each([
  ['acknowledges', true],
  ['says nothing', false],
] as const)('outbox of a feed that %s', (_, acknowledges) => {
  it('promise 4: what was taken goes out, what was refused or let go never does, and closing leaves nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: 40 }), async (acts) => {
        const { world, fates } = await live(acknowledges, acts);
        for (const fate of fates) {
          const arrived = world.arrivals.filter(({ body }) => body === fate.body);
          if (fate.added === 'refused') expect(arrived, `${fate.body} was refused`).toEqual([]);
          const { dismissedAt } = fate;
          const kept = [...world.disk.held.values()].some(({ body }) => body === fate.body);
          if (fate.added === 'refused' || dismissedAt !== null) expect(kept, `${fate.body} is kept`).toBe(false);
          if (dismissedAt !== null) expect(arrived.filter(({ at }) => at > dismissedAt)).toEqual([]);
          if (acknowledges) {
            const times = [...world.taken.values()].filter((body) => body === fate.body).length;
            if (fate.added === 'taken' && dismissedAt === null) expect(times, `${fate.body} was taken`).toBe(1);
            expect(times).toBeLessThanOrEqual(1);
          } else {
            // It cannot be asked whether it has one: never twice by itself, and what may have gone waits for a person.
            expect(arrived.length).toBeLessThanOrEqual(1 + fate.again);
            if (fate.added === 'taken' && dismissedAt === null && arrived.length === 0) {
              const state = world.outbox.view().items.find(({ body }) => body === fate.body)?.state;
              expect(state).toBe('unknown');
            }
          }
        }
        expect(fates.filter(({ added }) => added === 'under way')).toEqual([]);
        world.outbox.close();
        expect([world.clock.pending(), world.feed.exchanges]).toEqual([0, 0]);
      }),
      { numRuns: 200, seed: 4, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false },
    );
  }, 40_000);

  it('promise 4: in the order they were written', async () => {
    const { world, fates } = await live(
      acknowledges,
      Array.from({ length: 30 }, (_, n): Act => (n % 7 === 3 ? { do: 'pass', ms: 30 } : { do: 'add' })),
    );
    expect(world.arrivals.map(({ body }) => body)).toEqual(fates.map(({ body }) => body));
  });
});
