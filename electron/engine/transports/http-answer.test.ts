import { describe, expect, it } from 'vitest';
import { pollFloor, retryAfterOf } from './http-answer';

const wall = Date.parse('2026-11-27T12:00:00Z');
const utc = (ms: number): string => new Date(ms).toUTCString();
const answer = (headers: Readonly<Record<string, string>>) => ({ status: 429, headers: Object.entries(headers) });

describe('what a server asks us to wait', () => {
  it("promise 6: a date is read against the answer's own clock, however wrong that is", () => {
    for (const skewMs of [-90_000, 0, 90_000, 86_400_000]) {
      const now = wall + skewMs;
      const head = answer({ date: utc(now), 'retry-after': utc(now + 7_000) });
      expect(retryAfterOf(head, wall)).toBe(7_000);
      expect(pollFloor(head, wall)).toBe(7_000);
    }
  });

  it('promise 6: against ours where the answer names no time, and never below nothing', () => {
    expect(retryAfterOf(answer({ 'retry-after': utc(wall + 7_000) }), wall)).toBe(7_000);
    expect(retryAfterOf(answer({ date: 'today', 'retry-after': utc(wall + 7_000) }), wall)).toBe(7_000);
    expect(retryAfterOf(answer({ date: utc(wall), 'retry-after': utc(wall - 7_000) }), wall)).toBe(0);
  });

  it('seconds are seconds, and what is neither says nothing', () => {
    expect(retryAfterOf(answer({ date: utc(0), 'retry-after': '2.5' }), wall)).toBe(2_500);
    for (const text of ['', '5 apples', '-3', 'tomorrow']) {
      expect(retryAfterOf(answer({ 'retry-after': text }), wall)).toBeNull();
    }
    expect(retryAfterOf(answer({}), wall)).toBeNull();
  });
});
