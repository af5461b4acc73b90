import { allAt, parsePath, valueAt } from '../../../../shared/member-path';
import type { Recipe } from '../../../../shared/recipe';

/** One line of a chart, as the samples draw it. */
export interface PreviewLine {
  /** What it is of; empty where nothing splits the number. */
  readonly label: string;
  /** In the order of the samples; null where one has none. */
  readonly points: readonly (number | null)[];
}

/** A number that will be charted. */
export interface PreviewChart {
  readonly name: string;
  readonly unit: string;
  readonly counter: boolean;
  /** One scrape alone does not show it. */
  readonly later?: true;
  /** The first of them; `more` are not shown. */
  readonly lines: readonly PreviewLine[];
  readonly more: number;
}

const shownLines = 3;

/** What a recipe would chart of these bodies of events, as parsed. */
export function previewOf(
  recipe: Pick<Recipe, 'values' | 'labels'>,
  bodies: readonly unknown[],
): readonly PreviewChart[] {
  return recipe.values.map(({ path, name, unit, kind }) => {
    const lines = new Map<string, (number | null)[]>();
    for (const [nth, one] of bodies.entries()) {
      for (const { value, label } of valuesOf(one, path, recipe.labels)) {
        const points = lines.get(label) ?? bodies.map(() => null);
        points[nth] = value;
        lines.set(label, points);
      }
    }
    const all = [...lines].map(([label, points]) => ({ label, points }));
    return {
      name: name ?? path,
      unit: unit ?? '',
      counter: kind === 'counter',
      lines: all.slice(0, shownLines),
      more: Math.max(0, all.length - shownLines),
    };
  });
}

/** What a page of metrics would be charted as: its families, each as its body has it (`name`, `type`, `samples`). */
export function familiesOf(bodies: readonly unknown[]): readonly PreviewChart[] {
  return bodies.flatMap((body): readonly PreviewChart[] => {
    const [name, type, unit, samples] = ['name', 'type', 'unit', 'samples'].map((member) => memberOf(body, member));
    if (typeof name !== 'string' || !Array.isArray(samples)) return [];
    // Of observations come quantiles and a rate, which no single scrape has.
    const observed = type === 'histogram' || type === 'gaugehistogram' || type === 'summary';
    const lines = samples.flatMap((sample: unknown): readonly PreviewLine[] => {
      const value = numberOf(memberOf(sample, 'value'));
      const labels = Object.values(memberOf(sample, 'labels') ?? {}).map(String);
      return value === null || observed ? [] : [{ label: labels.join(' · '), points: [value] }];
    });
    return [
      {
        name: observed ? `${name}: quantiles and rate` : name,
        unit: typeof unit === 'string' ? unit : '',
        counter: type === 'counter',
        ...(observed ? { later: true as const } : {}),
        lines: lines.slice(0, shownLines),
        more: Math.max(0, lines.length - shownLines),
      },
    ];
  });
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

interface Labelled {
  readonly value: number;
  readonly label: string;
}

function valuesOf(body: unknown, path: string, labels: Recipe['labels']): readonly Labelled[] {
  const found: Labelled[] = [];
  for (const at of placesOf(body, path)) {
    const value = numberOf(valueAt(body, parsePath(at) ?? []));
    if (value === null) continue;
    const label = labels.flatMap((one) => labelAt(body, one.path, path, at)).join(' · ');
    found.push({ value, label });
  }
  return found;
}

/** The paths that a path with stars comes to. */
function placesOf(body: unknown, path: string): readonly string[] {
  const star = path.indexOf('[*]');
  if (star < 0) return [path];
  const list = valueAt(body, parsePath(path.slice(0, star)) ?? []);
  if (!Array.isArray(list)) return [];
  return list
    .slice(0, 200)
    .flatMap((_, index) => placesOf(body, `${path.slice(0, star)}[${index}]${path.slice(star + 3)}`));
}

/** What a label says of the thing that a value is of: stars they have in common are the same. */
function labelAt(body: unknown, label: string, path: string, place: string): readonly string[] {
  let own = label;
  const starred = path.split('[*]');
  let at = 0;
  for (const part of starred.slice(0, -1)) {
    at = place.indexOf(part, at) + part.length;
    const index = /^\[\d+\]/.exec(place.slice(at))?.[0] ?? '';
    const until = own.indexOf('[*]');
    if (until < 0 || !own.startsWith(place.slice(0, at))) break;
    own = `${own.slice(0, until)}${index}${own.slice(until + 3)}`;
    at += index.length;
  }
  const said = allAt(body, parsePath(own) ?? [], 1)[0];
  return typeof said === 'object' || said === undefined ? [] : [String(said)];
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'string' && !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return null;
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}
