import { readMeant } from '../../../../shared/meant-json';
import { type PathStep, parsePath, valueAt } from '../../../../shared/member-path';
import type { ProbeSample } from '../../../../shared/probe';
import type { Recipe } from '../../../../shared/recipe';
import type { Place } from './mapping';
import { startsWith, type TreeLine, treeBelow, treeOf } from './tree';

type Read = Recipe['read'];

/** One message of a sample, or the body of an event where that is all there is. */
export interface SampleMessage {
  /** As it came, where it is no JSON. */
  readonly text: string;
  /** Its lines and where each stands; null for what is no JSON, or was cut. */
  readonly lines: readonly PlacedLine[] | null;
  /** The event's body, as parsed: its numbers are floats, for charts and never for display. */
  readonly body: unknown;
  /** What it is as an event. */
  readonly event: {
    readonly type: string | null;
    readonly stream: string | null;
    /** As it stands there. */
    readonly time: string | null;
    /** Epoch ms, where the recipe does not say where it stands. */
    readonly sentAt: number | null;
  };
}

export interface PlacedLine {
  readonly line: TreeLine;
  readonly place: Place;
}

/** More are not looked through by anybody. */
const mostMessages = 50;

/** The messages of samples, as a recipe cuts them: lists into their items, oldest first as the recipe has it. */
export function messagesOf(samples: readonly ProbeSample[], read: Read): readonly SampleMessage[] {
  return samples
    .flatMap((sample) => cut(sample, read))
    .slice(0, mostMessages)
    .map((piece) => messageOf(piece, read));
}

/** A text of its own, before it is read. */
interface Piece {
  readonly text: string;
  readonly tree: readonly TreeLine[] | null;
  readonly value: unknown;
  readonly told: Pick<ProbeSample, 'type' | 'stream' | 'sentAt'> | null;
}

function cut(sample: ProbeSample, read: Read): readonly Piece[] {
  const { text } = sample;
  const tree = treeOf(text);
  if (tree === null) {
    const lines = text
      .replaceAll('\u001e', '\n')
      .split('\n')
      .filter((line) => line.trim() !== '');
    const trees = lines.map(treeOf);
    if (lines.length < 2 || trees.includes(null)) return [{ text, tree: null, value: undefined, told: sample }];
    return lines.map((line, at) => ({ text: line, tree: trees[at] ?? null, value: meantBy(line), told: null }));
  }
  const value = meantBy(text);
  const place = read.items === undefined ? [] : (parsePath(read.items) ?? []);
  const list = valueAt(value, place);
  const listed = read.items !== undefined || read.framing.startsWith('array');
  if (!listed || !Array.isArray(list)) return [{ text, tree, value, told: sample }];
  const items = list.slice(0, mostMessages).map((item: unknown, at) => {
    const own = treeBelow(tree, [...place, { kind: 'item', at }]);
    return { text: '', tree: own, value: item, told: null };
  });
  return read.framing === 'array-newest-first' ? items.reverse() : items;
}

function messageOf({ text, tree, value, told }: Piece, read: Read): SampleMessage {
  const bodySteps = read.body === undefined ? [] : (parsePath(read.body) ?? []);
  const inside = bodySteps.length === 0 ? value : valueAt(value, bodySteps);
  // Where nothing stands there, the body is all that was kept.
  const bare = inside === undefined;
  const body = bare ? value : unwrapped(inside);
  const said = (path: string | undefined): string | null => {
    if (path === undefined) return null;
    const steps = parsePath(path) ?? [];
    const found =
      valueAt(value, steps) ??
      valueAt(body, steps) ??
      (bare && startsWith(steps, bodySteps) ? valueAt(body, steps.slice(bodySteps.length)) : undefined);
    return found === undefined || found === null || typeof found === 'object' ? null : String(found);
  };
  return {
    text,
    lines: tree === null ? null : placed(tree, bodySteps, bare),
    body,
    event: {
      type: said(read.type) ?? told?.type ?? null,
      stream: said(read.stream) ?? told?.stream ?? null,
      time: said(read.time),
      sentAt: told?.sentAt ?? null,
    },
  };
}

/** Each line with its place; a body that is JSON inside text is laid open below it. */
function placed(tree: readonly TreeLine[], body: readonly PathStep[], bare: boolean): readonly PlacedLine[] {
  return tree.flatMap((line): readonly PlacedLine[] => {
    const { steps } = line;
    if (bare) return [{ line, place: { read: steps, also: [...body, ...steps], body: steps } }];
    const text = line.single?.value;
    const isBody = body.length > 0 && steps.length === body.length && startsWith(steps, body);
    const inner = isBody && typeof text === 'string' ? treeOf(text) : null;
    if (inner === null || inner.length < 2) return [{ line, place: placeIn(steps, body) }];
    return [
      { line: { depth: line.depth, tokens: line.tokens.slice(0, 2), steps }, place: placeIn(steps, body) },
      ...inner.map((one) => ({
        line: { ...one, depth: one.depth + line.depth + 1 },
        place: { read: one.steps, also: null, body: one.steps },
      })),
    ];
  });
}

/** The place of a value in a message whose body stands there. */
export function placeIn(steps: readonly PathStep[], body: readonly PathStep[]): Place {
  const inside = startsWith(steps, body) ? steps.slice(body.length) : null;
  return { read: steps, also: body.length === 0 ? null : inside, body: inside };
}

/** Text that is JSON, read. */
function unwrapped(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  return meantBy(body) ?? body;
}

/** The value of a text that is JSON as its producer meant it; undefined where it is none. */
function meantBy(text: string): unknown {
  const read = readMeant(text);
  return read.ok ? read.value : undefined;
}
