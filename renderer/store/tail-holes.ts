import type { EventPage } from '../../shared/ipc';
import { holeCount, insertUnstored, type TailItem } from './tail-items';

export type Hole = Extract<TailItem, { kind: 'hole' }>;

/** A hole of so few rows is what was told while a tab opened: it is filled without being asked for. */
export const smallHole = 20;

/** What stands in the place of a hole after a page from its beginning on; `all`: the page was not searched through. */
export function insideOf(hole: Hole, page: EventPage, all: boolean): readonly TailItem[] {
  const inside = page.rows.filter((row) => row.ordinal < hole.before);
  const items: TailItem[] = inside.map((row) => ({ kind: 'event', row }));
  const unstored = page.unstored && { ...page.unstored, before: Math.min(page.unstored.before, hole.before) };
  if (unstored && unstored.before - unstored.after > 1) insertUnstored(items, unstored);
  const last = Math.max(inside.at(-1)?.ordinal ?? hole.after, unstored ? unstored.before - 1 : 0);
  // The journal stores in order: what it does not have while it has later rows is not there (any more).
  const beyond = inside.length < page.rows.length;
  const rest = !beyond && (page.more || all) && hole.before - last > 1;
  if (rest) items.push({ kind: 'hole', after: last, before: hole.before });
  return items;
}

/** The newest ordinal that a page speaks of; null where it is empty. */
export function newestOf(page: EventPage | null): number | null {
  const unstored = page?.unstored ? page.unstored.before - 1 : 0;
  return Math.max(page?.rows.at(-1)?.ordinal ?? 0, unstored) || null;
}

/** Before which ordinal what lies above an item is asked for: a hole's own rows are above it where they can be had. */
export function aboveOf(item: Exclude<TailItem, { kind: 'gap' }>): number {
  if (item.kind === 'event') return item.row.ordinal;
  return item.unstored ? item.after + 1 : item.before;
}

/** Whether it is filled without being asked for. */
export function mendable(hole: Hole): boolean {
  return hole.unstored === true || holeCount(hole) <= smallHole;
}

/** The item as it is once everything up to `storedTo` is stored. */
export function whenStored(item: TailItem, storedTo: number): TailItem {
  if (item.kind !== 'hole' || !item.unstored || item.before - 1 > storedTo) return item;
  return { kind: 'hole', after: item.after, before: item.before };
}
