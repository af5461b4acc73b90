import { inflateRawSync } from 'node:zlib';
import type { EventRow } from '../../../shared/event';
import type { Gap } from '../../../shared/gap';
import { BlockReader } from './block-reader';
import type { Database, SqlRow, SqlValue } from './database';
import { blob, num } from './database';
import { createGapReader, type Stretch } from './gap-rows';
import type { SourceBlock } from './messages';
import type { EventFilter } from './scan';
import type { Unsettled } from './unsettled';
import { mayHold, wordHashes } from './words';

/** Reads a block. Throws on a malformed one, and where it is gone. */
export type OpenBlock = () => BlockReader;

/** Reads blocks and what is indexed of them, those that wait to be settled included: each begins after all that are not. */
export interface Blocks {
  /**
   * The blocks that may hold matching events, in order of delivery. `null` stands for a stretch of blocks in
   * which nothing can match: time has passed, look whether something more urgent waits.
   */
  walk(source: number, walk: Walk): Generator<OpenBlock | null, void, void>;
  /** The block that would hold an ordinal; null when none does. */
  holding(source: number, ordinal: number): OpenBlock | null;
  /**
   * Blocks that hold numbers of a stream beyond `from`, by their near end (`edge`): the lowest number they hold when
   * going forward, the highest when going back.
   */
  extents(
    source: number,
    stream: string,
    epoch: string,
    from: number | null,
    forward: boolean,
  ): readonly { readonly open: OpenBlock; readonly edge: number }[];
  /** Gaps in or next to the numbers of the rows, and those that stand in a stretch of events. */
  gapsAround(source: number, rows: readonly EventRow[], stretch: Stretch): readonly Gap[];
  total(source: number): number;
  /** Wall clock of the first and last event, epoch ms. */
  timeRange(source: number): { readonly start: number; readonly end: number } | null;
}

export interface Walk {
  readonly filter: EventFilter;
  readonly order: 'ordinal' | 'time';
  /** Exclusive; null = from the end. */
  readonly from: number | null;
  readonly forward: boolean;
}

/** Blocks looked up at a time: few at first, since the nearest often suffice. */
const firstChunk = 2;
const largestChunk = 64;

export function createBlocks(db: Database, unsettled: Unsettled): Blocks {
  const sql = {
    body: db.prepare('SELECT packed, head, text FROM blocks WHERE id = ?'),
    holding: db.prepare(
      'SELECT id, first, last FROM blocks WHERE source = ? AND first <= ? ORDER BY first DESC LIMIT 1',
    ),
    up: walkStatement('ASC', false),
    down: walkStatement('DESC', false),
    upWithBits: walkStatement('ASC', true),
    downWithBits: walkStatement('DESC', true),
    // Many blocks may end in one moment, and a clock that was set back makes later ones older: none is left out for that.
    // Both are answered by the index alone.
    firstSince: db.prepare('SELECT min(first) AS first FROM blocks WHERE source = ? AND last_at >= ?'),
    lastBefore: db.prepare('SELECT max(first) AS first FROM blocks WHERE source = ? AND first_at < ?'),
    extentsUp: db.prepare(
      'SELECT low AS edge, block FROM extents WHERE source = ? AND stream = ? AND epoch = ? AND high > ? ORDER BY low',
    ),
    extentsDown: db.prepare(
      'SELECT high AS edge, block FROM extents WHERE source = ? AND stream = ? AND epoch = ? AND low < ? ORDER BY high DESC',
    ),
    last: db.prepare('SELECT last FROM blocks WHERE source = ? ORDER BY first DESC LIMIT 1'),
    total: db.prepare('SELECT name, events FROM sources WHERE id = ?'),
    times: db.prepare('SELECT min(first_at) AS start, max(last_at) AS end FROM blocks WHERE source = ?'),
  };

  function walkStatement(direction: 'ASC' | 'DESC', bits: boolean) {
    // With the id, since files of older versions may hold blocks that begin with the same ordinal.
    const beyond = `(b.first, b.id) ${direction === 'ASC' ? '>' : '<'} (?, ?)`;
    return db.prepare(`
      SELECT b.id, b.first, b.last, ${bits ? 'f.bits' : 'NULL'} AS bits
      FROM blocks b ${bits ? 'LEFT JOIN filters f ON f.block = b.id' : ''}
      WHERE b.source = ? AND ${beyond} AND (? IS NULL OR b.last_at >= ?) AND (? IS NULL OR b.first_at < ?)
      ORDER BY b.first ${direction}, b.id ${direction} LIMIT ?`);
  }

  /** Exclusive `first` to start from, so that the block holding the place itself is the first one walked. */
  function start(source: number, { order, from, forward, filter }: Walk): number {
    const end = forward ? -1 : Number.MAX_SAFE_INTEGER;
    const place = order === 'time' ? null : from;
    if (place !== null) {
      if (!forward) return place;
      const row = sql.holding.get(source, place);
      return row ? num(row, 'first') - 1 : end;
    }
    const time = order === 'time' && from !== null ? from : forward ? filter.since : filter.before;
    if (time === null) return end;
    const first = (forward ? sql.firstSince : sql.lastBefore).get(source, time)?.first;
    // None: the walk ends where it begins.
    if (typeof first !== 'number') return forward ? Number.MAX_SAFE_INTEGER : -1;
    return first + (forward ? -1 : 1);
  }

  const opener =
    (id: number): OpenBlock =>
    () => {
      const row = sql.body.get(id);
      if (!row) throw new RangeError(`block ${id} is gone`);
      return openBlock(row);
    };

  /** What waits, oldest first. Another process may have settled some of it since it was looked up. */
  function waiting(source: number): readonly SourceBlock[] {
    const name = sql.total.get(source)?.name;
    const blocks = typeof name === 'string' ? unsettled.blocksOf(name) : [];
    if (blocks.length === 0) return blocks;
    const last = sql.last.get(source)?.last;
    return typeof last === 'number' ? blocks.filter(({ first }) => first > last) : blocks;
  }

  /** Those of a walk that wait, in its direction. */
  function waitingOn(blocks: readonly SourceBlock[], { filter, order, from, forward }: Walk): readonly SourceBlock[] {
    const { since, before } = filter;
    const found = blocks.filter(
      ({ first, last, firstAt, lastAt }) =>
        (since === null || lastAt >= since) &&
        (before === null || firstAt < before) &&
        (from === null || order === 'time' || (forward ? last > from : first < from)),
    );
    return forward ? found : found.reverse();
  }

  return {
    *walk(source, walk) {
      const all = waiting(source);
      const after = waitingOn(all, walk);
      if (!walk.forward) for (const block of after) yield readerOf(block);
      const hashes = wordHashes(walk.filter.terms);
      const statement = walk.forward
        ? hashes.length > 0
          ? sql.upWithBits
          : sql.up
        : hashes.length > 0
          ? sql.downWithBits
          : sql.down;
      const { since, before } = walk.filter;
      // What was yielded above may be settled meanwhile.
      let place = walk.forward ? start(source, walk) : Math.min(start(source, walk), all[0]?.first ?? Infinity);
      let id = walk.forward ? Number.MAX_SAFE_INTEGER : 0;
      let last = Number.NEGATIVE_INFINITY;
      for (let chunk = firstChunk; ; chunk = Math.min(chunk * 2, largestChunk)) {
        const rows = statement.all(source, place, id, since, since, before, before, chunk);
        for (const row of rows) {
          place = num(row, 'first');
          id = num(row, 'id');
          last = num(row, 'last');
          if (row.bits instanceof Uint8Array && !mayHold(row.bits, hashes)) continue;
          yield opener(id);
        }
        if (rows.length < chunk) break;
        yield null;
      }
      if (walk.forward) for (const block of after) if (block.first > last) yield readerOf(block);
    },

    holding(source, ordinal) {
      const held = waiting(source).find(({ first, last }) => first <= ordinal && ordinal <= last);
      if (held) return readerOf(held);
      const row = sql.holding.get(source, ordinal);
      return row && num(row, 'last') >= ordinal ? opener(num(row, 'id')) : null;
    },

    extents(source, stream, epoch, from, forward) {
      const place: SqlValue = from ?? (forward ? -1 : Number.MAX_SAFE_INTEGER);
      const rows = (forward ? sql.extentsUp : sql.extentsDown).all(source, stream, epoch, place);
      const settled = rows.map((row) => ({ open: opener(num(row, 'block')), edge: num(row, 'edge') }));
      const held = waiting(source).flatMap((block) =>
        block.extents.flatMap(([name, of, low, high]) => {
          const reaches = name === stream && of === epoch && (from === null || (forward ? high > from : low < from));
          return reaches ? [{ open: readerOf(block), edge: forward ? low : high }] : [];
        }),
      );
      if (held.length === 0) return settled;
      return [...settled, ...held].sort((a, b) => (forward ? a.edge - b.edge : b.edge - a.edge));
    },

    gapsAround: createGapReader(db),

    total(source) {
      return waiting(source).reduce((sum, { count }) => sum + count, num(sql.total.get(source), 'events'));
    },

    timeRange(source) {
      const row = sql.times.get(source);
      const held = waiting(source);
      const settled = typeof row?.start === 'number' ? [{ firstAt: row.start, lastAt: num(row, 'end') }] : [];
      const all = [...settled, ...held];
      if (all.length === 0) return null;
      return {
        start: Math.min(...all.map(({ firstAt }) => firstAt)),
        end: Math.max(...all.map(({ lastAt }) => lastAt)),
      };
    },
  };
}

function readerOf({ head, text }: SourceBlock): OpenBlock {
  return () => new BlockReader(head, text);
}

/** Reads a block from its row (`packed`, `head`, `text`). Throws on a malformed one. */
export function openBlock(row: SqlRow): BlockReader {
  const head = blob(row, 'head');
  const text = blob(row, 'text');
  return num(row, 'packed') === 0
    ? new BlockReader(head, text)
    : new BlockReader(inflateRawSync(head), inflateRawSync(text));
}
