import { expect, it } from 'vitest';
import { monotonicMs } from '../core/clock';
import { nextBeat, startHeart } from './heartbeat';
import { facts } from './testing/bench';
import { defaultTiming } from './timing';

it('a held answer is overdue when its hold is, or where the server promises a sign of life later, when that is', () => {
  const { requestTimeoutMs } = defaultTiming;
  const due = (cadenceMs: number | null) => {
    const context = { facts: facts('long-poll'), timing: defaultTiming, cadenceMs, pingMs: 15_000 };
    return nextBeat(startHeart(monotonicMs(0), context), context);
  };
  expect(due(null)).toBe(25_000 + requestTimeoutMs);
  expect(due(5_000)).toBe(25_000 + requestTimeoutMs);
  expect(due(80_000)).toBe(80_000 + requestTimeoutMs);
});
