import type { Bucket, RollupSeconds, SeriesHistory, SeriesName } from '../../../shared/meters';
import { boundedSum, rollupSeconds } from '../../../shared/meters';
import type { RollupIncrement } from '../core/journal';
import type { Database, SqlRow } from './database';
import { num, str } from './database';
import type { Steps } from './find';

/** How long each level is kept, ms: 2 days, 2 weeks, half a year, 5 years. */
export const rollupRetention: Readonly<Record<RollupSeconds, number>> = {
  1: 2 * 86_400_000,
  10: 14 * 86_400_000,
  60: 183 * 86_400_000,
  3600: 5 * 366 * 86_400_000,
};

/** Widths of drawn buckets, seconds; each is a multiple of a stored level. Beyond them: whole days. */
const widths = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** Adds one observation bucket onto another of the same place: counts and sums add, min/max widen, last replaces. */
export function mergeBucket(into: Bucket, more: Bucket): Bucket {
  return {
    start: into.start,
    count: into.count + more.count,
    sum: boundedSum(into.sum, more.sum),
    min: Math.min(into.min, more.min),
    max: Math.max(into.max, more.max),
    last: more.last,
  };
}

/** An increment at one of the stored levels. */
export interface LevelIncrement extends RollupIncrement {
  readonly seconds: RollupSeconds;
}

/**
 * All levels from the same increments, so that they always agree: one per (series, level, start). JSON has no
 * infinities: an empty bucket's min and max come back as 0.
 */
export function levelsOf(increments: readonly RollupIncrement[]): readonly LevelIncrement[] {
  const levels: LevelIncrement[] = [];
  let finer: readonly RollupIncrement[] = increments;
  for (const seconds of rollupSeconds) {
    const width = seconds * 1000;
    const merged = new Map<string, LevelIncrement>();
    for (const { series, start: at, count, sum, min, max, last } of finer) {
      const start = Math.floor(at / width) * width;
      const key = `${start} ${series}`;
      const known = merged.get(key);
      const sound = { series, seconds, start, count, sum, min: min ?? 0, max: max ?? 0, last: last ?? 0 };
      merged.set(key, known ? { series, seconds, ...mergeBucket(known, sound) } : sound);
    }
    // Each width is a multiple of the one before it.
    finer = [...merged.values()];
    for (const increment of merged.values()) levels.push(increment);
  }
  return levels;
}

/**
 * Width of the buckets that draw [from, to) in at most `points` (seconds), and the stored level they are made of:
 * the finest that is still kept for all of the range, so that spikes survive. `points` is at least 2: a range may lie
 * across the beginning of time, and no width puts both sides of that into one bucket.
 */
export function chooseLevel(
  from: number,
  to: number,
  points: number,
  now: number,
): { readonly width: number; readonly level: RollupSeconds } {
  const fits = (width: number): boolean =>
    Math.ceil(to / (width * 1000)) - Math.floor(from / (width * 1000)) <= Math.max(2, points);
  const kept = rollupSeconds.filter((level) => from >= now - rollupRetention[level]);
  const finest = kept[0] ?? 3600;
  let width = widths.find((candidate) => candidate % finest === 0 && fits(candidate)) ?? 86_400;
  // In strides that grow with it, so that a range of thousands of years is no long way either.
  while (!fits(width)) width += Math.max(1, Math.floor(width / (16 * 86_400))) * 86_400;
  let level: RollupSeconds = finest;
  for (const candidate of rollupSeconds) if (candidate >= finest && width % candidate === 0) level = candidate;
  return { width, level };
}

/** Reads rollups. Ranges are wall clock, epoch ms, the end excluded. */
export interface RollupReader {
  history(
    source: number,
    query: {
      readonly series: readonly SeriesName[];
      readonly from: number;
      readonly to: number;
      readonly points: number;
      readonly now: number;
    },
  ): Steps<readonly SeriesHistory[]>;
  names(source: number): readonly SeriesName[];
}

export function createRollupReader(db: Database): RollupReader {
  const series = db.prepare('SELECT id FROM series WHERE source = ? AND name = ?');
  const names = db.prepare('SELECT name FROM series WHERE source = ? ORDER BY name');
  const range = db.prepare(
    'SELECT start, count, sum, min, max, last FROM rollups WHERE series = ? AND seconds = ? AND start >= ? AND start < ? ORDER BY start',
  );

  function buckets(rows: readonly SqlRow[], width: number): readonly Bucket[] {
    const out: Bucket[] = [];
    let open: Bucket | null = null;
    for (const row of rows) {
      const start = Math.floor(num(row, 'start') / width) * width;
      const bucket: Bucket = {
        start,
        count: num(row, 'count'),
        sum: num(row, 'sum'),
        min: num(row, 'min'),
        max: num(row, 'max'),
        last: num(row, 'last'),
      };
      if (open && open.start === start) open = mergeBucket(open, bucket);
      else {
        if (open) out.push(open);
        open = bucket;
      }
    }
    if (open) out.push(open);
    return out;
  }

  return {
    *history(source, query) {
      const { width, level } = chooseLevel(query.from, query.to, query.points, query.now);
      const start = Math.floor(query.from / (width * 1000)) * width * 1000;
      const found: SeriesHistory[] = [];
      for (const name of query.series) {
        const row = series.get(source, name);
        const rows = row ? range.all(num(row, 'id'), level, start, query.to) : [];
        found.push({ series: name, seconds: width, buckets: buckets(rows, width * 1000) });
        yield;
      }
      return found;
    },

    names(source) {
      return names.all(source).map((row) => str(row, 'name') as SeriesName);
    },
  };
}
