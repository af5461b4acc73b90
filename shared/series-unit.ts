import type { SeriesName } from './meters';

/** Units as names of metrics end in them by Prometheus' custom, and as they are written on an axis. */
const units: ReadonlyMap<string, string> = new Map([
  ['seconds', 's'],
  ['bytes', 'B'],
  ['celsius', '°C'],
  ['percent', '%'],
  ['meters', 'm'],
  ['volts', 'V'],
  ['amperes', 'A'],
  ['joules', 'J'],
  ['watts', 'W'],
  ['grams', 'g'],
  ['hertz', 'Hz'],
  ['ratio', ''],
]);

/** How the word of a unit is written; null for words that are none. */
export function unitOfWord(word: string): string | null {
  return units.get(word) ?? null;
}

/** The unit that a series' name tells without its labels: that of `value:http_seconds.p95`, of `value:sent_bytes_total.rate`. */
export function unitOfName(base: SeriesName): string | null {
  const measure = /\.(rate|p\d[\d.]*)$/.exec(base);
  const metric = measure === null ? base : base.slice(0, measure.index);
  const counter = metric.endsWith('_total');
  const word = /(?:^|[_.:])([a-z]+)$/.exec(counter ? metric.slice(0, -'_total'.length) : metric)?.[1] ?? '';
  const unit = unitOfWord(word);
  // The rate of anything but a counter is that of how often it was observed.
  if (measure?.[1] === 'rate') return counter ? `${unit ?? ''}/s` : '/s';
  return unit;
}
