import type { MonotonicMs } from '../core/clock';
import type { Timing } from './timing';

/** When live connections were lost without anybody planning it, monotonic ms, oldest first. */
export type Losses = readonly MonotonicMs[];

/** Adds a loss and drops what is too old to matter. */
export function noteLoss(losses: Losses, at: MonotonicMs, timing: Timing): Losses {
  return [...losses, at].filter((time) => time > at - timing.flapWindowMs).slice(-50);
}

/** Whether a connection that came up and went down this often is flapping. */
export function isFlapping(losses: Losses, at: MonotonicMs, timing: Timing): boolean {
  return recent(losses, at, timing) >= timing.flapCount;
}

/** Losses within the window. */
export function recent(losses: Losses, at: MonotonicMs, timing: Timing): number {
  return losses.filter((time) => time > at - timing.flapWindowMs).length;
}

/** Least delay for a flapping connection, ms: grows with every further loss. 0 when it is not flapping. */
export function flapFloor(losses: Losses, at: MonotonicMs, timing: Timing): number {
  const count = recent(losses, at, timing);
  if (count < timing.flapCount) return 0;
  return Math.min(timing.flapCapMs, timing.flapDelayMs * 2 ** Math.min(count - timing.flapCount, 10));
}
