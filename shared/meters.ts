/** Seconds of one rollup bucket. */
export const rollupSeconds = [1, 10, 60, 3600] as const;

export type RollupSeconds = (typeof rollupSeconds)[number];

/**
 * What is measured per source. Fixed names are connection health; `value:<type>.<path>` is a number
 * taken from events (for This machine: `value:cpu.percent`).
 */
export type SeriesName = (typeof healthSeries)[number] | `value:${string}`;

/** The fixed names. */
export const healthSeries = ['events', 'bytes', 'lagMs', 'roundTripMs', 'reconnects', 'repeated', 'lost'] as const;

/** Whether a text is the name of a series. */
export function isSeriesName(text: string): text is SeriesName {
  return text.startsWith('value:') || healthSeries.some((name) => name === text);
}

/**
 * One time bucket of one series. `count` observations; counters (`events`, `bytes`, `reconnects`, `repeated`, `lost`) use `sum`.
 * `start` is wall-clock epoch ms, a multiple of the bucket's width.
 */
export interface Bucket {
  readonly start: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
}

/** A series over a range, ready to draw: at most the number of buckets asked for. */
export interface SeriesHistory {
  readonly series: SeriesName;
  /** Width of each bucket, seconds. */
  readonly seconds: number;
  readonly buckets: readonly Bucket[];
}

/** A span of one badge, for the state ribbon and the holes in charts. Wall-clock epoch ms; `end` null = still so. */
export interface StateSpan {
  readonly start: number;
  readonly end: number | null;
  readonly state:
    | 'live'
    | 'degraded'
    | 'catching-up'
    | 'silent'
    | 'connecting'
    | 'waiting'
    | 'stopped'
    | 'offline'
    | 'paused'
    | 'not-running';
  readonly rung: number | null;
  readonly text: string;
  /**
   * When it began, also where that lies before the range that was asked for; of trouble since when that holds: the last
   * sign of life, kept over all attempts.
   */
  readonly since: number;
  /** No downtime: before the first connection, after our own sleep or a break of our own making. */
  readonly excused?: true;
}

/** A sum of measured numbers, which are finite, while their sum need not be: JSON and SQLite have no infinity. */
export function boundedSum(a: number, b: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, a + b));
}
