import { describe, expect, it } from 'vitest';
import { readTimestamp } from './timestamp';

const now = Date.parse('2025-10-09T08:53:20.123Z');

describe('behaviour 26: timestamps are mapped right or flagged', () => {
  it.each([
    [1760000000.123],
    [1760000000123],
    [1760000000123456],
    [Number('1760000000123456789')],
    ['1760000000123'],
    ['1760000000123456789'],
    ['2025-10-09T08:53:20.123Z'],
    ['2025-10-09T10:53:20.123+02:00'],
    ['2025-10-09T10:53:20,123456789+0200'],
    ['2025-10-09 08:53:20.123+00'],
    ['2025-10-09 08:53:20.123 UTC'],
    ['2025-10-09T08:53:20.123'],
  ])('%s', (value) => {
    expect(readTimestamp(value, now)).toBe(now);
  });

  it('an HTTP date, and minutes without seconds', () => {
    expect(readTimestamp('Thu, 09 Oct 2025 08:53:20 GMT', now)).toBe(1_760_000_000_000);
    expect(readTimestamp('2025-10-09T08:53Z', now)).toBe(1_759_999_980_000);
  });

  it.each([
    ['2025-10-09T10:53:20'], // no zone, two hours off if it were UTC
    ['2025-10-09'],
    ['10/09/2025'],
    ['5 apples'],
    ['2025-13-45T99:99:99Z'],
    [12],
    [-1760000000],
    [0],
    [Number.NaN],
    [1e30],
    [null],
    [true],
    [{}],
  ])('%s cannot be told', (value) => {
    expect(readTimestamp(value, now)).toBeNull();
  });
});
