import type { SeriesName } from './meters';
import { unitOfName } from './series-unit';

/** What tells one series from others of its name, in a fixed order: `[['symbol', 'BTC']]`. */
export type SeriesLabels = readonly (readonly [string, string])[];

/** The label that tells a unit. */
export const unitLabel = 'unit';

/** A name of a series is no longer, characters: it stands in the journal, in rules and on charts. */
export const longestSeriesName = 400;

const bareName = /^[A-Za-z_][\w.-]*$/;
const oneLabel = String.raw`(?:[A-Za-z_][\w.-]*|"(?:[^"\\]|\\.)*")="(?:[^"\\]|\\.)*"`;
const block = new RegExp(`\\{(${oneLabel}(?:,${oneLabel})*)\\}$`);
const eachLabel = /([A-Za-z_][\w.-]*|"(?:[^"\\]|\\.)*")=("(?:[^"\\]|\\.)*")/g;

/** `value:ticker.price{symbol="BTC"}`; a measure that is the event itself has no name of its own: `value:load1`. */
export function seriesName(type: string, name: string, labels: SeriesLabels): SeriesName {
  const base: SeriesName = name === '' ? `value:${type}` : `value:${type}.${name}`;
  if (labels.length === 0) return base;
  const texts = labels.map(([label, value]) => `${labelText(label)}=${JSON.stringify(value)}`);
  return `${base}{${texts.join(',')}}`;
}

/**
 * The name of a measure's series. A unit that the name does not tell is a label like another: one line never has two, and it
 * is known again after a restart.
 */
export function measureSeries(
  type: string,
  { name, labels, unit }: { readonly name: string; readonly labels: SeriesLabels; readonly unit: string | null },
): SeriesName {
  const told = unit === null || unit === unitOfName(seriesName(type, name, []));
  return seriesName(type, name, told ? labels : [...labels, [unitLabel, unit]]);
}

function labelText(label: string): string {
  return bareName.test(label) ? label : JSON.stringify(label);
}

/** The name without its labels, and the labels. What is no whole block of labels belongs to the name. */
export function seriesParts(series: SeriesName): { readonly base: SeriesName; readonly labels: SeriesLabels } {
  const found = series.endsWith('}') && series.length <= longestSeriesName ? block.exec(series) : null;
  if (found === null) return { base: series, labels: [] };
  const labels = [...(found[1] ?? '').matchAll(eachLabel)].map(
    ([, label = '', value = '']) => [label.startsWith('"') ? read(label) : label, read(value)] as const,
  );
  return { base: series.slice(0, found.index) as SeriesName, labels };
}

function read(quoted: string): string {
  try {
    const text: unknown = JSON.parse(quoted);
    return typeof text === 'string' ? text : quoted;
  } catch {
    return quoted;
  }
}
