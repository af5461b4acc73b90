import { describe, expect, it } from 'vitest';
import { monotonicMs, wallMs } from '../core/clock';
import { createFakeClock } from '../simulation/fake-clock';
import { createWallOffset } from './wall-offset';

describe('the wall clock beside the monotonic one', () => {
  it('is the same offset while they agree, although one of them counts whole milliseconds', () => {
    let at = 1000.9;
    const clock = { ...createFakeClock(), now: () => monotonicMs(at), wall: () => wallMs(Math.floor(at) + 5000) };
    const offset = createWallOffset(clock);
    const first = offset();
    const heard = [0.2, 0.4, 0.9, 17.3, 800.1].map((ms) => {
      at += ms;
      return offset();
    });
    expect(new Set(heard)).toEqual(new Set([first]));
  });

  it('follows a correction', () => {
    const clock = createFakeClock();
    const offset = createWallOffset(clock);
    const first = offset();
    clock.shiftWall(40);
    expect(offset() - first).toBe(40);
    clock.shiftWall(-3_600_000);
    expect(offset() - first).toBe(40 - 3_600_000);
  });
});
