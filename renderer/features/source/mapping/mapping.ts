import { type PathStep, parsePath, pathText, valueAt } from '../../../../shared/member-path';
import { type Recipe, recipeSchema } from '../../../../shared/recipe';
import type { Sign } from './sign';
import { startsWith } from './tree';

/** What a person can say a value of a message is. */
export type Role =
  | 'time'
  | 'type'
  | 'stream'
  | 'number'
  | 'counter'
  | 'label'
  | 'id'
  | 'unique-id'
  | 'seq'
  | 'contiguous-seq'
  | 'nothing';

/** A role in words, and what it means for what is seen. */
export const roleTexts: Readonly<Record<Role, { readonly name: string; readonly tag: string; readonly hint: string }>> =
  {
    time: { name: 'the time', tag: 'time', hint: 'when it was sent: the lag is measured by it' },
    type: { name: 'the type of the event', tag: 'type', hint: 'events of one type are shown and charted together' },
    stream: { name: 'the stream', tag: 'stream', hint: 'order is kept within one' },
    number: { name: 'a number', tag: 'number', hint: 'charted as it is' },
    counter: { name: 'a counter', tag: 'counter', hint: 'charted as its rate per second' },
    label: { name: 'a label', tag: 'split by', hint: 'one line in the charts for each value' },
    id: { name: 'the id', tag: 'id', hint: 'what it is about; the same may come again' },
    'unique-id': { name: 'the id, each one once', tag: 'id · unique', hint: 'the same id again is a repeat' },
    seq: { name: 'its place in order', tag: 'order', hint: 'it only grows, by any step' },
    'contiguous-seq': { name: 'its number, none left out', tag: 'order · no holes', hint: 'a missing one is a gap' },
    nothing: { name: 'nothing', tag: '', hint: '' },
  };

/** Labels a recipe may have, and numbers. */
const mostLabels = 5;
const mostValues = 60;

/** A recipe that says nothing yet. */
export function bareRecipe(): Recipe {
  return recipeSchema.parse({ name: 'own', title: 'Own mapping' });
}

const stepsOf = (path: string | undefined): readonly PathStep[] => (path === undefined ? [] : (parsePath(path) ?? []));

/** Where a value stands, as a recipe names it. */
export interface Place {
  /** From where type, time and the like are looked for: the message, or the event's body where that is all there is. */
  readonly read: readonly PathStep[];
  /** Another way to the same value. */
  readonly also: readonly PathStep[] | null;
  /** From the event's body on; null outside of it. */
  readonly body: readonly PathStep[] | null;
}

const isAt = (path: string | undefined, steps: readonly PathStep[] | null): boolean => {
  if (path === undefined || steps === null) return false;
  const pattern = stepsOf(path);
  return pattern.length === steps.length && startsWith(steps, pattern);
};

/** What a recipe says of a value; `nothing` where it says nothing. */
export function roleAt({ read, values, labels }: Recipe, { read: own, also, body }: Place): Role {
  const reads = (path: string | undefined): boolean => isAt(path, own) || isAt(path, also);
  if (reads(read.time)) return 'time';
  const value = values.find(({ path }) => isAt(path, body));
  if (value !== undefined) return value.kind === 'counter' ? 'counter' : 'number';
  if (labels.some(({ path }) => isAt(path, body ?? own))) return 'label';
  if (reads(read.type)) return 'type';
  if (reads(read.stream)) return 'stream';
  if (reads(read.seq)) return read.numbering === 'contiguous' ? 'contiguous-seq' : 'seq';
  if (reads(read.id)) return read.uniqueIds ? 'unique-id' : 'id';
  return 'nothing';
}

/** What a value can be said to be, likeliest first. A time, an id or a code is never offered as a chart. */
export function choicesFor({ body }: Place, sign: Sign): readonly Role[] {
  switch (sign.kind) {
    case 'time':
      return ['time', 'seq', 'nothing'];
    case 'id':
      return ['id', 'unique-id', 'seq', 'contiguous-seq', 'stream', 'label', 'nothing'];
    case 'code':
      return ['label', 'type', 'stream', 'id', 'nothing'];
    case 'number':
      return [
        ...(body === null ? [] : (['number', 'counter'] as const)),
        ...(['label', 'id', 'unique-id', 'seq', 'contiguous-seq', 'nothing'] as const),
      ];
    case 'text':
      return ['type', 'stream', 'label', 'id', 'unique-id', 'nothing'];
    case 'flag':
      return ['type', 'label', 'nothing'];
    case 'nothing':
      return [];
  }
}

/** The recipe with a value said to be something, in place of what it was. `body`: of the event that was pointed at. */
export function withRole(recipe: Recipe, place: Place, role: Role, body: unknown): Recipe {
  const read = { ...recipe.read };
  for (const name of ['time', 'type', 'stream', 'id', 'seq'] as const) {
    if (isAt(read[name], place.read) || isAt(read[name], place.also)) delete read[name];
  }
  if (read.seq === undefined) read.numbering = 'none';
  if (read.id === undefined) read.uniqueIds = false;
  const values = recipe.values.filter(({ path }) => !isAt(path, place.body));
  const labels = recipe.labels.filter(({ path }) => !isAt(path, place.body ?? place.read));
  const own = pathText(place.read);
  const all = pathText(place.body === null ? place.read : ofEach(place.body, body));
  switch (role) {
    case 'nothing':
      break;
    case 'time':
      read.time = own;
      read.timeUnit = 'auto';
      break;
    case 'type':
      read.type = own;
      break;
    case 'stream':
      read.stream = own;
      break;
    case 'id':
    case 'unique-id':
      read.id = own;
      read.uniqueIds = role === 'unique-id';
      break;
    case 'seq':
    case 'contiguous-seq':
      read.seq = own;
      read.numbering = role === 'seq' ? 'rising' : 'contiguous';
      break;
    case 'number':
    case 'counter':
      if (values.length < mostValues) values.push({ path: all, kind: role === 'number' ? 'gauge' : 'counter' });
      break;
    case 'label':
      if (labels.length < mostLabels) labels.push({ path: all, name: nameOf(place.read) });
      break;
  }
  return { ...recipe, read, values, labels };
}

/** What is said of one thing of a list is said of all: its places become stars, but for lists of single values. */
function ofEach(steps: readonly PathStep[], body: unknown): readonly PathStep[] {
  return steps.map((step, at) => {
    if (step.kind !== 'item') return step;
    const item = valueAt(body, steps.slice(0, at + 1));
    return typeof item === 'object' && item !== null ? { kind: 'each' } : step;
  });
}

/** The last name on the way. */
export function nameOf(steps: readonly PathStep[]): string {
  const named = steps.findLast((step) => step.kind === 'member');
  return (named?.kind === 'member' ? named.name.trim().slice(0, 120) : '') || 'value';
}
