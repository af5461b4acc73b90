import type { CpuInfo } from 'node:os';

/** CPU in use between two looks, percent. */
export interface CpuLoad {
  readonly percent: number;
  readonly userPercent: number;
  readonly systemPercent: number;
  readonly cores: readonly number[];
}

type Times = CpuInfo['times'];

const tenth = (value: number) => Math.round(value * 10) / 10;
const share = (part: number, whole: number) =>
  whole > 0 ? tenth(Math.min(100, Math.max(0, (part / whole) * 100))) : 0;
const whole = (times: Times) => times.user + times.nice + times.sys + times.irq + times.idle;

function between(before: Times, after: Times): Times {
  return {
    user: after.user - before.user,
    nice: after.nice - before.nice,
    sys: after.sys - before.sys,
    irq: after.irq - before.irq,
    idle: after.idle - before.idle,
  };
}

/**
 * Load from what `os.cpus()` counts. The first look answers null: all it could give is the average since the boot,
 * which would be a lie about now. So does a look after the number of cores has changed.
 */
export function createCpuLoad() {
  let before: readonly Times[] = [];

  return (cpus: readonly CpuInfo[]): CpuLoad | null => {
    const times = cpus.map((cpu) => cpu.times);
    const steps = times.flatMap((after, index) => {
      const old = before[index];
      return old === undefined ? [] : [between(old, after)];
    });
    const comparable = before.length > 0 && before.length === times.length;
    before = times;
    if (!comparable) return null;
    const total = steps.reduce((sum, step) => sum + whole(step), 0);
    const user = steps.reduce((sum, step) => sum + step.user + step.nice, 0);
    const system = steps.reduce((sum, step) => sum + step.sys + step.irq, 0);
    return {
      percent: share(user + system, total),
      userPercent: share(user, total),
      systemPercent: share(system, total),
      cores: steps.map((step) => share(whole(step) - step.idle, whole(step))),
    };
  };
}
