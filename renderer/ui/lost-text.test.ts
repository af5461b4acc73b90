import { describe, expect, it } from 'vitest';
import { lostFigure, lostText } from './lost-text';

describe('how many were lost', () => {
  it('promise 22: is a number only where it is known', () => {
    expect(lostText({ lost: 0 })).toBe('0 lost');
    expect(lostText({ lost: 1234, lostUnknown: 0 })).toBe('1\u2009234 lost');
    expect(lostText({ lost: 0, lostUnknown: 1 })).toBe('some lost (once nobody knows how many)');
    expect(lostText({ lost: 12, lostUnknown: 3 })).toBe('12+ lost (3 times nobody knows how many)');
    expect(lostFigure({ lost: 0, lostUnknown: 2 })).not.toContain('0');
  });
});
