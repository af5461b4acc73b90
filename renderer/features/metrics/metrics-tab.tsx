import { useCallback, useEffect, useMemo, useState } from 'react';
import type { SeriesName, StateSpan } from '../../../shared/meters';
import type { SourceView } from '../../../shared/view';
import { usePreference } from '../../store/preferences';
import type { Range } from '../../store/ranges';
import { useInterest, useServices } from '../../store/services';
import { quantityText } from '../../ui/format/number';
import { chartsFor, type MetricChart, seriesChart, suggestedCharts } from './catalogue';
import { valueNow } from './chart-data';
import { type ChartData, useCharts } from './chart-frame';
import styles from './charts.module.css';
import { Chooser } from './chooser';
import { mostLines } from './split-charts';
import { TimeChart } from './time-chart';
import { inUnit } from './units';
import { useLastValues } from './use-last-values';

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
  const unranked = useMemo(() => chartsFor(names ?? []), [names]);
  const ids = useMemo(
    () => new Set(chosen === null ? suggestedCharts(unranked) : chosen.split('\n')),
    [unranked, chosen],
  );
  const last = useLastValues(
    id,
    useMemo(() => toRank(unranked, ids), [unranked, ids]),
  );
  const charts = useMemo(() => chartsFor(names ?? [], last), [names, last]);
  const shown = useMemo(() => {
    const looked = [...ids].flatMap((each) =>
      charts.some((chart) => chart.id === each) ? [] : (seriesChart(names ?? [], each) ?? []),
    );
    let left = maxSeries;
    return [...charts.filter((chart) => ids.has(chart.id)), ...looked].filter(({ series: lines }) => {
      if (left < lines.length) return false;
      left -= lines.length;
      return true;
    });
  }, [charts, ids, names]);
  const series = useMemo(() => shown.flatMap((chart) => chart.series.map(({ name }) => name)), [shown]);
  useInterest({ source: id, tail: false, series });
  const { frame, data } = useCharts({ source: id, range, spans, specs: shown });
  const toggle = (chart: string): void => {
    const next = ids.has(chart) ? [...ids].filter((known) => known !== chart) : [...ids, chart];
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
        <Chooser charts={charts} shown={shown} onToggle={toggle} />
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
              rest={chart.rest}
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

/** Series of shown charts that have more than they draw: their last values tell which are the greatest. */
function toRank(charts: readonly MetricChart[], ids: ReadonlySet<string>): readonly SeriesName[] {
  return charts
    .filter(({ id, members }) => ids.has(id) && members.length > mostLines)
    .flatMap(({ members }) => members.map(({ name }) => name));
}

function nowText({ series, unit, members }: MetricChart, { cells }: ChartData): string {
  if (members.length > 1) {
    // Their names stand in the legend: here there is no room for them.
    const values = cells.flatMap((line) => valueNow(line, 5) ?? []);
    return `${quantityText(inUnit(values.length === 0 ? null : Math.max(...values), unit))} the greatest now`;
  }
  const values = series.map(({ label }, index) => {
    const value = quantityText(inUnit(valueNow(cells[index] ?? [], 5), unit));
    return series.length === 1 ? `${value} now` : `${label} ${value}`;
  });
  return values.slice(0, 3).join(' · ');
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
