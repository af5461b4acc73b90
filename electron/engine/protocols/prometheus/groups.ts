import { ownText } from '../../core/own-text';
import type { Measure } from '../../core/protocol';
import type { Family } from './exposition';
import { type CumulativeBucket, quantileOf } from './quantile';
import type { Labels, SampleLine } from './sample-line';
import { isTimeOf, unitOf } from './units';

/** What one set of labels of a family is charted as. */
export interface Group {
  /** Name and labels, as a key. */
  readonly key: string;
  /** So many series it is, those included that have no value yet. */
  readonly series: number;
  /** How large it is: the greatest are charted first. */
  readonly weight: number;
  /** Empty where there is nothing to compare with yet, or nothing was observed. */
  readonly measures: readonly Measure[];
}

/** A counter as it was. */
interface Counted {
  readonly value: number;
  readonly at: number;
  /** When it began, where the feed says so. */
  readonly created: number | null;
}

/** What one sample's part in its family is. */
interface Part {
  readonly labels: Labels;
  count: SampleLine | null;
  created: number | null;
  readonly buckets: { readonly le: number; readonly sample: SampleLine }[];
  readonly quantiles: { readonly q: number; readonly value: number }[];
}

const charted = [0.5, 0.95, 0.99] as const;

/**
 * From samples to what is charted: gauges as they are, counters as their rate per second, histograms as quantiles of what
 * was observed since the last scrape and its rate, summaries as their quantiles and rate. It holds the counters of the last
 * scrape. A counter that fell, or began later than it did, has begun anew: no rate is told across that.
 */
export class GroupReader {
  private last = new Map<string, Counted>();
  private next = new Map<string, Counted>();

  /** The groups of one scrape, family by family. `at`: when it came, epoch ms. */
  read(families: readonly Family[], at: number): readonly (readonly Group[])[] {
    this.next = new Map();
    const groups = families.map((family) => this.groupsOf(family, at));
    this.last = this.next;
    return groups;
  }

  private groupsOf(family: Family, at: number): readonly Group[] {
    switch (family.type) {
      case 'gauge':
      case 'stateset':
        return gauges(family);
      case 'unknown':
        // What nobody typed goes by the name that counters have.
        return family.name.endsWith('_total') ? this.counters(family, at) : gauges(family);
      case 'counter':
        return this.counters(family, at);
      case 'histogram':
        return this.histograms(family, at);
      case 'gaugehistogram':
        return gaugeHistograms(family);
      case 'summary':
        return this.summaries(family, at);
      case 'info':
        return [];
    }
  }

  private counters(family: Family, at: number): readonly Group[] {
    const began = new Map<string, number>();
    for (const { name, labels, value } of family.samples) {
      if (name.endsWith('_created') && name !== family.name) began.set(keyOf('', labels), value);
    }
    const unit = unitOf(family, 'rate');
    return family.samples.flatMap((sample) => {
      if (sample.name.endsWith('_created') && sample.name !== family.name) return [];
      const key = keyOf(family.name, sample.labels);
      const rate = this.rate(key, sample, began.get(keyOf('', sample.labels)) ?? null, at);
      const measures = rate === null ? [] : [{ name: 'rate', labels: sample.labels, value: rate.perSecond, unit }];
      return [{ key, series: 1, weight: sample.value, measures }];
    });
  }

  /** What a counter grew by, and that per second; null where that cannot be told. */
  private rate(
    key: string,
    { value, at: taken }: SampleLine,
    created: number | null,
    at: number,
  ): { readonly grown: number; readonly perSecond: number } | null {
    if (!Number.isFinite(value)) return null;
    const now: Counted = { value, at: taken ?? at, created };
    const before = this.last.get(key);
    this.next.set(key, before !== undefined && now.at <= before.at && value === before.value ? before : now);
    if (before === undefined || now.at <= before.at || value < before.value) return null;
    if (created !== null && before.created !== null && created !== before.created) return null;
    const grown = value - before.value;
    return { grown, perSecond: (grown * 1000) / (now.at - before.at) };
  }

  private histograms(family: Family, at: number): readonly Group[] {
    const unit = unitOf(family, 'value');
    return [...partsOf(family)].map(([key, part]) => {
      const { labels, created } = part;
      const top = part.count ?? part.buckets.at(-1)?.sample ?? null;
      const rate = top === null ? null : this.rate(key, top, created, at);
      let begun = rate === null;
      const grown: CumulativeBucket[] = [];
      for (const { le, sample } of part.buckets) {
        const more = this.rate(`${key} ${le}`, sample, created, at);
        // One bucket that has nothing to compare with, and none of them has.
        if (more === null) begun = true;
        else grown.push({ le, count: Math.max(more.grown, grown.at(-1)?.count ?? 0) });
      }
      const measures =
        begun || rate === null ? [] : [rateOf(labels, rate.perSecond), ...quantiles(labels, grown, unit)];
      return { key, series: charted.length + 1, weight: top?.value ?? 0, measures };
    });
  }

  private summaries(family: Family, at: number): readonly Group[] {
    const unit = unitOf(family, 'value');
    return [...partsOf(family)].map(([key, { labels, quantiles: told, count, created }]) => {
      const rate = count === null ? null : this.rate(key, count, created, at);
      const measures: Measure[] = told
        .filter(({ value }) => Number.isFinite(value))
        .map(({ q, value }) => ({ name: percentName(q), labels, value, unit }));
      if (rate !== null) measures.push(rateOf(labels, rate.perSecond));
      return { key, series: told.length + 1, weight: count?.value ?? 0, measures };
    });
  }
}

function gauges(family: Family): readonly Group[] {
  const unit = unitOf(family, 'value');
  return family.samples.flatMap(({ name, labels, value }) => {
    if (name !== family.name || isTimeOf(name, value)) return [];
    const measures = Number.isFinite(value) ? [{ name: '', labels, value, unit }] : [];
    return [{ key: keyOf(name, labels), series: 1, weight: value, measures }];
  });
}

function gaugeHistograms(family: Family): readonly Group[] {
  const unit = unitOf(family, 'value');
  return [...partsOf(family)].map(([key, { labels, buckets, count }]) => {
    const cumulative = buckets.map(({ le, sample }) => ({ le, count: sample.value }));
    return {
      key,
      series: charted.length,
      weight: count?.value ?? buckets.at(-1)?.sample.value ?? 0,
      measures: quantiles(labels, cumulative, unit),
    };
  });
}

/** A histogram's or summary's samples, by the labels that are not its own. */
function partsOf(family: Family): ReadonlyMap<string, Part> {
  const parts = new Map<string, Part>();
  for (const sample of family.samples) {
    const suffix = sample.name.slice(family.name.length);
    const own = suffix === '_bucket' ? 'le' : suffix === '' ? 'quantile' : null;
    const told = own === null ? undefined : sample.labels.find(([name]) => name === own)?.[1];
    const labels = told === undefined ? sample.labels : sample.labels.filter(([name]) => name !== own);
    const key = keyOf(family.name, labels);
    let part = parts.get(key);
    if (part === undefined) {
      part = { labels, count: null, created: null, buckets: [], quantiles: [] };
      parts.set(key, part);
    }
    if (suffix === '_count' || suffix === '_gcount') part.count = sample;
    else if (suffix === '_created') part.created = sample.value;
    else if (own !== null && told !== undefined) addTo(part, own, told, sample);
  }
  for (const { buckets } of parts.values()) buckets.sort((a, b) => a.le - b.le);
  return parts;
}

function addTo(part: Part, own: 'le' | 'quantile', told: string, sample: SampleLine): void {
  const bound = /^\+?inf/i.test(told) ? Number.POSITIVE_INFINITY : Number(told);
  if (Number.isNaN(bound)) return;
  if (own === 'le') part.buckets.push({ le: bound, sample });
  else if (bound >= 0 && bound <= 1) part.quantiles.push({ q: bound, value: sample.value });
}

function rateOf(labels: Labels, value: number): Measure {
  return { name: 'rate', labels, value, unit: '/s' };
}

function quantiles(labels: Labels, buckets: readonly CumulativeBucket[], unit: string | null): readonly Measure[] {
  return charted.flatMap((q) => {
    const value = quantileOf(q, buckets);
    return value === null || !Number.isFinite(value) ? [] : [{ name: percentName(q), labels, value, unit }];
  });
}

/** `p95`, `p99.9`. */
function percentName(q: number): string {
  return `p${Number((q * 100).toFixed(6))}`;
}

function keyOf(name: string, labels: Labels): string {
  // What is kept is not to hold on to its whole page.
  let key = labels.length === 0 ? ownText(name) : name;
  for (const [label, value] of labels) key += `\n${label}=${value.length}:${value}`;
  return key;
}
