import type { Clock, MonotonicMs, WallMs } from '../core/clock';
import type { Timing } from './timing';

/** What comparing the clocks came to. */
export type ClockFinding =
  /** `lastWall`: our last sign of life before, epoch ms. */
  | { readonly kind: 'slept'; readonly sleptMs: number; readonly lastWall: WallMs }
  | { readonly kind: 'clock-changed'; readonly byMs: number };

export interface ClockWatch {
  /** Compares since the last look. Call it before anything that acts on a deadline. */
  look(): ClockFinding | null;
  /** Says when our own tick is due next; null when none is set. */
  expect(at: MonotonicMs | null): void;
}

/**
 * Notices that the machine slept: machine uptime ran ahead of the monotonic clock (Linux, where that one stands
 * still), or our own tick is late on it (macOS and Windows, where it runs on). The wall clock alone proves nothing
 * but that somebody set it.
 */
export function createClockWatch(clock: Clock, timing: Pick<Timing, 'sleepMs' | 'clockJumpMs'>): ClockWatch {
  let now = clock.now();
  let up = clock.uptime();
  let wall = clock.wall();
  let tickAt: MonotonicMs | null = null;
  return {
    look() {
      const before = { now, up, wall };
      now = clock.now();
      up = clock.uptime();
      wall = clock.wall();
      const stoodStill = up - before.up - (now - before.now);
      const late = tickAt === null ? 0 : now - tickAt;
      if (stoodStill > timing.sleepMs || late > timing.sleepMs) {
        tickAt = null;
        return { kind: 'slept', sleptMs: Math.max(stoodStill, late), lastWall: before.wall };
      }
      const byMs = wall - before.wall - (now - before.now) - Math.max(0, stoodStill);
      return Math.abs(byMs) > timing.clockJumpMs ? { kind: 'clock-changed', byMs } : null;
    },
    expect(at) {
      tickAt = at;
    },
  };
}
