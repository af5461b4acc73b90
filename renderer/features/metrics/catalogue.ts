import type { SeriesName } from '../../../shared/meters';
import { visible } from '../../ui/format/visible';
import type { ChartSeries } from './chart-data';
import type { ChartSpec } from './chart-frame';
import type { Unit } from './units';

/** A chart of numbers taken from events. */
export interface MetricChart extends ChartSpec {
  readonly title: string;
  readonly unit: Unit;
}

const colours = [1, 2, 3, 4, 5, 6].map((number) => `var(--series-${number})`);
const reading = 'gauge' as const;

/** Charts suggested without being asked for, where a feed is not known. */
const suggested = 8;

/** A chart that belongs to a known feed: which series it takes, under which labels. */
interface Known {
  readonly title: string;
  readonly unit: Unit;
  readonly series: readonly (readonly [pattern: RegExp, label: (match: RegExpExecArray) => string])[];
}

/** The charts of *This machine*, in the order of its page. */
const machine: readonly Known[] = [
  {
    title: 'Processor',
    unit: '%',
    series: [
      [/^value:cpu\.percent$/, () => 'all'],
      [/^value:cpu\.userPercent$/, () => 'user'],
      [/^value:cpu\.systemPercent$/, () => 'system'],
    ],
  },
  {
    title: 'Memory',
    unit: 'B',
    series: [
      [/^value:memory\.usedBytes$/, () => 'used'],
      [/^value:memory\.swapUsedBytes$/, () => 'swap used'],
    ],
  },
  {
    title: 'Network',
    unit: 'B/s',
    series: [
      [/^value:network\.rxBytesPerSecond$/, () => 'received'],
      [/^value:network\.txBytesPerSecond$/, () => 'sent'],
    ],
  },
  {
    title: 'Disk',
    unit: 'B/s',
    series: [
      [/^value:disk\.readBytesPerSecond$/, () => 'read'],
      [/^value:disk\.writeBytesPerSecond$/, () => 'written'],
    ],
  },
  {
    title: 'Load average',
    unit: 'number',
    series: [
      [/^value:cpu\.load1$/, () => '1 min'],
      [/^value:cpu\.load5$/, () => '5 min'],
      [/^value:cpu\.load15$/, () => '15 min'],
    ],
  },
  { title: 'Processor cores', unit: '%', series: [[/^value:cpu\.cores\.(\d)$/, (match) => `core ${match[1] ?? ''}`]] },
  {
    title: 'Temperature',
    unit: '°C',
    series: [
      [/^value:temperature\.celsius$/, () => 'processor'],
      [/^value:temperature\.maxCelsius$/, () => 'hottest core'],
    ],
  },
];

/** What is measured, told by the last word of a series' name. */
export function unitOf(name: SeriesName): Unit {
  if (/BytesPerSecond$|bytes_per_second$/i.test(name)) return 'B/s';
  if (/bytes$/i.test(name)) return 'B';
  if (/percent$|pct$/i.test(name)) return '%';
  if (/celsius$/i.test(name)) return '°C';
  if (/[a-z]Ms$|_ms$|\.ms$|millis(econds)?$/.test(name)) return 'ms';
  return 'number';
}

/** `value:order.placed.total` for a person: `order.placed.total`. */
export function seriesLabel(name: SeriesName): string {
  return visible(name.replace(/^value:/, '')).slice(0, 80);
}

function knownChart({ title, unit, series }: Known, names: readonly SeriesName[]): MetricChart | null {
  const taken = series.flatMap(([pattern, label]) =>
    names.flatMap((name) => {
      const match = pattern.exec(name);
      return match === null ? [] : [{ name, label: label(match) }];
    }),
  );
  if (taken.length === 0) return null;
  const lines = taken
    .slice(0, colours.length)
    .map((line, index): ChartSeries => ({ ...line, colour: colourAt(index) }));
  return { id: title, title, unit, reading, series: lines };
}

function colourAt(index: number): string {
  return colours[index % colours.length] ?? 'var(--series-1)';
}

function singleChart(name: SeriesName): MetricChart {
  const label = seriesLabel(name);
  return { id: name, title: label, unit: unitOf(name), reading, series: [{ name, label, colour: colourAt(0) }] };
}

/** What can be charted of a feed: the known charts that it feeds, and every other numeric series by itself. */
export function chartsFor(names: readonly SeriesName[]): readonly MetricChart[] {
  const values = names.filter((name) => name.startsWith('value:'));
  const known = machine.flatMap((chart) => knownChart(chart, values) ?? []);
  const used = new Set(known.flatMap(({ series }) => series.map(({ name }) => name)));
  return [...known, ...values.filter((name) => !used.has(name)).map(singleChart)];
}

/** Those of `charts` shown until the person chooses. A known feed shows its known charts and no constants. */
export function suggestedCharts(charts: readonly MetricChart[]): readonly string[] {
  const known = charts.filter(({ id }) => !id.startsWith('value:'));
  return (known.length > 0 ? known : charts.slice(0, suggested)).map(({ id }) => id);
}
