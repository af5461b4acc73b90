import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RollupIncrement } from '../core/journal';
import { chooseLevel, levelsOf, rollupRetention } from './rollups';

const day = 86_400_000;
const now = Date.UTC(2026, 5, 1);

describe('rollups', () => {
  it('never gives more buckets than asked for, from a level that is kept and divides them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 366 * day }),
        fc.integer({ min: 0, max: 366 * day }),
        fc.integer({ min: 10, max: 400 }),
        (span, ago, points) => {
          const to = now - ago;
          const from = to - span;
          const { width, level } = chooseLevel(from, to, points, now);
          const buckets = Math.ceil(to / (width * 1000)) - Math.floor(from / (width * 1000));
          expect(buckets).toBeLessThanOrEqual(points);
          expect(width % level).toBe(0);
          expect(from >= now - rollupRetention[level] || level === 3600).toBe(true);
        },
      ),
    );
  });

  it('draws five minutes from seconds and a year from hours', () => {
    expect(chooseLevel(now - 300_000, now, 300, now)).toEqual({ width: 1, level: 1 });
    expect(chooseLevel(now - 3_600_000, now, 300, now)).toEqual({ width: 20, level: 10 });
    expect(chooseLevel(now - day, now, 300, now)).toEqual({ width: 300, level: 60 });
    expect(chooseLevel(now - 365 * day, now, 400, now)).toEqual({ width: 86_400, level: 3600 });
    // Five minutes of last month: seconds are gone, minutes are not.
    expect(chooseLevel(now - 30 * day, now - 30 * day + 300_000, 300, now)).toEqual({ width: 60, level: 60 });
  });

  it('come at four widths from the same increments: counts and sums add, min and max widen, last replaces', () => {
    const one = (change: Partial<RollupIncrement>): RollupIncrement => ({
      series: 'events',
      start: 0,
      count: 1,
      sum: 5,
      min: 5,
      max: 5,
      last: 5,
      ...change,
    });
    const hour = 3_600_000;
    const two = one({ sum: 2, min: 2, max: 2, last: 2 });
    expect(levelsOf([one({}), one({ start: 1000 }), two, one({ start: hour + 61_000 })])).toEqual([
      { ...one({ count: 2, sum: 7, min: 2, last: 2 }), seconds: 1 },
      { ...one({ start: 1000 }), seconds: 1 },
      { ...one({ start: hour + 61_000 }), seconds: 1 },
      ...([10, 60] as const).flatMap((seconds) => [
        { ...one({ count: 3, sum: 12, min: 2 }), seconds },
        { ...one({ start: hour + 60_000 }), seconds },
      ]),
      { ...one({ count: 3, sum: 12, min: 2 }), seconds: 3600 },
      { ...one({ start: hour }), seconds: 3600 },
    ]);
  });
});
