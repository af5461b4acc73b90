import { useCallback, useEffect, useMemo, useState } from 'react';
import type { SeriesName, StateSpan } from '../../../shared/meters';
import type { SourceView } from '../../../shared/view';
import { usePreference } from '../../store/preferences';
import type { Range } from '../../store/ranges';
import { useInterest, useServices } from '../../store/services';
import { quantityText } from '../../ui/format/number';
import { chartsFor, type MetricChart, suggestedCharts } from './catalogue';
import { valueNow } from './chart-data';
import { type ChartData, useCharts } from './chart-frame';
import styles from './charts.module.css';
import { TimeChart } from './time-chart';
import { inUnit } from './units';

/** How often the names of series are asked for again, ms: a feed may begin to send another number at any time. */
const namesMs = 5_000;

/** Most series streamed to one window. */
const maxSeries = 64;

interface MetricsTabProps {
  readonly view: SourceView;
  readonly range: Range;
  readonly spans: readonly StateSpan[];
}

/** Live numbers taken from the events of a source. */
export function MetricsTab({ view, range, spans }: MetricsTabProps) {
  const { id } = view;
  const names = useSeriesNames(id);
  const [chosen, choose] = usePreference(`charts.${id}`);
  const charts = useMemo(() => chartsFor(names ?? []), [names]);
  const shown = useMemo(() => {
    const ids = new Set(chosen === null ? suggestedCharts(charts) : chosen.split('\n'));
    let left = maxSeries;
    return charts.filter((chart) => {
      if (!ids.has(chart.id) || left < chart.series.length) return false;
      left -= chart.series.length;
      return true;
    });
  }, [charts, chosen]);
  const series = useMemo(() => shown.flatMap((chart) => chart.series.map(({ name }) => name)), [shown]);
  useInterest({ source: id, tail: false, series });
  const { frame, data } = useCharts({ source: id, range, spans, specs: shown });
  const toggle = (chart: string): void => {
    const ids = shown.map((known) => known.id);
    const next = ids.includes(chart) ? ids.filter((known) => known !== chart) : [...ids, chart];
    choose(next.join('\n'));
  };
  if (names === null) return null;
  if (charts.length === 0) {
    return <p className={styles.empty}>No numbers yet. They appear here as soon as an event of this source has one.</p>;
  }
  return (
    <>
      <div className={styles.bar}>
        <p>Numbers taken from this source's events</p>
        <Chooser charts={charts} shown={shown} onToggle={toggle} onReset={() => choose(null)} />
      </div>
      <div className={styles.grid}>
        {shown.map((chart, index) => {
          const contents = data[index];
          if (contents === undefined || contents.cells.length !== chart.series.length) return null;
          return (
            <TimeChart
              key={chart.id}
              title={chart.title}
              now={nowText(chart, contents)}
              unit={chart.unit}
              series={chart.series}
              frame={frame}
              rows={contents.rows}
              cells={contents.cells}
            />
          );
        })}
      </div>
    </>
  );
}

function nowText({ series, unit }: MetricChart, { cells }: ChartData): string {
  const values = series.map(({ label }, index) => {
    const value = quantityText(inUnit(valueNow(cells[index] ?? [], 5), unit));
    return series.length === 1 ? `${value} now` : `${label} ${value}`;
  });
  return values.slice(0, 3).join(' · ');
}

interface ChooserProps {
  readonly charts: readonly MetricChart[];
  readonly shown: readonly MetricChart[];
  readonly onToggle: (id: string) => void;
  readonly onReset: () => void;
}

function Chooser({ charts, shown, onToggle }: ChooserProps) {
  return (
    <details className={styles.chooser}>
      <summary>
        Charts · {shown.length} of {charts.length}
      </summary>
      <ul>
        {charts.map((chart) => (
          <li key={chart.id}>
            <label>
              <input
                type="checkbox"
                checked={shown.some(({ id }) => id === chart.id)}
                onChange={() => onToggle(chart.id)}
              />
              {chart.title}
            </label>
          </li>
        ))}
      </ul>
    </details>
  );
}

function useSeriesNames(source: string): readonly SeriesName[] | null {
  const { call } = useServices();
  const [names, setNames] = useState<readonly SeriesName[] | null>(null);
  const ask = useCallback(async () => {
    const answer = await call('history.names', { source });
    if (answer !== null) setNames((known) => (known?.join() === answer.join() ? known : answer));
  }, [call, source]);
  useEffect(() => {
    void ask();
    const timer = window.setInterval(() => {
      if (!document.hidden) void ask();
    }, namesMs);
    return () => window.clearInterval(timer);
  }, [ask]);
  return names;
}
