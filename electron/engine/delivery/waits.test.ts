import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import { Waits } from './waits';

describe('waiting for what is missing', () => {
  it('promise 18: what arrived while the process was busy is read before it counts as missing', () => {
    const clock = createFakeClock();
    const waits = new Waits(clock, 20, () => {});
    const missed: string[] = [];
    const came = { waited: () => missed.push('came') };
    const missing = { waited: () => missed.push('missing') };
    waits.arm(came, 1_000);
    waits.arm(missing, 1_500);
    clock.jump(10_000, () => waits.cancel(came));
    expect(missed).toEqual(['missing']);
    expect(clock.pending()).toBe(0);
  });
});
