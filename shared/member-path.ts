import { z } from 'zod';

/**
 * Where in a JSON body a value stands: `data.price`, `rows[0].at`, `["a.b"].c`, and with a star all of a list or all
 * members of an object: `result[*].value[1]`, `sensors.*.temp`. The empty path is the body itself. Data, not code: there is
 * no filter and no expression in it.
 */
export type PathStep =
  | { readonly kind: 'member'; readonly name: string }
  /** Below 0: from the end. */
  | { readonly kind: 'item'; readonly at: number }
  | { readonly kind: 'each' };

/** A path goes no deeper, and is no longer, characters. */
const mostSteps = 32;
const longestPath = 400;
/** So many values of one path are looked at in one body. */
const mostValues = 2_000;

const step = /\.?(?:([^.[\]*"]+)|(\*)|\[(?:(-?\d{1,9})|(\*)|("(?:[^"\\]|\\.)*"))\])/y;

/** The steps of a path; null where it is none. */
export function parsePath(text: string): readonly PathStep[] | null {
  if (text.length > longestPath) return null;
  const steps: PathStep[] = [];
  let at = 0;
  while (at < text.length) {
    // A dot stands between two steps and nowhere else.
    if (text[at] === '.' && (at === 0 || text[at + 1] === '[')) return null;
    if (at > 0 && text[at] !== '.' && text[at] !== '[') return null;
    step.lastIndex = at;
    const found = step.exec(text);
    if (found === null || steps.length === mostSteps) return null;
    const [all, name, star, item, each, quoted] = found;
    at += all.length;
    if (name !== undefined) steps.push({ kind: 'member', name });
    else if (star !== undefined || each !== undefined) steps.push({ kind: 'each' });
    else if (item !== undefined) steps.push({ kind: 'item', at: Number(item) });
    else {
      const member = unquoted(quoted ?? '');
      if (member === null) return null;
      steps.push({ kind: 'member', name: member });
    }
  }
  return steps;
}

function unquoted(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

/** The path as it is written. */
export function pathText(steps: readonly PathStep[]): string {
  let text = '';
  for (const one of steps) {
    if (one.kind === 'each') text += text === '' ? '*' : '[*]';
    else if (one.kind === 'item') text += `[${one.at}]`;
    else if (/^[^.[\]*"]+$/.test(one.name)) text += text === '' ? one.name : `.${one.name}`;
    else text += `[${JSON.stringify(one.name)}]`;
  }
  return text;
}

/** What stands there; undefined where nothing does. Of a path with a star the first. */
export function valueAt(body: unknown, steps: readonly PathStep[]): unknown {
  return allAt(body, steps, 1)[0];
}

/** All that stands there, at most `most`, in the body's order. */
export function allAt(body: unknown, steps: readonly PathStep[], most = mostValues): readonly unknown[] {
  let values: unknown[] = [body];
  for (const one of steps) {
    const next: unknown[] = [];
    for (const value of values) {
      if (typeof value !== 'object' || value === null) continue;
      if (one.kind === 'each') next.push(...(Array.isArray(value) ? value : Object.values(value)).slice(0, mostValues));
      else if (one.kind === 'item') {
        if (Array.isArray(value) && Math.abs(one.at) <= value.length) next.push(value.at(one.at));
      } else if (!Array.isArray(value) && Object.hasOwn(value, one.name)) next.push(Reflect.get(value, one.name));
      if (next.length >= mostValues) break;
    }
    values = next.slice(0, mostValues);
  }
  return values.filter((value) => value !== undefined).slice(0, most);
}

export const pathSchema = z
  .string()
  .max(longestPath)
  .refine((text) => parsePath(text) !== null, {
    message: 'Not a path. Write it as data.price, rows[0].at or result[*].value.',
  });
