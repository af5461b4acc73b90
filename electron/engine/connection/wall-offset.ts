import type { Clock } from '../core/clock';

/** What two readings right after each other may differ by, ms: one of the clocks counts whole ones. */
const toleranceMs = 2;

/**
 * What is to be added to a monotonic time for the wall clock's. The same each time as long as the clocks agree, so that a
 * view of what has not changed is the same view.
 */
export function createWallOffset(clock: Clock): () => number {
  let offset = clock.wall() - clock.now();
  return () => {
    const fresh = clock.wall() - clock.now();
    if (Math.abs(fresh - offset) > toleranceMs) offset = fresh;
    return offset;
  };
}
