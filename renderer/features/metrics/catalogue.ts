import type { SeriesName } from '../../../shared/meters';
import { seriesParts, unitLabel } from '../../../shared/series-name';
import { unitOfName } from '../../../shared/series-unit';
import { visible } from '../../ui/format/visible';
import type { ChartSeries } from './chart-data';
import type { ChartSpec } from './chart-frame';
import { greatestFirst, mostLines, type Split, splitsOf } from './split-charts';
import { type Unit, unitFrom } from './units';

/** A chart of numbers taken from events. */
export interface MetricChart extends ChartSpec {
  readonly title: string;
  readonly unit: Unit;
  /** Series that belong to it and are not drawn: the greatest are. */
  readonly rest: number;
  /** Everything that it may draw, with what tells one from another; empty where all is drawn. */
  readonly members: Split['members'];
}

/** What tells lines apart beside their colours. */
const dashes = ['', '7 3', '2 3', '9 3 2 3', '4 2 1 2', '1 4'] as const;

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

/** What is measured, told by a label or by the last word of a series' name. */
export function unitOf(series: SeriesName): Unit {
  const { base: name, labels } = seriesParts(series);
  const told = labels.find(([label]) => label === unitLabel)?.[1] ?? unitOfName(name);
  if (told !== null) return unitFrom(told);
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
  return { id: title, title, unit, reading, series: lines, rest: 0, members: [] };
}

function colourAt(index: number): string {
  return colours[index % colours.length] ?? 'var(--series-1)';
}

function singleChart(name: SeriesName): MetricChart {
  const { base, labels } = seriesParts(name);
  const told = labels.flatMap(([label, value]) => (label === unitLabel ? [] : [value]));
  const label = visible([seriesLabel(base), ...told].join(' · ')).slice(0, 120);
  const series = [{ name, label, colour: colourAt(0) }];
  return { id: name, title: label, unit: unitOf(name), reading, series, rest: 0, members: [] };
}

/** A series of several by its labels is a line among them; one that is alone is a chart as any. */
function splitChart({ id, base, members }: Split, last: ReadonlyMap<SeriesName, number>): MetricChart {
  const [only] = members;
  if (only !== undefined && members.length === 1) return { ...singleChart(only.name), id };
  const ranked = greatestFirst(members, last);
  const series = ranked.slice(0, mostLines).map(({ name, label }, index): ChartSeries => {
    const dash = dashes[index % dashes.length] ?? '';
    const line = { name, label: label.slice(0, 60) || 'all', colour: colourAt(index) };
    return dash === '' ? line : { ...line, dash };
  });
  const unit = unitOf(only?.name ?? base);
  const rest = members.length - series.length;
  return { id, title: seriesLabel(base), unit, reading, series, rest, members };
}

/** A chart of one series alone, that a person looked for; null where there is none of that name. */
export function seriesChart(names: readonly SeriesName[], id: string): MetricChart | null {
  const name = names.find((each) => each === id);
  return name === undefined ? null : singleChart(name);
}

const nothing: ReadonlyMap<SeriesName, number> = new Map();

/**
 * What can be charted of a feed: the known charts that it feeds, what differs in its labels alone in one chart, and every
 * other numeric series by itself. `last`: last values, where they are known.
 */
export function chartsFor(names: readonly SeriesName[], last = nothing): readonly MetricChart[] {
  const values = names.filter((name) => name.startsWith('value:'));
  const known = machine.flatMap((chart) => knownChart(chart, values) ?? []);
  const used = new Set(known.flatMap(({ series }) => series.map(({ name }) => name)));
  const others = splitsOf(values.filter((name) => !used.has(name)));
  return [...known, ...others.map((split) => splitChart(split, last))];
}

/** What every exporter says of its own process comes after what it is there for, and what never moves last. */
function runtime({ id }: MetricChart): number {
  if (/_info$/.test(id)) return 2;
  return /^value:(go|process|promhttp|python|nodejs|jvm|scrape)_/.test(id) ? 1 : 0;
}

/** Those of `charts` shown until the person chooses. A known feed shows its known charts and no constants. */
export function suggestedCharts(charts: readonly MetricChart[]): readonly string[] {
  const known = charts.filter(({ id }) => !id.startsWith('value:'));
  const told = known.length > 0 ? known : [...charts].sort((a, b) => runtime(a) - runtime(b)).slice(0, suggested);
  return told.map(({ id }) => id);
}
