import type { EventRow } from '../../../shared/event';
import type { DeliveredEvent } from '../core/delivery';
import { eventRow, rowSize } from '../core/event-row';

/** Rows a reader's eye or a screen can make use of between two batches; more are left to the journal. */
const maxRows = 512;

/** Rows of events that a window shows at one time, about. */
const screenRows = 24;

/** Bytes kept waiting for one window. */
const maxBytes = 200 * 1024;

/** What a tail hands over: rows in order, and how many older ones were left out right before them. */
export interface TailPart {
  readonly rows: readonly EventRow[];
  readonly skipped: number;
  /** Ordinal of the newest event told of. */
  readonly upTo: number;
  readonly bytes: number;
}

/**
 * The newest events of the source a window looks at, waiting for the next batch. Bounded by count and bytes: the
 * oldest give way and are counted. Events become rows only when they are really sent.
 */
export interface Tail {
  push(events: readonly DeliveredEvent[]): void;
  /** Counts events that are not even kept (hidden window). */
  skip(events: readonly DeliveredEvent[]): void;
  /** Takes rows from the old end for at most `budget` bytes; null when there is nothing to say. */
  take(budget: number): TailPart | null;
  pending(): boolean;
  /** More wait than a screen shows. */
  crowded(): boolean;
  clear(): void;
}

/** See `Tail`. */
export function createTail(): Tail {
  let waiting: DeliveredEvent[] = [];
  let sizes: number[] = [];
  let first = 0;
  let bytes = 0;
  let skipped = 0;
  /** Ordinal of the newest event heard of. */
  let newest = 0;

  const count = () => waiting.length - first;

  /** Frees what lies before `first` now and then, so that dropping one event costs nothing. */
  const compact = () => {
    if (first < 256 && first < waiting.length) return;
    waiting = waiting.slice(first);
    sizes = sizes.slice(first);
    first = 0;
  };

  const dropOldest = () => {
    bytes -= sizes[first] ?? 0;
    first += 1;
    skipped += 1;
  };

  return {
    push(events) {
      newest = events.at(-1)?.ordinal ?? newest;
      // Of a flood only the end can survive: the rest is counted without being looked at.
      const from = Math.max(0, events.length - maxRows);
      if (from > 0) {
        skipped += from + count();
        waiting = [];
        sizes = [];
        first = 0;
        bytes = 0;
      }
      for (let index = from; index < events.length; index += 1) {
        const event = events[index];
        if (!event) continue;
        const size = rowSize(event);
        waiting.push(event);
        sizes.push(size);
        bytes += size;
      }
      while (count() > 1 && (count() > maxRows || bytes > maxBytes)) dropOldest();
      compact();
    },
    skip(events) {
      newest = events.at(-1)?.ordinal ?? newest;
      skipped += events.length + count();
      waiting = [];
      sizes = [];
      first = 0;
      bytes = 0;
    },
    take(budget) {
      if (count() === 0) {
        if (skipped === 0) return null;
        const part = { rows: [], skipped, upTo: newest, bytes: 64 };
        skipped = 0;
        return part;
      }
      const rows: EventRow[] = [];
      let taken = 0;
      while (first < waiting.length) {
        const size = sizes[first] ?? 0;
        const event = waiting[first];
        if (!event || (rows.length > 0 && taken + size > budget)) break;
        rows.push(eventRow(event));
        taken += size;
        first += 1;
      }
      bytes -= taken;
      compact();
      const part = { rows, skipped, upTo: rows.at(-1)?.ordinal ?? newest, bytes: taken };
      skipped = 0;
      return part;
    },
    pending: () => count() > 0 || skipped > 0,
    crowded: () => skipped > 0 || count() > screenRows,
    clear() {
      waiting = [];
      sizes = [];
      first = 0;
      bytes = 0;
      skipped = 0;
    },
  };
}
