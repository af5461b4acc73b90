import { describe, expect, it } from 'vitest';
import type { Bucket, StateSpan } from '../../../shared/meters';
import { gridFor, liveCells } from '../../store/cells';
import { chartRows, loneCells, measuredAgo, peakOf, percentile, seriesCells, valueNow } from './chart-data';

const now = 1_700_000_060_000;
const bucket = (start: number, value: number): Bucket => ({
  start,
  count: 1,
  sum: value,
  min: value,
  max: value,
  last: value,
});
const live: StateSpan = { start: 0, end: null, state: 'live', rung: 0, text: '', since: 0 };

describe('seriesCells', () => {
  it('counts no second twice where history and live points overlap', () => {
    const grid = gridFor(now, 60_000, 10_000);
    const stored = { series: 'events', seconds: 10, buckets: [bucket(now - 20_000, 100)] } as const;
    const recent = (_: string, from: number) =>
      [now - 12_000, now - 11_000, now - 10_000].filter((start) => start >= from).map((start) => bucket(start, 30));
    const read = { histories: [stored], until: now - 10_000 };
    const cells = seriesCells({ grid, live: liveCells(grid, [live], now), read, recent, now }, 'events', 'rate');
    expect(cells.map((cell) => cell?.value ?? null)).toEqual([0, 0, 0, 10, 3, null]);
  });

  it('prefers the live second to the stored one', () => {
    const grid = gridFor(now, 5_000, 1_000);
    const stored = { series: 'events', seconds: 1, buckets: [bucket(now - 2_000, 7), bucket(now - 3_000, 5)] } as const;
    const recent = () => [bucket(now - 2_000, 9)];
    const read = { histories: [stored], until: now };
    const cells = seriesCells({ grid, live: liveCells(grid, [live], now), read, recent, now }, 'events', 'rate');
    expect(cells.map((cell) => cell?.value ?? null)).toEqual([0, 5, 9, null, null]);
  });
});

describe('what a chart says', () => {
  const cells = [3, 1, 2, null, null].map((value) => (value === null ? null : { value, low: value, high: value + 1 }));

  it('has one row a cell, at its middle, with null in holes', () => {
    const rows = chartRows({ from: 0, width: 1000, count: 5 }, [cells]);
    expect(rows[2]).toEqual({ t: 2500, v0: 2, r0: [2, 3] });
    expect(rows[4]).toEqual({ t: 4500, v0: null, r0: null });
  });

  it('does not call an old value the value now', () => {
    expect(valueNow(cells, 2)).toBe(2);
    expect(valueNow(cells, 1)).toBeNull();
    expect(percentile(cells, 0.95)).toBe(3);
    expect([peakOf(cells, 0), peakOf(cells, 600), peakOf([], 600), peakOf([], 0)]).toEqual([3, 600, 600, null]);
  });
});

describe('single measurements', () => {
  const cell = { value: 1, low: 1, high: 1 };

  it('are found where a line would not be seen', () => {
    expect(loneCells([null, cell, null, cell, cell, cell, cell, null])).toEqual([1, 3]);
    expect(loneCells([cell, cell, cell, cell, cell])).toEqual([]);
    expect(loneCells([])).toEqual([]);
  });

  it('are no news among many', () => {
    expect(loneCells(Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? cell : null)))).toEqual([]);
  });

  it('have an age', () => {
    expect(measuredAgo([null, cell, null, null], 1000)).toBe(2000);
    expect(measuredAgo([null], 1000)).toBeNull();
  });
});
