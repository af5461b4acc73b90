import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SequencerLimits } from './limits';
import { type Move, World } from './testing/world';

const count = fc.integer({ min: 1, max: 12 });
const at = fc.nat(40);
const all: Move = { do: 'carry', count: 1_000 };

const single: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: count.map((n): Move => ({ do: 'publish', count: n })) },
  { weight: 5, arbitrary: count.map((n): Move => ({ do: 'carry', count: n })) },
  { weight: 3, arbitrary: fc.constant(all) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom('drop' as const, 'duplicate' as const, 'swap' as const, 'garble' as const), at)
      .map(([how, where]): Move => ({ do: how, at: where })),
  },
  { weight: 4, arbitrary: fc.constantFrom(1, 50, 300, 2_000, 12_000, 40_000).map((ms): Move => ({ do: 'wait', ms })) },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom<Move['do'] & ('cut' | 'connect' | 'promote' | 'switch' | 'crash' | 'commit' | 'heartbeat')>(
        'cut',
        'connect',
        'connect',
        'promote',
        'switch',
        'crash',
        'commit',
        'commit',
        'heartbeat',
      )
      .map((what): Move => ({ do: what })),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('answer' as const, 'answer' as const, 'fail' as const, 'swallow' as const)
      .map((what): Move => ({ do: what })),
  },
);

/** A loss that is noticed, and something on the way of its repair: alone, random moves seldom get that far. */
const troubled: fc.Arbitrary<readonly Move[]> = fc
  .tuple(count, at, fc.constantFrom(300, 12_000), fc.array(single, { maxLength: 4 }), fc.boolean())
  .map(([n, where, ms, between, answered]): readonly Move[] => [
    { do: 'connect' },
    { do: 'publish', count: n + 3 },
    { do: 'drop', at: where },
    { do: 'drop', at: where * 7 },
    all,
    { do: 'wait', ms },
    ...(answered ? [{ do: 'answer' } as const] : []),
    ...between,
    { do: 'commit' },
  ]);

function story(
  extra: readonly { readonly weight: number; readonly arbitrary: fc.Arbitrary<Move> }[],
): fc.Arbitrary<readonly Move[]> {
  const one = fc.oneof({ weight: 14, arbitrary: single }, ...extra).map((move): readonly Move[] => [move]);
  return fc
    .array(fc.oneof({ weight: 10, arbitrary: one }, { weight: 2, arbitrary: troubled }), { maxLength: 50, size: 'max' })
    .map((parts) => parts.flat());
}

const limits = fc.constantFrom<Partial<SequencerLimits>>(
  {},
  { windowEvents: 3, repairEvents: 2 },
  { windowEvents: 8, stepEvents: 2, openGaps: 2 },
  { repairsInFlight: 1, holdMs: 1_000, repairEvents: 3 },
);

function run(moves: readonly Move[], bounds: Partial<SequencerLimits>): World {
  const world = new World(bounds);
  world.play({ do: 'connect' });
  for (const each of moves) world.play(each);
  world.heal();
  world.close();
  return world;
}

/** What must hold whatever happened. */
function judge(world: World): void {
  const seen = new Set<string>();
  const newest = new Map<string, number>();
  let ordinal = 0;
  for (const delivered of world.journal) {
    const position = delivered.position;
    if (position === null) throw new Error('an event without a position');
    const key = `${position.epoch}:${position.seq}`;
    expect(seen.has(key), `${key} twice`).toBe(false);
    seen.add(key);
    expect(delivered.ordinal).toBe(++ordinal);
    if (!delivered.late) {
      expect(position.seq, `${key} in order`).toBeGreaterThan(newest.get(position.epoch) ?? 0);
      newest.set(position.epoch, position.seq);
    }
  }
  const gaps = [...world.gaps.values()];
  for (const [key, state] of world.published) {
    const [epoch, number] = key.split(':');
    const seq = Number(number);
    const lost = gaps.find(
      (gap) => gap.status === 'lost' && gap.epoch === epoch && gap.from <= seq && (gap.to === null || gap.to >= seq),
    );
    if (state === 'kept') expect(seen.has(key) && lost === undefined, `${key} delivered, not lost`).toBe(true);
    // What was owed by an epoch that came back is here or lost, and not both.
    if (state === 'returned') expect(seen.has(key), `${key} here or declared`).toBe(lost === undefined);
    // What the server forgot is either here or declared; both only where it arrived after all.
    if (state === 'trimmed') expect(seen.has(key) || lost?.cause === 'retention', `${key} here or declared`).toBe(true);
  }
  expect(gaps.filter((gap) => gap.status === 'open')).toEqual([]);
  for (const { status, epoch, from, to } of gaps) {
    for (let seq = from; status === 'filled' && to !== null && seq <= to; seq++) {
      expect(seen.has(`${epoch}:${seq}`), `${epoch}:${seq} of a gap that is filled`).toBe(true);
    }
  }
  expect(world.clock.pending()).toBe(0);
}

const runs = { numRuns: 200 };

describe('for any order of faults', () => {
  it('every event is delivered once, in order or late into a declared gap, across crashes and promotions', () => {
    fc.assert(
      fc.property(story([]), limits, (moves, bounds) => judge(run(moves, bounds))),
      runs,
    );
  });

  it('the same when the server forgets: only that is lost, and declared', () => {
    const trim = fc.nat(8).map((keep): Move => ({ do: 'trim', keep }));
    fc.assert(
      fc.property(story([{ weight: 1, arbitrary: trim }]), limits, (moves, bounds) => judge(run(moves, bounds))),
      runs,
    );
  });

  it('the same between two servers behind one address: what the one owed comes when it is there again', () => {
    const other = fc.constant<Move>({ do: 'otherServer' });
    fc.assert(
      fc.property(story([{ weight: 1, arbitrary: other }]), limits, (moves, bounds) => judge(run(moves, bounds))),
      runs,
    );
  });

  it('the same when the server begins new epochs: each of them is whole', () => {
    const restart = fc.constant<Move>({ do: 'restartServer' });
    fc.assert(
      fc.property(story([{ weight: 1, arbitrary: restart }]), limits, (moves, bounds) => judge(run(moves, bounds))),
      runs,
    );
  });
});
