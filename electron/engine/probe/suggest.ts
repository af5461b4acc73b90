import { type PathStep, pathText } from '../../../shared/member-path';
import type { Recipe } from '../../../shared/recipe';
import { countingOf, signOf } from '../../../shared/value-sign';
import { memberOf, objectOf } from './parse';

/** What the bodies of a feed suggest: numbers to chart, and what tells one series from another. */
export type Suggested = Pick<Recipe, 'values' | 'labels'>;

/** So many numbers are suggested; the person adds others by pointing. */
const mostValues = 24;
const mostLabels = 2;
/** Looked at in one body: places, items of a list, and how deep. */
const mostPlaces = 400;
const mostItems = 50;
const deepest = 8;
/** Items of a list that has a fixed shape, as `[time, "value"]`. */
const longestTuple = 4;

/** One place in the bodies, with what stands there. */
interface Place {
  readonly steps: readonly PathStep[];
  readonly name: string;
  readonly values: unknown[];
  readonly beside: readonly string[];
}

/**
 * Looks for numbers worth charting and for the members that name what they are of. A time or an id is never a number; a
 * number inside text is one. `now`: epoch ms. `things`: the bodies are those of one list, each of another thing.
 */
export function suggest(bodies: readonly unknown[], now: number, things = false): Suggested {
  const table = tableOf(bodies[0]);
  if (table) return table;
  const places = placesIn(bodies);
  const numbers = places.filter((place) => isNumber(place, now));
  const labels = labelsOf(places, numbers, { now, things });
  const named = new Set<string>();
  const values = numbers
    .filter(({ steps }) => fits(steps, labels))
    .slice(0, mostValues)
    .map((place) => numberOf(place, named));
  return { values, labels: values.length === 0 ? [] : labels.map(({ path, name }) => ({ path, name })) };
}

function numberOf({ steps, name }: Place, named: Set<string>): Recipe['values'][number] {
  const path = pathText(steps);
  // A path with stars in it is no name to read; nor is one that is taken.
  const short = wordOf(steps) ?? name;
  const plain = path.includes('[') && !named.has(short) ? short : path;
  named.add(plain);
  const kind = /_total$/.test(name) ? 'counter' : 'gauge';
  return { path, kind, ...(plain === path ? {} : { name: plain.slice(0, 120) }) };
}

/** The last member on the way. */
function wordOf(steps: readonly PathStep[]): string | null {
  for (const step of [...steps].reverse()) if (step.kind === 'member' && step.name.trim() !== '') return step.name;
  return null;
}

/** Every place where something stands that is no object or list, in the order of the bodies. */
function placesIn(bodies: readonly unknown[]): readonly Place[] {
  const places = new Map<string, Place>();

  function walk(value: unknown, steps: readonly PathStep[], beside: readonly string[]): void {
    if (steps.length > deepest) return;
    if (Array.isArray(value)) {
      const objects = value.length > 0 && value.every((item) => objectOf(item) !== null);
      if (objects) for (const item of value.slice(0, mostItems)) walk(item, [...steps, { kind: 'each' }], []);
      else if (value.length <= longestTuple && !value.some((item) => typeof item === 'object' && item !== null)) {
        for (const [at, item] of value.entries()) walk(item, [...steps, { kind: 'item', at }], []);
      }
      return;
    }
    const object = objectOf(value);
    if (object) {
      const names = Object.keys(object).slice(0, mostPlaces);
      for (const name of names) walk(object[name], [...steps, { kind: 'member', name }], names);
      return;
    }
    const path = pathText(steps);
    const known = places.get(path);
    if (known) known.values.push(value);
    else if (places.size < mostPlaces) {
      const last = steps.at(-1);
      const name = last?.kind === 'member' ? last.name : '';
      places.set(path, { steps, name, values: [value], beside });
    }
  }

  for (const body of bodies.slice(0, mostItems)) walk(body, [], []);
  return [...places.values()].filter(({ steps }) => pathText(steps).length <= 400 && steps.length > 0);
}

function isNumber({ name, values, beside, steps }: Place, now: number): boolean {
  const there = values.filter((value) => value !== null);
  if (there.length === 0 || underLabels(steps)) return false;
  if (!there.every((value) => signOf(name, value, beside, now).kind === 'number')) return false;
  return countingOf(there.map(Number)) !== 'counts';
}

interface Label {
  readonly path: string;
  readonly name: string;
  readonly steps: readonly PathStep[];
}

/** Members that name what a number is of, by their name, the surest first. */
const labelNames =
  /^(symbol|pair|ticker|instrument|product_?id|market|coin|currency|s|entity(_?id)?|sensor(_?id)?|device(_?id)?|instance|host(name)?|node|server|service|component|region|zone|location|site|room|pod|container|namespace|job|queue|topic|channel|interface|disk|partition|core|station(_?id)?|line|vehicle(_?id)?|name|title|id)$/i;

/** Objects whose members all name something: the labels of a metric. */
const labelHolders = /^(metric|labels|tags|dimensions|attributes)$/i;

function underLabels(steps: readonly PathStep[]): boolean {
  return steps.slice(0, -1).some((step) => step.kind === 'member' && labelHolders.test(step.name));
}

function labelsOf(
  places: readonly Place[],
  numbers: readonly Place[],
  { now, things }: { readonly now: number; readonly things: boolean },
): readonly Label[] {
  const stars = numbers.map(({ steps }) => lastStar(steps));
  const found = places.filter(({ steps, name, values, beside }) => {
    const star = lastStar(steps);
    // In a list the item's own; outside of one only what names a message by a common name.
    if (!stars.includes(star)) return false;
    const texts = values.filter((value) => typeof value === 'string' && value.length <= 120);
    if (texts.length < values.length) return false;
    const kind = signOf(name, values[0], beside, now).kind;
    if (kind === 'number' || kind === 'time' || kind === 'code') return false;
    if (underLabels(steps)) return new Set(values).size > 1;
    const unique = new Set(values).size === values.length;
    // Ids of what comes and goes would be series without end.
    if (/^id$/i.test(name)) return star > 0 && unique;
    if (/^(name|title)$/i.test(name)) return (star > 0 || (things && values.length > 1)) && unique;
    return labelNames.test(name);
  });
  const ranked = [...found].sort((a, b) => rankOf(a) - rankOf(b));
  const unique = new Map(ranked.map((place) => [place.name.toLowerCase(), place]));
  // What tells every item from every other needs nothing beside it.
  const telling = ranked.find(({ values, steps }) => lastStar(steps) > 0 && new Set(values).size === values.length);
  const chosen = telling && !underLabels(telling.steps) ? [telling] : [...unique.values()].slice(0, mostLabels);
  return chosen.map(({ steps, name }) => ({ path: pathText(steps), name: name.slice(0, 120), steps }));
}

/** Steps up to the last star and with it; 0 where there is none. */
function lastStar(steps: readonly PathStep[]): number {
  return steps.findLastIndex(({ kind }) => kind === 'each') + 1;
}

function rankOf({ name, steps }: Place): number {
  const common = /^(symbol|entity(_?id)?|sensor(_?id)?|device(_?id)?|instance|product_?id|pair)$/i.test(name) ? 0 : 10;
  return common + (/^(name|title)$/i.test(name) ? 3 : 0) + (/^id$/i.test(name) ? 5 : 0) + steps.length / 100;
}

/** With labels of one list, numbers of another would be told apart by nothing. */
function fits(steps: readonly PathStep[], labels: readonly Label[]): boolean {
  const [label] = labels;
  if (!label) return true;
  const star = lastStar(label.steps);
  return (
    star === 0 || (lastStar(steps) === star && pathText(steps.slice(0, star)) === pathText(label.steps.slice(0, star)))
  );
}

/** Rows with their names beside them, as netdata answers: `{"labels":["time","user"],"data":[[1700000000,1.5],…]}`. */
function tableOf(body: unknown): Suggested | null {
  const labels = memberOf(body, 'labels') ?? memberOf(body, 'columns');
  const holder = Array.isArray(memberOf(body, 'data')) ? 'data' : 'rows';
  const rows = memberOf(body, holder);
  if (!Array.isArray(labels) || !Array.isArray(rows) || !Array.isArray(rows[0])) return null;
  const first: readonly unknown[] = rows[0];
  if (labels.length !== first.length || !labels.every((label) => typeof label === 'string')) return null;
  const values = labels.flatMap((label: string, at) => {
    if (/^(time|timestamp|date)$/i.test(label) || typeof first[at] !== 'number' || label.trim() === '') return [];
    const path = pathText([
      { kind: 'member', name: holder },
      { kind: 'item', at: 0 },
      { kind: 'item', at },
    ]);
    return [{ path, name: label.slice(0, 120), kind: 'gauge' as const }];
  });
  return values.length === 0 ? null : { values: values.slice(0, mostValues), labels: [] };
}
