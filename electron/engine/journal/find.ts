import type { EventRow } from '../../../shared/event';
import type { EventPage } from '../../../shared/ipc';
import { type MatchBar, parseSearch } from '../../../shared/search';
import { previewChars } from '../core/event-row';
import type { PageQuery } from '../core/journal';
import type { BlockReader } from './block-reader';
import type { Blocks } from './blocks';
import { allEvents, type EventQuery } from './event-query';
import type { Stretch } from './gap-rows';
import type { EventFilter } from './scan';
import { scanBlock } from './scan';

/** A search may be long: it runs in steps, so that commits go on between them. A step yields nothing of interest. */
export type Steps<Answer> = Generator<void, Answer, void>;

/** The reading half of the journal. */
export interface Finder {
  page(source: number, query: PageQuery): Steps<EventPage>;
  find(source: number, query: EventQuery): Steps<EventPage>;
  count(source: number, query: EventQuery): Steps<number>;
  histogram(source: number, query: EventQuery, bars: number): Steps<readonly MatchBar[]>;
  /** Null when there is no such event (any more). */
  event(source: number, ordinal: number): (EventRow & { readonly whole: string }) | null;
}

export function createFinder(blocks: Blocks): Finder {
  function filterOf(query: EventQuery): EventFilter {
    const { stream, epoch, type, since, before } = query;
    return { terms: parseSearch(query.text), stream, epoch, type, since, before };
  }

  /** Walks blocks in a direction from a place; each matching event is handed to `take` until it answers false. */
  function* walk(
    source: number,
    filter: EventFilter,
    order: 'ordinal' | 'time',
    from: number | null,
    forward: boolean,
    take: (block: BlockReader, at: number) => boolean,
  ): Steps<void> {
    for (const open of blocks.walk(source, { filter, order, from, forward })) {
      if (open === null) {
        yield;
        continue;
      }
      const block = open();
      const marks = scanBlock(block, filter);
      if (marks !== null && !each(block, marks, order, from, forward, take)) return;
      yield;
    }
  }

  function* inOrder(source: number, query: EventQuery): Steps<EventPage> {
    const order = query.order === 'time' ? 'time' : 'ordinal';
    const forward = query.direction === 'after';
    const rows: EventRow[] = [];
    let more = false;
    yield* walk(source, filterOf(query), order, query.from, forward, (block, at) => {
      if (rows.length === query.limit) {
        more = true;
        return false;
      }
      rows.push(rowOf(block, at));
      return true;
    });
    if (!forward) rows.reverse();
    return { rows, gaps: blocks.gapsAround(source, rows, stretchOf(query, rows, more)), more };
  }

  /** By number: late arrivals stand where they belong. Blocks overlap there, so a window of them is merged. */
  function* bySeq(source: number, query: EventQuery): Steps<EventPage> {
    const { stream, epoch } = query;
    if (stream === null || epoch === null) throw new RangeError('order by seq needs a stream and an epoch');
    const forward = query.direction === 'after';
    const filter = filterOf(query);
    const found = new Map<number, EventRow>();
    for (const extent of blocks.extents(source, stream, epoch, query.from, forward)) {
      // Blocks come by their near end: before it nothing further can lie.
      if (found.size > query.limit && enough(found, extent.edge, query.limit, forward)) break;
      const block = extent.open();
      const marks = scanBlock(block, filter);
      for (let at = 0; marks !== null && at < block.count; at++) {
        const seq = block.seq(at);
        if (marks[at] !== 1 || seq === null) continue;
        if (query.from === null || (forward ? seq > query.from : seq < query.from)) found.set(seq, rowOf(block, at));
      }
      yield;
    }
    const seqs = [...found.keys()].sort((a, b) => (forward ? a - b : b - a));
    const rows = seqs.slice(0, query.limit).map((seq) => found.get(seq) as EventRow);
    if (!forward) rows.reverse();
    return { rows, gaps: blocks.gapsAround(source, rows, between(rows)), more: seqs.length > query.limit };
  }

  return {
    page(source, query) {
      return inOrder(source, { ...allEvents(query.source), ...query });
    },

    find(source, query) {
      return query.order === 'seq' ? bySeq(source, query) : inOrder(source, query);
    },

    *count(source, query) {
      const filter = filterOf(query);
      if (query.text === '' && query.stream === null && query.epoch === null && query.type === null) {
        if (query.since === null && query.before === null) return blocks.total(source);
      }
      let count = 0;
      yield* walk(source, filter, 'ordinal', null, true, () => {
        count++;
        return true;
      });
      return count;
    },

    *histogram(source, query, bars) {
      const range = blocks.timeRange(source);
      const start = query.since ?? range?.start ?? 0;
      const end = query.before ?? (range ? range.end + 1 : 0);
      if (!(end > start) || bars < 1) return [];
      const width = (end - start) / bars;
      const counts = new Array<number>(bars).fill(0);
      yield* walk(source, { ...filterOf(query), since: start, before: end }, 'ordinal', null, true, (block, at) => {
        const bar = Math.min(bars - 1, Math.floor((block.receivedAt(at) - start) / width));
        counts[bar] = (counts[bar] ?? 0) + 1;
        return true;
      });
      return counts.map((count, bar) => ({ start: start + bar * width, end: start + (bar + 1) * width, count }));
    },

    event(source, ordinal) {
      const block = blocks.holding(source, ordinal)?.() ?? null;
      if (block === null) return null;
      const at = block.firstAtOrAfter(ordinal);
      if (at === block.count || block.ordinal(at) !== ordinal) return null;
      return { ...rowOf(block, at), whole: block.body(at) };
    },
  };
}

/** Hands over the marked events of a block beyond `from`, in the direction asked; false when `take` had enough. */
function each(
  block: BlockReader,
  marks: Uint8Array,
  order: 'ordinal' | 'time',
  from: number | null,
  forward: boolean,
  take: (block: BlockReader, at: number) => boolean,
): boolean {
  const n = block.count;
  for (let step = 0; step < n; step++) {
    const at = forward ? step : n - 1 - step;
    if (marks[at] !== 1) continue;
    if (from !== null) {
      const place = order === 'time' ? block.receivedAt(at) : block.ordinal(at);
      if (forward ? place <= from : place >= from) continue;
    }
    if (!take(block, at)) return false;
  }
  return true;
}

/** What a page stands for: up to the place it was asked from, and to the end of what is stored where it reaches that. */
function stretchOf(query: EventQuery, rows: readonly EventRow[], more: boolean): Stretch {
  const { from, to } = between(rows);
  const asked = query.order === 'time' ? null : query.from;
  if (query.direction === 'after') {
    const start = asked === null ? null : asked + 1;
    return { from: query.from === null ? null : (start ?? from), to: more ? to : null };
  }
  return { from: more ? from : null, to: query.from === null ? null : (asked ?? to) };
}

/** The ordinals of some rows; no stretch at all without any. */
function between(rows: readonly EventRow[]): { readonly from: number; readonly to: number } {
  const ordinals = rows.map(({ ordinal }) => ordinal);
  return { from: Math.min(...ordinals), to: Math.max(...ordinals) };
}

/** Whether `limit` of the numbers found lie on the near side of `edge`, where no further block reaches. */
function enough(found: ReadonlyMap<number, EventRow>, edge: number, limit: number, forward: boolean): boolean {
  let settled = 0;
  for (const seq of found.keys()) if (forward ? seq < edge : seq > edge) settled++;
  return settled > limit;
}

/** An event as lists show it. */
export function rowOf(block: BlockReader, at: number): EventRow {
  const body = block.body(at);
  return {
    ordinal: block.ordinal(at),
    stream: block.stream(at),
    epoch: block.epoch(at),
    seq: block.seq(at),
    id: block.id(at),
    type: block.type(at),
    sentAt: block.sentAt(at),
    receivedAt: block.receivedAt(at),
    body: body.length > previewChars ? body.slice(0, previewChars) : body,
    encoding: block.binary(at) ? 'base64' : 'text',
    bytes: block.bytes(at),
    late: block.late(at),
  };
}
