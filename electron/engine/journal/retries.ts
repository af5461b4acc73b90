import type { Clock, Timer } from '../core/clock';

/** Pause before trying again to store, ms: doubling from the first to the last. */
const firstMs = 1_000;
const lastMs = 15_000;

/** Tries again what could not be done, one thing at a time. */
export interface Retries {
  /** After the next pause; instead of what was to be tried before. */
  later(act: () => void): void;
  /** It works: the next pause is the first one again. */
  worked(): void;
  /** Nothing is tried any more: no timer is left, and none is set. */
  close(): void;
}

export function createRetries(clock: Clock): Retries {
  let timer: Timer | null = null;
  let ms = firstMs;
  let closed = false;
  return {
    later(act) {
      timer?.cancel();
      if (closed) return;
      timer = clock.after(ms, act);
      ms = Math.min(ms * 2, lastMs);
    },
    worked() {
      ms = firstMs;
    },
    close() {
      closed = true;
      timer?.cancel();
    },
  };
}
