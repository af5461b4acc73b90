import { describe, expect, it } from 'vitest';
import { noCounters } from '../../../shared/view';
import { emptyCounters } from '../delivery/counters';
import { createMeters } from '../meters/meters';
import { createFakeClock } from '../simulation/fake-clock';
import { createCounters } from './counters';

describe('totals over all runs', () => {
  it('promise 22: what an earlier run counted as lost may be found by this one, and never makes less than none', () => {
    const now = emptyCounters();
    const of = (lost: number) =>
      createCounters({ before: { ...noCounters, lost }, delivery: () => now, reconnects: () => 0 }).totals().lost;
    now.lost = -3;
    expect([of(10), of(3), of(0)]).toEqual([7, 0, 0]);
  });

  it('promise 22: what was lost and found is lost once where it is measured, and what is lost later counts anew', () => {
    const now = emptyCounters();
    const meters = createMeters({ clock: createFakeClock() });
    const counters = createCounters({ before: null, delivery: () => now, reconnects: () => 0 });
    const sums: number[] = [];
    for (const lost of [10, 0, 0, 4]) {
      now.lost = lost;
      counters.measure({ ...meters, lost: (by) => by > 0 && sums.push(by) });
    }
    expect(sums).toEqual([10, 4]);
  });
});
