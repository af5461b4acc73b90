import { describe, expect, it } from 'vitest';
import type { Bucket, StateSpan } from '../../shared/meters';
import { cellsOf, fillCells, type Grid, gridEnd, gridFor, liveCells } from './cells';

const grid: Grid = { from: 0, width: 10_000, count: 4 };
const bucket = (start: number, value: number, count = 1): Bucket => ({
  start,
  count,
  sum: value * count,
  min: value,
  max: value,
  last: value,
});
const wide = (buckets: readonly Bucket[]) => buckets.map((one) => ({ bucket: one, width: 1000 }));
const span = (start: number, end: number | null, state: StateSpan['state']): StateSpan => ({
  start,
  end,
  state,
  rung: 0,
  text: '',
  since: start,
});

describe('cells', () => {
  it('keeps the spike that an average would hide', () => {
    const buckets = wide([bucket(0, 10), bucket(1_000, 900), bucket(2_000, 20)]);
    const [cell] = cellsOf(grid, buckets, 'gauge');
    expect(cell).toEqual({ value: 310, low: 10, high: 900 });
  });

  it('counts events per second of the cell, the last one over the time passed', () => {
    const buckets = wide([bucket(0, 1, 50), bucket(1_000, 1, 150), bucket(30_000, 1, 40)]);
    const cells = cellsOf(grid, buckets, 'rate', 32_000);
    expect(cells[0]).toEqual({ value: 20, low: 20, high: 150 });
    expect(cells[1]).toBeNull();
    expect(cells[3]?.value).toBe(20);
  });

  it('draws nothing across an outage', () => {
    const live = liveCells(
      grid,
      [span(0, 12_000, 'live'), span(12_000, 20_000, 'waiting'), span(20_000, null, 'degraded')],
      40_000,
    );
    expect(live).toEqual([true, false, true, true]);
    const cells = cellsOf(grid, wide([bucket(0, 7), bucket(35_000, 9)]), 'gauge');
    expect(fillCells(cells, live, 'gauge').map((cell) => cell?.value ?? null)).toEqual([7, null, null, 9]);
    expect(fillCells(cells, live, 'rate').map((cell) => cell?.value ?? null)).toEqual([7, null, 0, 9]);
    expect(fillCells(cells, live, 'count').map((cell) => cell?.value ?? null)).toEqual([7, 0, 0, 9]);
  });

  it('holds a gauge for three of its usual intervals, no longer', () => {
    const fine: Grid = { from: 0, width: 1000, count: 12 };
    const live = new Array(12).fill(true);
    const cells = cellsOf(fine, wide([bucket(0, 5), bucket(1_000, 6), bucket(2_000, 7)]), 'gauge');
    const values = fillCells(cells, live, 'gauge').map((cell) => cell?.value ?? null);
    expect(values).toEqual([5, 6, 7, 7, 7, 7, null, null, null, null, null, null]);
  });

  it('ends with the cell that now lies in, and has at most 400 cells', () => {
    const minute = gridFor(1_700_000_123_456, 300_000, 1_000);
    expect(gridEnd(minute)).toBe(1_700_000_124_000);
    expect(minute.count).toBe(300);
  });
});
