import type { Unit } from './units';

/** A value axis: its ends and the labels between. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** Round steps of an axis: 1, 2, 5 times a power of ten, or of two for bytes. */
export function niceScale(low: number, high: number, unit: Unit): Scale {
  const bottom = Math.min(0, low);
  const nothing = low === 0 && high === 0;
  const top = Math.max(high, bottom + (nothing ? Math.max(1, leastSpan(unit)) : leastSpan(unit)));
  const step = niceStep((top - bottom) / 3, unit === 'B' || unit === 'B/s');
  const first = Math.floor(bottom / step) * step;
  const last = Math.ceil(top / step) * step;
  const ticks: number[] = [];
  for (let tick = first; tick <= last + step / 2; tick += step) ticks.push(Number(tick.toPrecision(12)));
  return { low: first, high: last, ticks };
}

function leastSpan(unit: Unit): number {
  switch (unit) {
    case 's':
      return 1e-3;
    case 'count':
      return 3;
    case '%':
      return 10;
    case 'B':
    case 'B/s':
      return 1024;
    case 'ms':
      return 1;
    case '°C':
    case 'events/s':
    case 'number':
      return 1e-3;
    default:
      return 1e-3;
  }
}

function niceStep(rough: number, binary: boolean): number {
  if (binary) {
    const unit = 1024 ** Math.floor(Math.log(Math.max(1, rough)) / Math.log(1024));
    return unit * (steps.find((step) => step >= rough / unit) ?? 1024);
  }
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((step) => step >= rough / power - 1e-9) ?? 10);
}

const steps = [1, 2, 5, 10, 20, 50, 100, 200, 256, 512, 1024] as const;
