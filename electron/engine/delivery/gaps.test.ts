import { describe, expect, it } from 'vitest';
import { OpenGaps } from './gaps';

/** Gaps of a stream, with what they counted as lost. */
function gapsOf(countable: boolean): { gaps: OpenGaps; lost: (number | null)[] } {
  const lost: (number | null)[] = [];
  let id = 0;
  const context = {
    stream: 's',
    wall: () => 0,
    newId: () => `g${++id}`,
    nextOrdinal: () => 1,
    lost: (count: number | null) => void lost.push(count),
    found: (count: number | null) => void lost.push(count === null ? null : -count),
  };
  return { gaps: new OpenGaps(context, countable), lost };
}

describe('how many were lost', () => {
  it('promise 22: is a number only where numbers are contiguous', () => {
    for (const [countable, expected] of [
      [true, [10]],
      [false, [null]],
    ] as const) {
      const { gaps, lost } = gapsOf(countable);
      gaps.declareLost('e', 11, 20, 'retention');
      expect(lost).toEqual(expected);
    }
  });

  it('promise 22: counts a gap of unknown size once, however it grew', () => {
    const { gaps, lost } = gapsOf(false);
    gaps.declareLost('e', 11, 20, 'retention');
    gaps.declareLost('e', 21, 30, 'retention');
    expect(lost).toEqual([null]);
  });
});
