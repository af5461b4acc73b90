import type { Timing } from './timing';

type BackoffTiming = Pick<Timing, 'backoffMinMs' | 'backoffBaseMs' | 'backoffCapMs' | 'floorLimitMs'>;

export interface BackoffInput {
  /** Failures since the connection was last stable; 0 for the first retry. */
  readonly failures: number;
  /** Spread the server asked for, ms; 0 when it asked for none. */
  readonly spreadMs: number;
  /** What a server's hint still demands, ms from now; 0 when there is none. */
  readonly floorMs: number;
  /** Chance, [0, 1). */
  readonly roll: number;
}

/** Upper end of the random delay, ms: the doubling capped, or the server's spread where that is wider. */
export function backoffRange(input: Pick<BackoffInput, 'failures' | 'spreadMs'>, timing: BackoffTiming): number {
  const doubled = Math.min(timing.backoffCapMs, timing.backoffBaseMs * 2 ** Math.min(input.failures, 30));
  return Math.max(timing.backoffMinMs, Math.min(input.spreadMs, timing.floorLimitMs), doubled);
}

/**
 * Delay before the next attempt, ms: uniform over [300 ms, max(spread, min(30 s, 1 s · 2ⁿ))]. Chance comes after
 * the cap: before it, every client would end at the same delay. A floor is jittered upward only, so that a crowd
 * told the same `Retry-After` does not come back in step; a floor over the limit counts as the limit.
 */
export function backoffDelay(input: BackoffInput, timing: BackoffTiming): number {
  const range = backoffRange(input, timing);
  const free = timing.backoffMinMs + input.roll * (range - timing.backoffMinMs);
  if (input.floorMs <= 0) return free;
  const floor = Math.min(input.floorMs, timing.floorLimitMs);
  const above = Math.max(range, Math.min(floor / 2, 60_000));
  return Math.max(free, floor + input.roll * above);
}
