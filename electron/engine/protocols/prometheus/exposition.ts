import { type Dialect, helpText, LineError, LineScan, readSample, type SampleLine, shown } from './sample-line';

/** What a family of samples is. `untyped` of the older format is `unknown`. */
export const familyTypes = [
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
  'unknown',
] as const;

export type FamilyType = (typeof familyTypes)[number];

/** All samples of one metric. */
export interface Family {
  /** As it is asked for: a counter of OpenMetrics with its `_total`. */
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string | null;
  readonly unit: string | null;
  readonly samples: readonly SampleLine[];
}

/** A page of metrics, read. */
export type Exposition =
  | {
      readonly ok: true;
      /** In the order of the page. */
      readonly families: readonly Family[];
      /** Samples beyond what is taken of one page. */
      readonly left: number;
    }
  /** It is cut, or no such page. `line` counts from 1. */
  | { readonly ok: false; readonly why: string; readonly line: number };

export interface ExpositionLimits {
  readonly samples: number;
  readonly families: number;
  /** Lines that are read at all. */
  readonly lines: number;
}

/** What ships: a page may have 16 MiB, and each of its lines becomes a few objects. */
const shipped: ExpositionLimits = { samples: 50_000, families: 2_000, lines: 200_000 };

interface Draft {
  readonly name: string;
  type: FamilyType;
  help: string | null;
  unit: string | null;
  readonly samples: SampleLine[];
}

/** What a sample of a family may be called beside the family itself. */
const suffixes: Readonly<Record<FamilyType, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [],
  histogram: ['_bucket', '_count', '_sum', '_created'],
  gaugehistogram: ['_bucket', '_gcount', '_gsum'],
  summary: ['_count', '_sum', '_created'],
  info: ['_info'],
  stateset: [],
  unknown: [],
};

/**
 * Reads a page of metrics: Prometheus' text format 0.0.4, or OpenMetrics 1.0 where its media type says so. In time linear
 * in the page, whatever stands in it. A page with one line that is none is no page: what a half of it says is not known.
 * One without its last line feed is cut, also where HTTP calls the answer whole: its last number may lack digits.
 */
export function readExposition(text: string, dialect: Dialect, limits: ExpositionLimits = shipped): Exposition {
  const page = new Page(limits);
  const openMetrics = dialect === 'openmetrics';
  let ended = false;
  let line = 0;
  for (let from = 0; from < text.length; ) {
    const feed = text.indexOf('\n', from);
    const next = feed < 0 ? text.length : feed + 1;
    let end = feed < 0 ? text.length : feed;
    if (end > from && text.charCodeAt(end - 1) === 0x0d) end -= 1;
    line += 1;
    if (ended) return { ok: false, why: 'something stands behind # EOF', line };
    if (feed < 0 && !openMetrics) return { ok: false, why: 'its last line has no line feed: it is cut', line };
    try {
      ended = openMetrics && text.startsWith('# EOF', from) && end - from === 5;
      if (!ended && line <= limits.lines && !page.full) readLine(page, text, from, end, dialect);
      else if (!ended && end > from && text.charCodeAt(from) !== 0x23) page.left += 1;
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      return { ok: false, why: error.message, line };
    }
    from = next;
  }
  if (openMetrics && !ended) return { ok: false, why: 'it has no # EOF at its end: it is cut', line };
  return { ok: true, families: page.families(), left: page.left };
}

function readLine(page: Page, text: string, from: number, end: number, dialect: Dialect): void {
  const scan = new LineScan(text, from, end);
  scan.blanks();
  if (scan.done) return;
  if (!scan.take(0x23)) {
    page.sample(readSample(scan, dialect));
    return;
  }
  scan.blanks();
  const keyword = scan.word();
  if (keyword !== 'HELP' && keyword !== 'TYPE' && !(keyword === 'UNIT' && dialect === 'openmetrics')) return;
  scan.blanks();
  const name = scan.name(true);
  if (name === '') throw new LineError(`${keyword} without the name of a metric`);
  scan.blanks();
  if (keyword === 'HELP') page.help(name, helpText(scan.rest(), dialect));
  else if (keyword === 'UNIT') page.unit(name, scan.rest().trimEnd());
  else page.type(name, typeOf(scan.rest().trimEnd()));
}

function typeOf(word: string): FamilyType {
  if (word === 'untyped') return 'unknown';
  const type = familyTypes.find((one) => one === word);
  if (type === undefined) throw new LineError(`${shown(word)} is no type of a metric`);
  return type;
}

/** The families of a page as they come together. */
class Page {
  private readonly drafts = new Map<string, Draft>();
  private samples = 0;
  private last: Draft | null = null;
  left = 0;

  constructor(private readonly limits: ExpositionLimits) {}

  help(name: string, text: string): void {
    const draft = this.draft(name);
    if (draft !== null) draft.help ??= text;
  }

  unit(name: string, unit: string): void {
    const draft = this.draft(name);
    if (draft !== null && unit !== '') draft.unit ??= unit;
  }

  type(name: string, type: FamilyType): void {
    const draft = this.draft(name);
    if (draft === null) return;
    // Said twice, or behind its samples: what was read as something else stays that.
    if (draft.samples.length === 0 && draft.type === 'unknown') draft.type = type;
  }

  sample(sample: SampleLine): void {
    const draft = this.draftOf(sample.name);
    if (draft === null) {
      this.left += 1;
      return;
    }
    this.samples += 1;
    draft.samples.push(sample);
  }

  get full(): boolean {
    return this.samples >= this.limits.samples;
  }

  families(): readonly Family[] {
    return [...this.drafts.values()]
      .filter(({ samples }) => samples.length > 0)
      .map((draft) => ({ ...draft, name: askedName(draft) }));
  }

  /** The family that a sample belongs to; null where there is no room for it. */
  private draftOf(sample: string): Draft | null {
    const { last } = this;
    if (last !== null && last.name === sample) return last;
    // A family of its own name comes before one that would take it for a part.
    const part = last !== null && takes(last, sample) ? last : null;
    const draft = this.drafts.get(sample) ?? part ?? this.declaredFor(sample) ?? this.draft(sample);
    this.last = draft;
    return draft;
  }

  private declaredFor(sample: string): Draft | null {
    const cut = sample.lastIndexOf('_');
    const draft = cut > 0 ? this.drafts.get(sample.slice(0, cut)) : undefined;
    return draft !== undefined && takes(draft, sample) ? draft : null;
  }

  private draft(name: string): Draft | null {
    const known = this.drafts.get(name);
    if (known !== undefined) return known;
    if (this.drafts.size >= this.limits.families) return null;
    const draft: Draft = { name, type: 'unknown', help: null, unit: null, samples: [] };
    this.drafts.set(name, draft);
    return draft;
  }
}

function takes({ name, type }: Draft, sample: string): boolean {
  if (sample === name) return true;
  if (!sample.startsWith(name)) return false;
  const suffix = sample.slice(name.length);
  return suffixes[type].includes(suffix);
}

function askedName({ name, samples }: Draft): string {
  return samples.every((sample) => sample.name === `${name}_total` || sample.name === `${name}_created`)
    ? (samples.find((sample) => sample.name === `${name}_total`)?.name ?? name)
    : name;
}
