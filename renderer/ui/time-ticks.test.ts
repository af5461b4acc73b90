import { describe, expect, it } from 'vitest';
import { timeTicks } from './time-ticks';

describe('timeTicks', () => {
  it('labels round minutes and ends with now', () => {
    const to = 1_700_000_123_000;
    const ticks = timeTicks(to - 300_000, to, 60_000);
    expect(ticks.at(-1)).toBe(to);
    expect(ticks.slice(0, -1).every((tick) => tick % 60_000 === 0)).toBe(true);
    expect(ticks.length).toBeGreaterThanOrEqual(4);
  });
});
