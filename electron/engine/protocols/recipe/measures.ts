import { type PathStep, parsePath, valueAt } from '../../../../shared/member-path';
import type { Recipe } from '../../../../shared/recipe';
import type { Measure } from '../../core/protocol';
import { CounterRates } from './counter-rates';

/** So many numbers of one event are charted. */
const mostMeasures = 2_000;
/** Longest text of a label, characters. */
const longestLabel = 120;

type Value = Recipe['values'][number];
type Label = Recipe['labels'][number];

/** Something on the way to a value that a star stands for: which item, and where the path goes on behind it. */
interface Item {
  /** Steps up to the star and with it. */
  readonly steps: number;
  readonly value: unknown;
  /** Its name where it is a member, its place where it is of a list. */
  readonly name: string;
}

/** Takes the numbers that are charted out of one event. For the events of one session, in order. */
export type MeasureReader = (body: unknown, message: unknown, at: number) => readonly Measure[];

/** Null where the recipe names no values: then they are found. */
export function createMeasureReader({ values, labels }: Pick<Recipe, 'values' | 'labels'>): MeasureReader | null {
  if (values.length === 0) return null;
  const readers = values.map((value) => readerOf(value, labels));
  const rates = new CounterRates();
  return (body, message, at) => {
    const measures: Measure[] = [];
    for (const read of readers) read(body, message, at, rates, measures);
    return measures;
  };
}

type Reader = (body: unknown, message: unknown, at: number, rates: CounterRates, into: Measure[]) => void;

function readerOf(value: Value, labels: readonly Label[]): Reader {
  const steps = parsePath(value.path) ?? [];
  const name = value.name ?? value.path;
  const unit = value.unit ?? null;
  const named = labels.map((label) => labelOf(label, steps));
  return (body, message, at, rates, into) => {
    walk(body, steps, 0, [], (found, items) => {
      const number = numberOf(found);
      if (number === null) return;
      const labelled = [...named.flatMap((read) => read(body, message, items)), ...unnamed(items, named)];
      const shown = value.kind === 'counter' ? rates.rate(name, labelled, number, at) : number;
      if (shown !== null) into.push({ name, labels: labelled, value: shown, unit });
      return into.length < mostMeasures;
    });
  };
}

/** Calls `found` for all values at a path, with the items its stars stand for, until it answers false. */
function walk(
  value: unknown,
  steps: readonly PathStep[],
  at: number,
  items: readonly Item[],
  found: (value: unknown, items: readonly Item[]) => boolean | undefined,
): boolean {
  const step = steps[at];
  if (step === undefined) return found(value, items) !== false;
  if (step.kind !== 'each') {
    const next = valueAt(value, [step]);
    return next === undefined || walk(next, steps, at + 1, items, found);
  }
  if (typeof value !== 'object' || value === null) return true;
  for (const [name, inner] of Object.entries(value).slice(0, mostMeasures)) {
    if (!walk(inner, steps, at + 1, [...items, { steps: at + 1, value: inner, name }], found)) return false;
  }
  return true;
}

interface LabelReader {
  (body: unknown, message: unknown, items: readonly Item[]): readonly (readonly [string, string])[];
  /** Steps of the value's path up to the star whose item it names; 0 where it names none. */
  readonly names: number;
}

function labelOf(label: Label, valueSteps: readonly PathStep[]): LabelReader {
  const steps = parsePath(label.path) ?? [];
  const shared = sharedStar(steps, valueSteps);
  const rest = steps.slice(shared);
  const read = (body: unknown, message: unknown, items: readonly Item[]) => {
    const item = items.find((one) => one.steps === shared);
    const found = item === undefined ? (valueAt(body, steps) ?? valueAt(message, steps)) : valueAt(item.value, rest);
    const text = textOf(found);
    return text === null ? [] : [[label.name, text] as const];
  };
  return Object.assign(read, { names: shared });
}

/** How far two paths are the same, up to their last star in common. */
function sharedStar(a: readonly PathStep[], b: readonly PathStep[]): number {
  let last = 0;
  for (let at = 0; at < a.length && at < b.length; at += 1) {
    if (JSON.stringify(a[at]) !== JSON.stringify(b[at])) break;
    if (a[at]?.kind === 'each') last = at + 1;
  }
  return last;
}

/** Items that no label tells apart are told apart by their names: two things never make one line. */
function unnamed(items: readonly Item[], labels: readonly LabelReader[]): readonly (readonly [string, string])[] {
  return items
    .filter(({ steps }) => !labels.some(({ names }) => names >= steps))
    .map(({ name }, index) => [index === 0 ? 'item' : `item ${index + 1}`, name.slice(0, longestLabel)]);
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value.slice(0, longestLabel);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i;

/** A finite number, in text or not. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'string' && (value.length > 60 || !decimal.test(value.trim()))) return null;
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
