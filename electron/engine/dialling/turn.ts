import type { MonotonicMs } from '../core/clock';

/** So long one connection is read in one go; then everybody else in the process has a turn, ms. */
const turnMs = 8;

/** Asked before each part of what has been read: whether the event loop must turn before it. */
export function createTurn(): (now: MonotonicMs) => boolean {
  let began: MonotonicMs | null = null;
  return (now) => {
    if (began !== null) return now - began > turnMs;
    began = now;
    setImmediate(() => {
      began = null;
    });
    return false;
  };
}
