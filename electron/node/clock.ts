import { uptime } from 'node:os';
import { bootMs, type Clock, monotonicMs, type Timer, wallMs } from '../engine/core/clock';

/** Longest wait one Node timer can hold, ms (2³¹ − 1). */
const longestTimer = 2_147_483_647;

/** So long a reading of the uptime is moved on by the monotonic clock, ms: a sleep in it is one right after the reading. */
const uptimeHoldsMs = 100;

/** The machine's own time. Node timers may fire a fraction early or overflow: both are set again here. */
export function createSystemClock(): Clock {
  const now = () => monotonicMs(performance.now());
  let bootedMs = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    now,
    wall: () => wallMs(Date.now()),
    uptime() {
      const at = performance.now();
      // The system is asked for it, and each source asks once a second, in its own moment: ten readings a second serve them
      // all. A sleep is ten seconds and more, and is seen by the next one.
      if (at - readAt >= uptimeHoldsMs) {
        bootedMs = uptime() * 1000;
        readAt = at;
      }
      return bootMs(bootedMs + at - readAt);
    },
    runsAsleep: process.platform !== 'linux',
    worked() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    after(ms, callback): Timer {
      const due = now() + ms;
      let handle: ReturnType<typeof setTimeout> | null = null;
      const arm = (wait: number) => {
        handle = setTimeout(fire, Math.min(Math.ceil(wait), longestTimer));
      };
      const fire = () => {
        const left = due - now();
        if (left > 0) arm(left);
        else {
          handle = null;
          callback();
        }
      };
      arm(Math.max(0, ms));
      return {
        cancel() {
          if (handle !== null) clearTimeout(handle);
          handle = null;
        },
      };
    },
  };
}
