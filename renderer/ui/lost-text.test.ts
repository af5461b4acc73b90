import { describe, expect, it } from 'vitest';
import { lostFigure, lostText } from './lost-text';

describe('how many were lost', () => {
  it('promise 22: is a number only where it is known', () => {
    expect(lostText({ lost: 0 })).toBe('0 lost');
    expect(lostText({ lost: 1234, lostUnknown: 0 })).toBe('1\u2009234 lost');
    expect(lostText({ lost: 0, lostUnknown: 1 })).toBe('some lost (once nobody knows how many)');
    expect(lostText({ lost: 12, lostUnknown: 3 })).toBe('12+ lost (3 times nobody knows how many)');
    // A break of which nothing shows what it cost: what is counted may not be all.
    expect(lostText({ lost: 0, resumesUnproven: 1 })).toBe('0? lost (nothing shows what 1 break cost)');
    expect(lostText({ lost: 3, lostUnknown: 0, resumesUnproven: 2 })).toBe(
      '3? lost (nothing shows what 2 breaks cost)',
    );
    expect(lostText({ lost: 12, lostUnknown: 3, resumesUnproven: 2 })).toBe(
      '12+ lost (3 times nobody knows how many, nothing shows what 2 breaks cost)',
    );
    expect(lostFigure({ lost: 0, resumesUnproven: 2 })).toBe('0?');
    expect(lostFigure({ lost: 0, lostUnknown: 2 })).not.toContain('0');
  });
});
