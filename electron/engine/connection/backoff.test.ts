import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelay, backoffRange } from './backoff';
import { defaultTiming } from './timing';

const roll = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoff', () => {
  it('draws from [300 ms, max(spread, min(30 s, 1 s · 2ⁿ))]', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(120_000), roll, (failures, spreadMs, chance) => {
        const delay = backoffDelay({ failures, spreadMs, floorMs: 0, roll: chance }, defaultTiming);
        expect(delay).toBeGreaterThanOrEqual(300);
        expect(delay).toBeLessThanOrEqual(Math.max(spreadMs, Math.min(30_000, 1_000 * 2 ** failures)));
      }),
    );
  });

  it('reaches both ends of the range', () => {
    const input = { failures: 3, spreadMs: 0, floorMs: 0 };
    expect(backoffDelay({ ...input, roll: 0 }, defaultTiming)).toBe(300);
    expect(backoffDelay({ ...input, roll: 0.999_999 }, defaultTiming)).toBeCloseTo(8_000, -1);
    expect(backoffRange({ failures: 50, spreadMs: 0 }, defaultTiming)).toBe(30_000);
  });

  it('never goes below a floor, and jitters it upward only', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(60_000), fc.integer({ min: 1, max: 3_600_000 }), roll, (n, spread, floor, r) => {
        const delay = backoffDelay({ failures: n, spreadMs: spread, floorMs: floor, roll: r }, defaultTiming);
        expect(delay).toBeGreaterThanOrEqual(floor);
        expect(delay).toBeLessThanOrEqual(
          floor + Math.max(60_000, backoffRange({ failures: n, spreadMs: spread }, defaultTiming)),
        );
      }),
    );
  });

  it('counts a floor up to an hour', () => {
    const delay = backoffDelay({ failures: 0, spreadMs: 0, floorMs: 9 * 3_600_000, roll: 0 }, defaultTiming);
    expect(delay).toBe(3_600_000);
  });
});
