import type { Bucket, StateSpan } from '../../shared/meters';

/** The time axis that all charts of a page share: `count` cells of `width` ms from `from` on, epoch ms. */
export interface Grid {
  readonly from: number;
  readonly width: number;
  readonly count: number;
}

/** End of the grid, epoch ms. */
export function gridEnd(grid: Grid): number {
  return grid.from + grid.width * grid.count;
}

/** The grid of `range` ms that ends with the cell `now` lies in. */
export function gridFor(now: number, range: number, width: number): Grid {
  const count = Math.ceil(range / width);
  return { from: (Math.floor(now / width) - count + 1) * width, width, count };
}

/** What a chart draws in one cell: the value, and the least and greatest seen inside it so that spikes survive. */
export interface Cell {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * How a series is read. `rate`: a counter, drawn per second, silence is zero while live. `count`: a counter drawn as it
 * is, silence is zero always. `gauge`: a measured value, held between measurements while live.
 */
export type Reading = 'rate' | 'count' | 'gauge';

/** Adds a bucket to another of the same or a shorter span. */
export function mergeBucket(left: Bucket | undefined, right: Bucket): Bucket {
  if (left === undefined) return right;
  const [first, second] = left.start <= right.start ? [left, right] : [right, left];
  return {
    start: first.start,
    count: first.count + second.count,
    sum: first.sum + second.sum,
    min: Math.min(first.min, second.min),
    max: Math.max(first.max, second.max),
    last: second.last,
  };
}

/** A bucket with the width it was measured over, ms. */
export interface WideBucket {
  readonly bucket: Bucket;
  readonly width: number;
}

/**
 * Brings buckets into the cells of the grid; cells without an observation are null. The cell that `now` lies in is
 * still filling, so that a rate in it counts over the time passed only.
 */
export function cellsOf(
  grid: Grid,
  buckets: readonly WideBucket[],
  reading: Reading,
  now = Number.POSITIVE_INFINITY,
): (Cell | null)[] {
  const cells: (Bucket | undefined)[] = new Array(grid.count);
  const rates: ({ low: number; high: number } | undefined)[] = new Array(grid.count);
  for (const { bucket, width } of buckets) {
    const index = Math.floor((bucket.start - grid.from) / grid.width);
    if (index < 0 || index >= grid.count || bucket.count === 0) continue;
    cells[index] = mergeBucket(cells[index], bucket);
    const rate = bucket.sum / (width / 1000);
    const known = rates[index];
    rates[index] = { low: Math.min(known?.low ?? rate, rate), high: Math.max(known?.high ?? rate, rate) };
  }
  return Array.from(cells, (bucket, index) => {
    if (bucket === undefined) return null;
    const passed = now - (grid.from + index * grid.width);
    return cellOf(bucket, rates[index], Math.max(1000, Math.min(grid.width, passed)), reading);
  });
}

function cellOf(
  bucket: Bucket,
  spread: { low: number; high: number } | undefined,
  width: number,
  reading: Reading,
): Cell {
  switch (reading) {
    case 'gauge':
      return { value: bucket.sum / bucket.count, low: bucket.min, high: bucket.max };
    case 'rate': {
      const value = bucket.sum / (width / 1000);
      return { value, low: Math.min(value, spread?.low ?? value), high: Math.max(value, spread?.high ?? value) };
    }
    case 'count':
      return { value: bucket.sum, low: bucket.sum, high: bucket.sum };
  }
}

/** Whether events can arrive in that state, so that silence in it means zero and not an outage. */
export function isLive(state: StateSpan['state']): boolean {
  return state === 'live' || state === 'degraded' || state === 'catching-up' || state === 'silent';
}

/** For each cell, whether the source was live throughout it, as far as it has passed. */
export function liveCells(grid: Grid, spans: readonly StateSpan[], now: number): boolean[] {
  const covered: number[] = new Array(grid.count).fill(0);
  for (const span of spans) {
    if (!isLive(span.state)) continue;
    const end = Math.min(span.end ?? now, now);
    const first = Math.max(0, Math.floor((span.start - grid.from) / grid.width));
    const last = Math.min(grid.count - 1, Math.floor((end - 1 - grid.from) / grid.width));
    for (let index = first; index <= last; index += 1) {
      const start = grid.from + index * grid.width;
      covered[index] = (covered[index] ?? 0) + Math.min(end, start + grid.width) - Math.max(span.start, start);
    }
  }
  return covered.map((length, index) => {
    const passed = Math.min(grid.width, now - (grid.from + index * grid.width));
    return passed > 0 && length >= passed * 0.99;
  });
}

/** Cells at the end whose silence does not count yet. */
const underWay = 3;

/**
 * Fills the silence that is none. Counters are zero where the source was live; gauges hold their last value for three
 * of their usual intervals. Across a time that was not live nothing is filled: an outage is a hole, never a line.
 */
export function fillCells(
  cells: readonly (Cell | null)[],
  live: readonly boolean[],
  reading: Reading,
): (Cell | null)[] {
  const zero: Cell = { value: 0, low: 0, high: 0 };
  if (reading === 'count') return cells.map((cell) => cell ?? zero);
  if (reading === 'rate') {
    // The newest cells may still be on their way here.
    const last = Math.max(
      cells.findLastIndex((cell) => cell !== null),
      cells.length - 1 - underWay,
    );
    return cells.map((cell, index) => cell ?? (live[index] === true && index <= last ? zero : null));
  }
  const limit = Math.max(3, 3 * usualInterval(cells));
  let held: Cell | null = null;
  let age = 0;
  return cells.map((cell, index) => {
    if (cell !== null) {
      held = { value: cell.value, low: cell.value, high: cell.value };
      age = 0;
      return cell;
    }
    age += 1;
    if (live[index] !== true || age > limit) held = null;
    return held;
  });
}

function usualInterval(cells: readonly (Cell | null)[]): number {
  const steps: number[] = [];
  let previous: number | null = null;
  cells.forEach((cell, index) => {
    if (cell === null) return;
    if (previous !== null) steps.push(index - previous);
    previous = index;
  });
  // Two or three measurements show no habit.
  if (steps.length < 3) return 1;
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 1;
}
