import type { PathStep } from '../../../../shared/member-path';
import { type JsonLine, type JsonToken, jsonLines } from '../../../ui/format/json';

/** A line of a message laid open, with the way to the value on it. */
export interface TreeLine extends JsonLine {
  readonly steps: readonly PathStep[];
  /** What stands there, for a single value; absent on the lines of a list or an object. */
  readonly single?: { readonly value: unknown };
}

/** Lays a message open with its characters as they came; null for what is no JSON. */
export function treeOf(text: string): readonly TreeLine[] | null {
  const lines = jsonLines(text);
  if (lines === null) return null;
  const open: { readonly steps: readonly PathStep[]; readonly list: boolean; next: number }[] = [];
  return lines.map((line) => {
    const [first] = line.tokens;
    if (first?.kind === 'mark' && (first.text === '}' || first.text === ']')) {
      return { ...line, steps: open.pop()?.steps ?? [] };
    }
    const inside = open.at(-1);
    const step: PathStep[] =
      inside === undefined
        ? []
        : first?.kind === 'key'
          ? [{ kind: 'member', name: String(JSON.parse(first.text)) }]
          : [{ kind: 'item', at: inside.next++ }];
    const steps = [...(inside?.steps ?? []), ...step];
    const value = line.tokens[first?.kind === 'key' ? 2 : 0];
    if (value === undefined) return { ...line, steps };
    if (value.kind !== 'mark') return { ...line, steps, single: { value: singleOf(value) } };
    const closed = line.tokens.some(({ kind, text: mark }) => kind === 'mark' && (mark === '}' || mark === ']'));
    if (!closed) open.push({ steps, list: value.text === '[', next: 0 });
    return { ...line, steps };
  });
}

/** What is no number now (`NaN`, infinities) is one of the type all the same: it can be said to be charted. */
function singleOf({ kind, text }: JsonToken): unknown {
  return kind === 'word' && /NaN|Infinity/.test(text) ? Number(text) : (JSON.parse(text) as unknown);
}

/** The part of a tree below a place, as a tree of its own. */
export function treeBelow(lines: readonly TreeLine[], place: readonly PathStep[]): readonly TreeLine[] {
  const inside = lines.filter(({ steps }) => startsWith(steps, place));
  const depth = inside[0]?.depth ?? 0;
  return inside.map((line) => ({
    ...line,
    depth: line.depth - depth,
    steps: line.steps.slice(place.length),
    // What the place is called stands above it.
    tokens:
      line.steps.length === place.length && line.tokens[0]?.kind === 'key' && place.length > 0
        ? line.tokens.slice(2)
        : line.tokens,
  }));
}

/** Whether the way begins with another. */
export function startsWith(steps: readonly PathStep[], start: readonly PathStep[]): boolean {
  return steps.length >= start.length && start.every((step, at) => sameStep(step, steps[at]));
}

function sameStep(a: PathStep, b: PathStep | undefined): boolean {
  if (b === undefined) return false;
  if (a.kind === 'each' || b.kind === 'each') return true;
  if (a.kind === 'member') return b.kind === 'member' && a.name === b.name;
  return b.kind === 'item' && a.at === b.at;
}
