import { type SourceNumbers, type SourceView, sourceNumbers } from '../../../shared/view';
import { same } from '../core/same';
import { viewSize } from './view-size';

/** Bytes that the numbers of a source take in a structured-clone message, about. */
const numbersSize = 1000;

/** How a source is to be told of: whole, or by what changed of its numbers. */
export type ViewNews =
  | { readonly kind: 'whole'; readonly view: SourceView; readonly size: number }
  | { readonly kind: 'numbers'; readonly numbers: SourceNumbers; readonly size: number };

/** Each source as a window was told of it last. What it holds is what the window holds, since batches come in order. */
export interface KnownViews {
  /** Null where the window has it just so. */
  news(view: SourceView): ViewNews | null;
  told(view: SourceView): void;
  forget(id: string): void;
  clear(): void;
  /** Sources that the window was told of. */
  size(): number;
}

/** See `KnownViews`. */
export function createKnownViews(): KnownViews {
  const known = new Map<string, SourceView>();
  return {
    news(view) {
      const before = known.get(view.id);
      if (!before || !sameBut(before, view)) return { kind: 'whole', view, size: viewSize(view) };
      const changed = sourceNumbers.filter((key) => !same(before[key], view[key]));
      if (changed.length === 0) return null;
      const numbers = Object.fromEntries(changed.map((key) => [key, view[key]]));
      return { kind: 'numbers', numbers: { id: view.id, ...numbers }, size: numbersSize };
    },
    told: (view) => void known.set(view.id, view),
    forget: (id) => void known.delete(id),
    clear: () => known.clear(),
    size: () => known.size,
  };
}

const isNumber: ReadonlySet<string> = new Set(sourceNumbers);

/** Whether they are the same but for their numbers. */
function sameBut(a: SourceView, b: SourceView): boolean {
  const keys = Object.keys(b) as (keyof SourceView)[];
  if (keys.length !== Object.keys(a).length) return false;
  return keys.every((key) => Object.hasOwn(a, key) && (isNumber.has(key) || same(a[key], b[key])));
}
