import { describe, expect, it } from 'vitest';
import type { ScriptedFault } from './faults';
import { readRecord, tallyOf } from './tally';

const faults: readonly ScriptedFault[] = [
  { kind: 'drop', after: 3, turn: 0 },
  { kind: 'client-restart', after: 6, turn: 0 },
];

describe('the tally', () => {
  it('finds nothing wrong with a whole record', () => {
    const tally = tallyOf([1, 2, 3, 4], 4, faults);
    expect(tally).toMatchObject({ published: 4, delivered: 4, lost: 0, repeated: 0, outOfOrder: 0 });
    expect(tally.lostBy.size).toBe(0);
  });

  it('counts lost, repeated and out of order apart', () => {
    const tally = tallyOf([1, 3, 2, 3, 2, 5], 6, []);
    expect(tally).toMatchObject({ delivered: 4, lost: 2, repeated: 2, outOfOrder: 1 });
  });

  it('names the fault that was the last to begin when a lost event was published', () => {
    const tally = tallyOf([1, 2, 4], 8, faults);
    expect([...tally.lostBy]).toEqual([
      ['none', 1],
      ['drop', 2],
      ['client-restart', 2],
    ]);
  });

  it('refuses what was never published', () => {
    expect(() => tallyOf([5], 4, [])).toThrow(RangeError);
    expect(() => tallyOf([Number.NaN], 4, [])).toThrow(RangeError);
  });

  it('reads a record whose last line a kill cut off', () => {
    expect(readRecord('1\n2\n3')).toEqual([1, 2]);
    expect(readRecord('')).toEqual([]);
  });
});
