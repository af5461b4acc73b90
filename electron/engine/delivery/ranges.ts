/** Both ends included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The parts of `from`–`to` that lie in none of `ranges`, which are disjoint and ascend, as below. */
export function uncovered(ranges: readonly Range[], from: number, to: number): Range[] {
  const parts: Range[] = [];
  let next = from;
  for (const range of ranges) {
    if (range.to < next) continue;
    if (range.from > to) break;
    if (range.from > next) parts.push({ from: next, to: range.from - 1 });
    next = range.to + 1;
  }
  if (next <= to) parts.push({ from: next, to });
  return parts;
}

/** Index of the range that holds `seq`, or -1. */
export function indexOf(ranges: readonly Range[], seq: number): number {
  const at = placeOf(ranges, seq + 1) - 1;
  const range = ranges[at];
  return range !== undefined && seq >= range.from && seq <= range.to ? at : -1;
}

/** Where a range that begins at `from` belongs. */
export function placeOf(ranges: readonly Range[], from: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.from ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
