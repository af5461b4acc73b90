import type { AlertCondition } from '../../../shared/alert';
import { entityText, unitIn } from '../../../shared/entity-names';
import type { SeriesName } from '../../../shared/meters';
import { numberInText } from '../../../shared/number-text';
import { measureSeries, type SeriesLabels, seriesParts, unitLabel } from '../../../shared/series-name';
import { BodyNumbers } from '../core/body-numbers';
import type { Measure, Measured } from '../core/protocol';
import type { RuleCourse } from './course';
import type { RuleWatch } from './watch';

type MetricCondition = Extract<AlertCondition, { kind: 'metric' }>;

/** One way of reading the name of a series as a type of events and a place in their bodies. */
interface Reading {
  readonly type: string;
  readonly steps: readonly string[];
}

/** `value:a.b.c` is `c` below `b` in events of type `a`, `c` in those of type `a.b`, or the body itself of type `a.b.c`. */
function readingsOf(series: string): readonly Reading[] {
  const parts = series.slice('value:'.length).split('.');
  return parts.map((_, at) => ({ type: parts.slice(0, at + 1).join('.'), steps: parts.slice(at + 1) }));
}

/** The number at a place; undefined when there is none. A key may have dots of its own. */
function numberAt(value: unknown, steps: readonly string[], from: number): number | undefined {
  if (from === steps.length) {
    // JSON.parse reads 1e999 as infinity, which no meter takes either.
    const number = typeof value === 'string' ? numberInText(value) : value;
    return typeof number === 'number' && number - number === 0 ? number : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  // The length of a list is no number that the feed sent, and of a list of places it is none at all.
  if (steps[from] === 'length' && Array.isArray(value)) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const found = numberAt(fields[steps[from] ?? ''], steps, from + 1);
  if (found !== undefined || from + 1 === steps.length) return found;
  let key = steps[from] ?? '';
  for (let to = from + 1; to < steps.length; to++) {
    key = `${key}.${steps[to]}`;
    const inner = fields[key];
    if (inner === undefined) continue;
    const number = numberAt(inner, steps, to + 1);
    if (number !== undefined) return number;
  }
  return undefined;
}

/** The same in what an event carries of its body. */
function numberIn(value: unknown, steps: readonly string[]): number | undefined {
  if (!(value instanceof BodyNumbers)) return numberAt(value, steps, 0);
  const place = numberAt(value.shape.tree, steps, 0);
  return place === undefined ? undefined : value.numbers[place];
}

/** Whether a body is of what the labels of a series name. */
function isOf(value: unknown, labels: SeriesLabels): boolean {
  if (labels.length === 0) return true;
  if (typeof value !== 'object' || value === null || value instanceof BodyNumbers) return false;
  return labels.every(
    ([name, text]) => (name === unitLabel ? unitIn(value) : entityText(Reflect.get(value, name))) === text,
  );
}

/** Watches a number of the events. A pure function of the events in their order. */
export function watchMetric(course: RuleCourse, condition: MetricCondition): RuleWatch {
  const { series, is, threshold, clear } = condition;
  const above = is === 'above';
  const holdMs = condition.seconds * 1000;
  const held = condition.seconds > 0 ? ` for ${condition.seconds} s` : '';

  const { base, labels } = seriesParts(series as SeriesName);
  const readings = readingsOf(base);

  /** The number of a series that is named whole, with its labels. */
  function numberOf(type: string, measures: readonly Measure[]): number | undefined {
    // Most are of other types: no name is made for them.
    if (!base.startsWith(type, 'value:'.length)) return undefined;
    return measures.find((measure) => measureSeries(type, measure) === series)?.value;
  }

  function take(number: number, receivedAt: number, ordinal: number | null): void {
    if (!Number.isFinite(number)) return;
    if (course.active) {
      if (above ? number <= clear : number >= clear) course.end(receivedAt);
      return;
    }
    if (above ? number <= threshold : number >= threshold) {
      if (course.since === null) return;
      course.since = null;
      course.touch();
      return;
    }
    // After a clock that went back, what is in the future is no beginning.
    if (course.since === null || receivedAt < course.since) {
      course.since = receivedAt;
      course.touch();
    }
    if (receivedAt - course.since < holdMs) return;
    course.since = null;
    const text = () => `${series.slice('value:'.length)} is ${number}, ${is} ${threshold}${held}.`;
    course.raise(receivedAt, ordinal ?? `at-${receivedAt}`, ordinal, text);
  }

  return {
    course,
    event(event) {
      if (event.measures !== undefined) {
        const number = numberOf(event.type, event.measures);
        if (number !== undefined) take(number, event.receivedAt, event.ordinal);
        return;
      }
      for (const { type, steps } of readings) {
        if (type !== event.type || !isOf(event.value, labels)) continue;
        const number = numberIn(event.value, steps);
        if (number === undefined) continue;
        take(number, event.receivedAt, event.ordinal);
        return;
      }
    },
    measured(measured: readonly Measured[], at: number) {
      for (const { type, measures } of measured) {
        const number = numberOf(type, measures);
        if (number !== undefined) take(number, at, null);
      }
    },
  };
}
