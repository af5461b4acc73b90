import { useEffect, useMemo } from 'react';
import type { SeriesName, StateSpan } from '../../../shared/meters';
import { type Cell, type Grid, gridEnd, gridFor, liveCells, type Reading } from '../../store/cells';
import { type Hole, holesOf } from '../../store/holes';
import type { Range } from '../../store/ranges';
import { useNow, useServices } from '../../store/services';
import { type ChartRow, type ChartSeries, chartRows, seriesCells } from './chart-data';
import { useSeriesHistory } from './use-history';

/** What all charts of a page share: time axis, holes, cross-hair. */
export interface ChartFrame {
  readonly grid: Grid;
  readonly range: Range;
  readonly holes: readonly Hole[];
  /** Recharts' name for charts whose cross-hairs move together. */
  readonly sync: string;
}

/** A chart's contents, by its series. */
export interface ChartData {
  readonly cells: readonly (readonly (Cell | null)[])[];
  readonly rows: readonly ChartRow[];
}

/** What a chart wants drawn. */
export interface ChartSpec {
  readonly id: string;
  readonly reading: Reading;
  readonly series: readonly ChartSeries[];
}

interface FrameInputs {
  readonly source: string;
  readonly range: Range;
  readonly spans: readonly StateSpan[];
  readonly specs: readonly ChartSpec[];
}

/** Reads and prepares all charts of a page, at the clock's pace (2 Hz); nothing changes while nothing has. */
export function useCharts({ source, range, spans, specs }: FrameInputs): {
  frame: ChartFrame;
  data: readonly ChartData[];
} {
  const { points } = useServices();
  useEffect(() => points.open(source), [points, source]);
  const now = useNow();
  const names = useMemo(() => [...new Set(specs.flatMap(({ series }) => series.map(({ name }) => name)))], [specs]);
  const read = useSeriesHistory(source, names, range);
  const widest = Math.max(range.cell, ...(read?.histories ?? []).map((history) => history.seconds * 1000));
  const { from, width, count } = gridFor(now, range.length, widest);
  const settled = Math.floor(now / 1000) * 1000;
  const frame = useMemo<ChartFrame>(() => {
    const grid: Grid = { from, width, count };
    return { grid, range, holes: holesOf(spans, from, gridEnd(grid), settled), sync: source };
  }, [from, width, count, range, spans, settled, source]);
  const { version } = points;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` stands for what `points` holds
  const data = useMemo(() => {
    const { grid } = frame;
    const live = liveCells(grid, spans, settled);
    const recent = (series: SeriesName, since: number) => points.since(series, since);
    return specs.map(({ series, reading }): ChartData => {
      const inputs = { grid, live, read, recent, now: settled };
      const cells = series.map(({ name }) => seriesCells(inputs, name, reading));
      return { cells, rows: chartRows(grid, cells) };
    });
  }, [frame, spans, specs, read, points, version, settled]);
  return { frame, data };
}
