import type { EventRow } from '../../shared/event';
import type { Gap } from '../../shared/gap';

/** A row of the event list. */
export type TailItem =
  | { readonly kind: 'event'; readonly row: EventRow }
  | { readonly kind: 'gap'; readonly gap: Gap }
  /** Rows this window does not hold, between two ordinals (exclusive). `unstored`: nobody holds them until they are stored. */
  | { readonly kind: 'hole'; readonly after: number; readonly before: number; readonly unstored?: true };

/** How many rows a hole stands for. */
export function holeCount(hole: { readonly after: number; readonly before: number }): number {
  return hole.before - hole.after - 1;
}

/** A stable identity for React and the virtualiser. */
export function itemKey(item: TailItem): string {
  switch (item.kind) {
    case 'event':
      return `e${item.row.ordinal}`;
    case 'gap':
      return `g${item.gap.id}`;
    case 'hole':
      return `h${item.after}`;
  }
}

/** The place of a (epoch, seq) among rows that are sorted within their stream. */
interface Place {
  readonly stream: string;
  readonly epoch: string | null;
  readonly seq: number;
}

function placeOf(item: TailItem): Place | null {
  switch (item.kind) {
    case 'event':
      return item.row.seq === null ? null : { stream: item.row.stream, epoch: item.row.epoch, seq: item.row.seq };
    case 'gap':
      return isNumbered(item.gap) ? placeOfGap(item.gap) : null;
    case 'hole':
      return null;
  }
}

/** A gap stands just before the first number it covers, so that what fills it follows it. */
function placeOfGap({ stream, epoch, from }: Gap): Place {
  return { stream, epoch, seq: from - 0.5 };
}

/**
 * Where something of this stream belongs: `below`, just after the last smaller number; `above`, just before the
 * next larger one. Null where the list holds no neighbour on that side.
 */
function neighbours(items: readonly TailItem[], place: Place): { below: number | null; above: number | null } {
  let above: number | null = null;
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const item = items[index];
    const other = item === undefined ? null : placeOf(item);
    if (other === null || other.stream !== place.stream || other.epoch !== place.epoch) continue;
    if (other.seq < place.seq) return { below: index + 1, above };
    above = index;
  }
  return { below: null, above };
}

/**
 * Puts a row where it belongs: at the end, or, when it filled a gap late, before the next larger number of its stream. In
 * the place of a row with its number it is what could not be stored and was fetched again.
 */
export function insertRow(items: TailItem[], row: EventRow): void {
  const item: TailItem = { kind: 'event', row };
  if (!isOutOfTurn(row)) {
    items.push(item);
    return;
  }
  const { below, above } = neighbours(items, { stream: row.stream, epoch: row.epoch, seq: row.seq });
  const next = above === null ? undefined : items[above];
  const again = next?.kind === 'event' && next.row.seq === row.seq;
  items.splice(above ?? below ?? items.length, again ? 1 : 0, item);
}

/** It stands where its number belongs; a late one without a number stands where it came. */
export function isOutOfTurn(row: EventRow): row is EventRow & { readonly seq: number } {
  return row.late && row.seq !== null;
}

/** Puts rows that are not stored yet and not at hand before the first that was delivered after them. */
export function insertUnstored(items: TailItem[], { after, before }: { after: number; before: number }): void {
  const index = items.findIndex(
    (item) => item.kind === 'event' && !isOutOfTurn(item.row) && item.row.ordinal >= before,
  );
  items.splice(index < 0 ? items.length : index, 0, { kind: 'hole', after, before, unstored: true });
}

/** Puts a gap at its place, after the last row before it; a gap already in the list is replaced where it stands. */
export function insertGap(items: TailItem[], gap: Gap): void {
  const known = items.findIndex((item) => item.kind === 'gap' && item.gap.id === gap.id);
  const item: TailItem = { kind: 'gap', gap };
  if (known >= 0) {
    items[known] = item;
    return;
  }
  const { below, above } = isNumbered(gap) ? neighbours(items, placeOfGap(gap)) : { below: null, above: null };
  items.splice(below ?? above ?? placeInOrder(items, gap), 0, item);
}

/** Before the event it was told before; where that is not known, by the clock. */
function placeInOrder(items: readonly TailItem[], { before, openedAt }: Gap): number {
  const index = items.findIndex((item) => comesAfter(item, before, openedAt));
  return index < 0 ? items.length : index;
}

function comesAfter(item: TailItem, before: number | undefined, openedAt: number): boolean {
  switch (item.kind) {
    case 'event':
      // A late row stands where its number belongs.
      return before === undefined
        ? item.row.receivedAt > openedAt
        : !isOutOfTurn(item.row) && item.row.ordinal >= before;
    case 'hole':
      return before !== undefined && item.before > before;
    case 'gap':
      return false;
  }
}

/** A gap of a feed without numbers says nothing of its place by its range. */
function isNumbered({ epoch }: Gap): boolean {
  return epoch !== '';
}

/** Rough memory an item holds, in characters. */
export function itemSize(item: TailItem): number {
  return item.kind === 'event' ? item.row.body.length + 200 : 200;
}
