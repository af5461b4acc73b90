import { uptime } from 'node:os';
import { bootMs, type Clock, monotonicMs, type Timer, wallMs } from '../engine/core/clock';

/** Longest wait one Node timer can hold, ms (2³¹ − 1). */
const longestTimer = 2_147_483_647;

/** The machine's own time. Node timers may fire a fraction early or overflow: both are set again here. */
export function createSystemClock(): Clock {
  const now = () => monotonicMs(performance.now());
  return {
    now,
    wall: () => wallMs(Date.now()),
    uptime: () => bootMs(uptime() * 1000),
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
