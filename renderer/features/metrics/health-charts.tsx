import { useMemo } from 'react';
import type { SourceView } from '../../../shared/view';
import { durationText } from '../../ui/format/duration';
import { quantityText } from '../../ui/format/number';
import { isMeasuredAtOpen } from '../../ui/round-trip';
import { measuredAgo, peakOf, percentile, valueNow } from './chart-data';
import type { ChartData, ChartFrame, ChartSpec } from './chart-frame';
import styles from './charts.module.css';
import { TimeChart } from './time-chart';
import { inUnit, type Unit } from './units';

interface HealthSpec extends ChartSpec {
  readonly title: string;
  readonly unit: Unit;
}

/** The health of a connection over time. One colour a meaning: time in blue, flow in green, trouble in amber and red. */
export const healthSpecs = [
  {
    id: 'round-trip',
    title: 'Round trip',
    unit: 'ms',
    reading: 'gauge',
    series: [{ name: 'roundTripMs', label: 'round trip', colour: 'var(--series-1)' }],
  },
  {
    id: 'events',
    title: 'Events per second',
    unit: 'events/s',
    reading: 'rate',
    series: [{ name: 'events', label: 'events/s', colour: 'var(--ok)' }],
  },
  {
    id: 'lag',
    title: 'Delivery lag',
    unit: 'ms',
    reading: 'gauge',
    series: [{ name: 'lagMs', label: 'lag', colour: 'var(--info)' }],
  },
  {
    id: 'trouble',
    title: 'Reconnects, losses, repeats',
    unit: 'count',
    reading: 'count',
    series: [
      { name: 'reconnects', label: 'reconnects', colour: 'var(--warn)' },
      { name: 'lost', label: 'lost', colour: 'var(--bad)' },
      { name: 'repeated', label: 'repeated', colour: 'var(--idle)' },
    ],
  },
] as const satisfies readonly HealthSpec[];

interface HealthChartsProps {
  readonly view: SourceView;
  readonly frame: ChartFrame;
  readonly data: readonly ChartData[];
}

/** The four charts of a connection's health. `data` is in the order of `healthSpecs`. */
export function HealthCharts({ view, frame, data }: HealthChartsProps) {
  const titles = useMemo(
    () => data.map((chart, index) => titleNow(view, chart, healthSpecs[index], frame.grid.width)),
    [view, data, frame],
  );
  return (
    <div className={styles.grid}>
      {healthSpecs.map((spec, index) => {
        const chart = data[index];
        if (chart === undefined) return null;
        return (
          <TimeChart
            key={spec.id}
            title={spec.title}
            now={titles[index] ?? ''}
            unit={spec.unit}
            series={spec.series}
            frame={frame}
            rows={chart.rows}
            cells={chart.cells}
            shape={spec.reading === 'count' ? 'steps' : 'line'}
          />
        );
      })}
    </div>
  );
}

/** The number now, or with its age where it is not measured all the time: SSE and a held long-poll have no ping. */
function roundTripNow({ state, ladder, roundTripMs }: SourceView, measured: string, agoMs: number | null): string {
  if (state.kind !== 'live' || roundTripMs === null) return `${quantityText(inUnit(null, 'ms'))} now`;
  if (agoMs === null || isMeasuredAtOpen(ladder[state.rung])) return `${measured} when it opened`;
  return agoMs < 20_000 ? `${measured} now` : `${measured}, measured ${durationText(agoMs)} ago`;
}

function titleNow(view: SourceView, { cells }: ChartData, spec: HealthSpec | undefined, cellMs: number): string {
  if (spec === undefined) return '';
  const first = cells[0] ?? [];
  const text = (value: number | null): string => quantityText(inUnit(value, spec.unit));
  const live = view.state.kind === 'live';
  switch (spec.id) {
    case 'round-trip':
      return `${roundTripNow(view, text(view.roundTripMs), measuredAgo(first, cellMs))} · p95 ${text(percentile(first, 0.95))}`;
    case 'events': {
      const now = live ? view.eventsPerSecond : 0;
      return `${text(now)} now · peak ${text(peakOf(first, now))}`;
    }
    case 'lag':
      return `${text(live ? valueNow(first, 10) : null)} now · p95 ${text(percentile(first, 0.95))}`;
    default:
      return cells
        .map((series, index) => {
          const total = series.reduce((sum, cell) => sum + (cell?.value ?? 0), 0);
          const { name, label = '' } = spec.series[index] ?? {};
          // What was lost without a number is in no chart.
          const { lostUnknown = 0, resumesUnproven = 0 } = view.counters;
          const known = name === 'lost' && lostUnknown + resumesUnproven > 0 ? ' known' : '';
          return `${label} ${text(total)}${known}`;
        })
        .join(' · ');
  }
}
