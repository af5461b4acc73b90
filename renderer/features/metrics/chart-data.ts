import type { Bucket, SeriesName } from '../../../shared/meters';
import { type Cell, cellsOf, fillCells, type Grid, type Reading, type WideBucket } from '../../store/cells';
import type { SeriesRead } from './use-history';

/** A line of a chart. */
export interface ChartSeries {
  readonly name: SeriesName;
  readonly label: string;
  /** CSS colour, a token. */
  readonly colour: string;
  /** SVG dashes, where colour alone would have to tell lines apart. */
  readonly dash?: string;
}

/** One cell of a chart as Recharts reads it: `v0`, `v1`… the values, `r0`… least and greatest within the cell. */
export interface ChartRow {
  readonly t: number;
  readonly [value: `v${number}`]: number | null;
  readonly [range: `r${number}`]: readonly [number, number] | null;
}

/** Everything needed to turn stored and live buckets into rows. */
export interface RowInputs {
  readonly grid: Grid;
  readonly live: readonly boolean[];
  readonly read: SeriesRead | null;
  readonly recent: (series: SeriesName, from: number) => readonly Bucket[];
  readonly now: number;
}

/** Cells of one series: history up to the time it was read, live points from there on. */
export function seriesCells(inputs: RowInputs, name: SeriesName, reading: Reading): readonly (Cell | null)[] {
  const { grid, live, read, recent, now } = inputs;
  const history = read?.histories.find((candidate) => candidate.series === name);
  const width = (history?.seconds ?? 1) * 1000;
  const from = history === undefined || width === 1000 ? grid.from : (read?.until ?? grid.from);
  const points = recent(name, from);
  const known = width === 1000 ? new Set(points.map((bucket) => bucket.start)) : new Set<number>();
  const stored = (history?.buckets ?? []).filter((bucket) => !known.has(bucket.start));
  const buckets: readonly WideBucket[] = [
    ...stored.map((bucket) => ({ bucket, width })),
    ...points.map((bucket) => ({ bucket, width: 1000 })),
  ];
  return fillCells(cellsOf(grid, buckets, reading, now), live, reading);
}

/** Rows of a chart; spans of values within a cell only where cells are wider than the measure itself. */
export function chartRows(grid: Grid, cells: readonly (readonly (Cell | null)[])[]): readonly ChartRow[] {
  return Array.from({ length: grid.count }, (_, index) => {
    const row: Record<string, number | null | readonly [number, number]> = {
      t: grid.from + (index + 0.5) * grid.width,
    };
    cells.forEach((series, number) => {
      const cell = series[index] ?? null;
      row[`v${number}`] = cell === null ? null : cell.value;
      row[`r${number}`] = cell === null ? null : [cell.low, cell.high];
    });
    return row as unknown as ChartRow;
  });
}

/** The last value of a series, if it reaches to the end of the grid but for `slack` cells. */
export function valueNow(cells: readonly (Cell | null)[], slack: number): number | null {
  const index = cells.findLastIndex((cell) => cell !== null);
  return index < 0 || index < cells.length - 1 - slack ? null : (cells[index]?.value ?? null);
}

/** How long ago the last cell with a value ended, ms; null without any. */
export function measuredAgo(cells: readonly (Cell | null)[], width: number): number | null {
  const index = cells.findLastIndex((cell) => cell !== null);
  return index < 0 ? null : (cells.length - 1 - index) * width;
}

/** Cells whose values stand alone, too short for a line to be seen, with their indexes; none where there are many. */
export function loneCells(cells: readonly (Cell | null)[]): readonly number[] {
  const found: number[] = [];
  let start = -1;
  for (let index = 0; index <= cells.length; index += 1) {
    if (cells[index] != null) {
      if (start < 0) start = index;
      continue;
    }
    if (start >= 0 && index - start <= longestLone) found.push(start);
    start = -1;
  }
  return found.length > mostLone ? [] : found;
}

/** A measured value is held for up to three cells (`fillCells`): measured once it is four cells long. */
const longestLone = 4;

/** More dots than this are no longer single measurements. */
const mostLone = 24;

/** The value below which a share of the cells lie; null without any. */
export function percentile(cells: readonly (Cell | null)[], share: number): number | null {
  const values = cells.flatMap((cell) => (cell === null ? [] : [cell.value])).sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? null;
}

/** The greatest of the cells and of the value now, which stands in none of them yet; null without any. */
export function peakOf(cells: readonly (Cell | null)[], now: number): number | null {
  const greatest = percentile(cells, 1);
  return greatest === null && now === 0 ? null : Math.max(greatest ?? 0, now);
}

/** Least and greatest of all cells. */
export function extent(cells: readonly (readonly (Cell | null)[])[]): { low: number; high: number } {
  let low = 0;
  let high = 0;
  for (const series of cells) {
    for (const cell of series) {
      if (cell === null) continue;
      low = Math.min(low, cell.low);
      high = Math.max(high, cell.high);
    }
  }
  return { low, high };
}
