/** What tells a sample from others of its name, ascending by name. */
export type Labels = readonly (readonly [string, string])[];

/** One sample line, taken apart. */
export interface SampleLine {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
  /** The value as it is written. */
  readonly text: string;
  /** When it was taken, epoch ms; null where it does not say. */
  readonly at: number | null;
}

/** OpenMetrics writes times in seconds, the older text format in milliseconds; only the first has exemplars. */
export type Dialect = 'text' | 'openmetrics';

/** A line that is none. */
export class LineError extends Error {}

const mostLabels = 64;
/** Nobody writes a label of this many characters, and reading the escapes of millions takes seconds. */
const longestValue = 65_536;
/** As much of a help text as is kept, characters. */
const longestHelp = 2_000;

const [tab, space, quote, hash, comma, zero, nine, colon, equals, upperA, upperZ, backslash, underscore] = [
  0x09, 0x20, 0x22, 0x23, 0x2c, 0x30, 0x39, 0x3a, 0x3d, 0x41, 0x5a, 0x5c, 0x5f,
];
const [lowerA, lowerZ, open, close] = [0x61, 0x7a, 0x7b, 0x7d];

/**
 * Reads what stands between two places of a text, once from left to right. What it hands out are parts of the text: whoever
 * keeps one longer than the text makes it its own.
 */
export class LineScan {
  constructor(
    private readonly text: string,
    private at: number,
    private readonly end: number,
  ) {}

  blanks(): void {
    while (this.at < this.end && isBlank(this.text.charCodeAt(this.at))) this.at += 1;
  }

  /** Nothing is left. */
  get done(): boolean {
    return this.at >= this.end;
  }

  is(code: number): boolean {
    return this.at < this.end && this.text.charCodeAt(this.at) === code;
  }

  take(code: number): boolean {
    if (!this.is(code)) return false;
    this.at += 1;
    return true;
  }

  /** A name of a metric (`colons`) or of a label; empty where there is none. */
  name(colons: boolean): string {
    const from = this.at;
    while (this.at < this.end) {
      const code = this.text.charCodeAt(this.at);
      const digit = code >= zero && code <= nine;
      if (!isNameStart(code) && !(colons && code === colon) && !(digit && this.at > from)) break;
      this.at += 1;
    }
    return this.text.slice(from, this.at);
  }

  /** All up to the next blank. */
  word(): string {
    const from = this.at;
    while (this.at < this.end && !isBlank(this.text.charCodeAt(this.at))) this.at += 1;
    return this.text.slice(from, this.at);
  }

  rest(): string {
    const from = this.at;
    this.at = this.end;
    return this.text.slice(from, this.end);
  }

  labels(): Labels {
    const labels: (readonly [string, string])[] = [];
    this.blanks();
    while (!this.take(close)) {
      const name = this.name(false);
      if (name === '') throw new LineError('a label without a name');
      this.blanks();
      if (!this.take(equals)) throw new LineError(`no = behind the label ${shown(name)}`);
      this.blanks();
      if (!this.take(quote)) throw new LineError(`no quoted value of the label ${shown(name)}`);
      if (labels.length === mostLabels) throw new LineError(`more than ${mostLabels} labels`);
      labels.push([name, this.quoted()]);
      this.blanks();
      if (!this.take(comma) && !this.is(close)) throw new LineError(`neither , nor } behind the label ${shown(name)}`);
      this.blanks();
    }
    return inOrder(labels);
  }

  /** The text up to the closing quote, its escapes read. */
  private quoted(): string {
    const from = this.at;
    for (; this.at < this.end; this.at += 1) {
      const code = this.text.charCodeAt(this.at);
      if (code === backslash) this.at += 1;
      else if (code === quote) {
        if (this.at - from > longestValue) throw new LineError(`a label value of ${this.at - from} characters`);
        const text = this.text.slice(from, this.at);
        this.at += 1;
        return unescaped(text, true);
      }
    }
    throw new LineError('a label value without an end');
  }
}

function inOrder(labels: (readonly [string, string])[]): Labels {
  let sorted = true;
  for (let at = 1; at < labels.length; at += 1)
    if ((labels[at - 1]?.[0] ?? '') >= (labels[at]?.[0] ?? '')) sorted = false;
  if (sorted) return labels;
  labels.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const twice = labels.find(([name], at) => name === labels[at - 1]?.[0]);
  if (twice !== undefined) throw new LineError(`the label ${shown(twice[0])} twice`);
  return labels;
}

function isBlank(code: number): boolean {
  return code === space || code === tab;
}

function isNameStart(code: number): boolean {
  return (code >= lowerA && code <= lowerZ) || (code >= upperA && code <= upperZ) || code === underscore;
}

/** A backslash before anything but `n`, another and (`quotes`) a quote is one. */
function unescaped(text: string, quotes: boolean): string {
  if (!text.includes('\\')) return text;
  return text
    .split('\\\\')
    .map((part) => {
      if (!part.includes('\\')) return part;
      const lines = part.replaceAll('\\n', '\n');
      return quotes ? lines.replaceAll('\\"', '"') : lines;
    })
    .join('\\');
}

/** Text of a HELP line, its escapes read. */
export function helpText(text: string, dialect: Dialect): string {
  return unescaped(text.slice(0, longestHelp), dialect === 'openmetrics');
}

/** As much of a text of the feed as is said in a sentence. */
export function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** A sample line. Throws a `LineError` that says what is wrong with it. */
export function readSample(scan: LineScan, dialect: Dialect): SampleLine {
  const name = scan.name(true);
  if (name === '') throw new LineError('no name of a metric');
  scan.blanks();
  const labels = scan.take(open) ? scan.labels() : [];
  scan.blanks();
  const text = scan.word();
  const value = numberOf(text);
  if (value === null) throw new LineError(text === '' ? `no value of ${shown(name)}` : `${shown(text)} is no value`);
  scan.blanks();
  let at: number | null = null;
  if (!scan.done && !scan.is(hash)) {
    const word = scan.word();
    at = timeOf(word, dialect);
    if (at === null) throw new LineError(`${shown(word)} is no time`);
    scan.blanks();
  }
  if (dialect === 'openmetrics' && scan.take(hash)) skipExemplar(scan);
  if (!scan.done) throw new LineError(`something behind the value of ${shown(name)}`);
  return { name, labels, value, text, at };
}

/** An exemplar is an example of what was counted, for who looks for a trace: it is checked, and charted nowhere. */
function skipExemplar(scan: LineScan): void {
  scan.blanks();
  if (!scan.take(open)) throw new LineError('an exemplar without labels');
  scan.labels();
  scan.blanks();
  if (numberOf(scan.word()) === null) throw new LineError('an exemplar without a value');
  scan.blanks();
  if (!scan.done && timeOf(scan.word(), 'openmetrics') === null) throw new LineError('an exemplar with a wrong time');
  scan.blanks();
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const infinite = /^([+-]?)inf(inity)?$/i;
const longestNumber = 400;

/** A number as Prometheus reads it: Go's floats but for hexadecimal ones; null where it is none. */
function numberOf(text: string): number | null {
  if (text.length > longestNumber) return null;
  if (decimal.test(text)) return Number(text);
  if (/^nan$/i.test(text)) return Number.NaN;
  const endless = infinite.exec(text);
  if (endless === null) return null;
  return endless[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Epoch ms. */
function timeOf(text: string, dialect: Dialect): number | null {
  if (dialect === 'text') return /^[+-]?\d{1,17}$/.test(text) ? Number(text) : null;
  if (!decimal.test(text) || text.length > longestNumber) return null;
  const at = Math.round(Number(text) * 1000);
  return Number.isFinite(at) ? at : null;
}
