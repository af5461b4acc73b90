import type { Clock, MonotonicMs, WallMs } from '../core/clock';
import type { Timing } from './timing';

/** What comparing the clocks came to. */
export type ClockFinding =
  /** `lastWall`: our last sign of life before, epoch ms. */
  | { readonly kind: 'slept'; readonly sleptMs: number; readonly lastWall: WallMs }
  /** The machine ran and we did not, or we were busy with something else. */
  | { readonly kind: 'stood-still'; readonly ms: number }
  | { readonly kind: 'clock-changed'; readonly byMs: number };

export interface ClockWatch {
  /** Compares since the last look. Call it before anything that acts on a deadline. */
  look(): ClockFinding | null;
  /** Says when our own tick is due next; null when none is set. */
  expect(at: MonotonicMs | null): void;
}

/** A process that used this part of the time by which its tick is late was awake. */
const awakePart = 0.5;

/**
 * Notices that the machine slept: machine uptime ran ahead of the monotonic clock (Linux, where that one stands
 * still), or our own tick is late on it (macOS and Windows, where it runs on). A late tick of a process that worked
 * meanwhile, or of a clock that stands still asleep, is none: it was our turn that did not come. The wall clock alone
 * proves nothing but that somebody set it.
 */
export function createClockWatch(clock: Clock, timing: Pick<Timing, 'sleepMs' | 'clockJumpMs'>): ClockWatch {
  let now = clock.now();
  let up = clock.uptime();
  let wall = clock.wall();
  let tickAt: MonotonicMs | null = null;
  /** Processor time used when the tick was set. */
  let workedAt = 0;

  function awake(late: number): boolean {
    return !clock.runsAsleep || (clock.worked?.() ?? 0) - workedAt >= late * awakePart;
  }

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
        if (stoodStill <= timing.sleepMs && awake(late)) return { kind: 'stood-still', ms: late };
        return { kind: 'slept', sleptMs: Math.max(stoodStill, late), lastWall: before.wall };
      }
      const byMs = wall - before.wall - (now - before.now) - Math.max(0, stoodStill);
      return Math.abs(byMs) > timing.clockJumpMs ? { kind: 'clock-changed', byMs } : null;
    },
    expect(at) {
      tickAt = at;
      // Asked only where it will be compared: it costs more than all else here.
      workedAt = clock.runsAsleep ? (clock.worked?.() ?? 0) : 0;
    },
  };
}
