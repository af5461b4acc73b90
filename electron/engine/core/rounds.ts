import type { Clock, Timer } from './clock';

/** Waits of many that may end together: one timer for all who wait, however many they are. */
export interface Rounds {
  /**
   * Calls back once, when the round that runs ends: after its length at the latest, never inside this call. The first who
   * waits begins a round. Who waits again from within a call waits for the next one.
   */
  next(callback: () => void): Timer;
}

/** Rounds of `ms`. Each timer wakes the process, and a wake-up costs more than most of what is done in it. */
export function createRounds(clock: Clock, ms: number): Rounds {
  let waiting = new Set<() => void>();
  let timer: Timer | null = null;

  function end(): void {
    const due = waiting;
    waiting = new Set();
    timer = null;
    const failures: unknown[] = [];
    for (const callback of due) {
      try {
        callback();
      } catch (failure) {
        // With timers of their own the others would be called as well.
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  return {
    next(callback) {
      // One callback may wait twice.
      const mine = () => callback();
      const round = waiting;
      round.add(mine);
      timer ??= clock.after(ms, end);
      return {
        cancel() {
          round.delete(mine);
          if (round !== waiting || round.size > 0) return;
          timer?.cancel();
          timer = null;
        },
      };
    },
  };
}
