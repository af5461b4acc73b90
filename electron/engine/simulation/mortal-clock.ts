import type { Clock, Timer } from '../core/clock';

/** The clock of a process that can be killed: afterwards none of its timers fires. */
export interface MortalClock extends Clock {
  kill(): void;
  /** Timers of the process, set and neither fired nor cancelled. */
  pending(): number;
}

export function createMortalClock(clock: Clock): MortalClock {
  const timers = new Set<Timer>();
  let dead = false;
  return {
    now: () => clock.now(),
    wall: () => clock.wall(),
    uptime: () => clock.uptime(),
    after(ms, callback) {
      if (dead) return { cancel: () => {} };
      const inner = clock.after(ms, () => {
        timers.delete(timer);
        callback();
      });
      const timer: Timer = {
        cancel() {
          timers.delete(timer);
          inner.cancel();
        },
      };
      timers.add(timer);
      return timer;
    },
    pending: () => timers.size,
    kill() {
      dead = true;
      for (const timer of [...timers]) timer.cancel();
    },
  };
}
