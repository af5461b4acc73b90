import type { Bucket, RollupSeconds, SeriesName } from '../../../shared/meters';
import { rollupSeconds } from '../../../shared/meters';
import type { RollupIncrement } from '../core/journal';
import type { MeterLimits } from './limits';
import { BucketRing } from './ring';

/** What one series gathered in the current second and has not handed over yet. */
export interface Accumulator {
  readonly name: SeriesName;
  count: number;
  sum: number;
  min: number;
  max: number;
  last: number;
  readonly ring: BucketRing;
}

/**
 * All series of a source and the increments that wait for the journal. Observing touches one accumulator; the four
 * widths are made when increments are drained or the second ends, from the same numbers, so that they always agree.
 */
export class SeriesTable {
  private readonly table = new Map<SeriesName, Accumulator>();
  private readonly dirty: Accumulator[] = [];
  private ready: RollupIncrement[] = [];
  /** Start of the current second, epoch ms. */
  private second = Number.NaN;
  /** Increments that had to go because nobody drained them. */
  evicted = 0;

  constructor(private readonly limits: MeterLimits) {}

  /** Moves to the second of `wall`; a clock set back simply goes on in an older one. */
  at(wall: number): void {
    const second = Math.floor(wall / 1000) * 1000;
    if (second === this.second) return;
    this.close();
    this.second = second;
  }

  get(name: SeriesName): Accumulator {
    let series = this.table.get(name);
    if (series === undefined) {
      series = {
        name,
        count: 0,
        sum: 0,
        min: Number.POSITIVE_INFINITY,
        max: Number.NEGATIVE_INFINITY,
        last: 0,
        ring: new BucketRing(this.limits.recentSeconds),
      };
      this.table.set(name, series);
    }
    return series;
  }

  /** Adds `count` observations. Call `at` first. */
  add(series: Accumulator, count: number, sum: number, min: number, max: number, last: number): void {
    if (series.count === 0) this.dirty.push(series);
    series.count += count;
    series.sum += sum;
    if (min < series.min) series.min = min;
    if (max > series.max) series.max = max;
    series.last = last;
  }

  /** One observation of one value. */
  observe(series: Accumulator, value: number): void {
    if (series.count === 0) this.dirty.push(series);
    series.count++;
    series.sum += value;
    if (value < series.min) series.min = value;
    if (value > series.max) series.max = value;
    series.last = value;
  }

  /** Increments since the last call. Each observation is in exactly one of them per width. */
  drain(): readonly RollupIncrement[] {
    this.close();
    const drained = this.ready;
    this.ready = [];
    return drained;
  }

  recent(name: SeriesName, since: number): readonly Bucket[] {
    this.close();
    return this.table.get(name)?.ring.since(since) ?? [];
  }

  names(): readonly SeriesName[] {
    return [...this.table.keys()];
  }

  private close(): void {
    if (this.dirty.length === 0) return;
    for (const series of this.dirty) {
      const { name, count, sum, min, max, last } = series;
      series.ring.add(this.second, count, sum, min, max, last);
      for (const seconds of rollupSeconds) {
        this.ready.push({ series: name, seconds, start: startOf(this.second, seconds), count, sum, min, max, last });
      }
      series.count = 0;
      series.sum = 0;
      series.min = Number.POSITIVE_INFINITY;
      series.max = Number.NEGATIVE_INFINITY;
    }
    this.dirty.length = 0;
    const over = this.ready.length - this.limits.waiting;
    if (over > 0) {
      this.ready.splice(0, over);
      this.evicted += over;
    }
  }
}

function startOf(second: number, seconds: RollupSeconds): number {
  const width = seconds * 1000;
  return Math.floor(second / width) * width;
}
