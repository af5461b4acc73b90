import { describe, expect, it } from 'vitest';
import { faultFacts, faultKinds, faultScript } from './faults';

describe('the script of faults', () => {
  it('gives fifty faults their shares', () => {
    const { faults } = faultScript(100_000, 50, 11);
    expect(faults).toHaveLength(50);
    for (const kind of faultKinds) {
      const turns = faults.filter((fault) => fault.kind === kind).map(({ turn }) => turn);
      expect(turns).toEqual(Array.from({ length: faultFacts[kind].share }, (_, index) => index));
    }
  });

  it('leaves each its room, and time before the first and after the last', () => {
    const events = 100_000;
    const { faults, lastsMs } = faultScript(events, 50, 3);
    const at = (after: number) => (after / events) * lastsMs;
    expect(at(faults[0]?.after ?? 0)).toBeGreaterThan(1_900);
    for (const [index, fault] of faults.entries()) {
      const next = faults[index + 1];
      const end = next ? at(next.after) : lastsMs;
      expect(end - at(fault.after)).toBeGreaterThan(faultFacts[fault.kind].roomMs - 10);
    }
  });

  it('has one of each kind before two of one, and the same order for the same seed', () => {
    const short = faultScript(5_000, 8, 11);
    expect(new Set(short.faults.map(({ kind }) => kind)).size).toBe(8);
    expect(faultScript(5_000, 8, 11)).toEqual(short);
    expect(faultScript(5_000, 50, 1).faults).not.toEqual(faultScript(5_000, 50, 2).faults);
  });

  it('fits in eight minutes with what comes around it', () => {
    expect(faultScript(100_000, 50, 11).lastsMs).toBeLessThan(7 * 60_000);
  });
});
