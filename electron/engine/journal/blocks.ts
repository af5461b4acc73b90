import { inflateRawSync } from 'node:zlib';
import type { EventRow } from '../../../shared/event';
import type { Gap } from '../../../shared/gap';
import { BlockReader } from './block-reader';
import type { Database, SqlRow, SqlValue } from './database';
import { blob, num } from './database';
import { createGapReader, type Stretch } from './gap-rows';
import type { EventFilter } from './scan';
import { mayHold, wordHashes } from './words';

/** Reads blocks and what is indexed of them. */
export interface Blocks {
  /**
   * Ids of the blocks that may hold matching events, in order of delivery. `null` stands for a stretch of blocks in
   * which nothing can match: time has passed, look whether something more urgent waits.
   */
  walk(source: number, walk: Walk): Generator<number | null, void, void>;
  read(id: number): BlockReader;
  /** The block that would hold an ordinal; null when none does. */
  holding(source: number, ordinal: number): number | null;
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
  ): readonly { readonly block: number; readonly edge: number }[];
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

export function createBlocks(db: Database): Blocks {
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
    total: db.prepare('SELECT events FROM sources WHERE id = ?'),
    times: db.prepare('SELECT min(first_at) AS start, max(last_at) AS end FROM blocks WHERE source = ?'),
  };

  function walkStatement(direction: 'ASC' | 'DESC', bits: boolean) {
    // With the id, since files of older versions may hold blocks that begin with the same ordinal.
    const beyond = `(b.first, b.id) ${direction === 'ASC' ? '>' : '<'} (?, ?)`;
    return db.prepare(`
      SELECT b.id, b.first, ${bits ? 'f.bits' : 'NULL'} AS bits
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

  function read(id: number): BlockReader {
    const row = sql.body.get(id);
    if (!row) throw new RangeError(`block ${id} is gone`);
    return openBlock(row);
  }

  return {
    *walk(source, walk) {
      const hashes = wordHashes(walk.filter.terms);
      const statement = walk.forward
        ? hashes.length > 0
          ? sql.upWithBits
          : sql.up
        : hashes.length > 0
          ? sql.downWithBits
          : sql.down;
      const { since, before } = walk.filter;
      let place = start(source, walk);
      let id = walk.forward ? Number.MAX_SAFE_INTEGER : 0;
      for (let chunk = firstChunk; ; chunk = Math.min(chunk * 2, largestChunk)) {
        const rows = statement.all(source, place, id, since, since, before, before, chunk);
        for (const row of rows) {
          place = num(row, 'first');
          id = num(row, 'id');
          if (row.bits instanceof Uint8Array && !mayHold(row.bits, hashes)) continue;
          yield id;
        }
        if (rows.length < chunk) return;
        yield null;
      }
    },

    read,

    holding(source, ordinal) {
      const row = sql.holding.get(source, ordinal);
      return row && num(row, 'last') >= ordinal ? num(row, 'id') : null;
    },

    extents(source, stream, epoch, from, forward) {
      const place: SqlValue = from ?? (forward ? -1 : Number.MAX_SAFE_INTEGER);
      const rows = (forward ? sql.extentsUp : sql.extentsDown).all(source, stream, epoch, place);
      return rows.map((row) => ({ block: num(row, 'block'), edge: num(row, 'edge') }));
    },

    gapsAround: createGapReader(db),

    total(source) {
      return num(sql.total.get(source), 'events');
    },

    timeRange(source) {
      const row = sql.times.get(source);
      return typeof row?.start === 'number' ? { start: row.start, end: num(row, 'end') } : null;
    },
  };
}

/** Reads a block from its row (`packed`, `head`, `text`). Throws on a malformed one. */
export function openBlock(row: SqlRow): BlockReader {
  const head = blob(row, 'head');
  const text = blob(row, 'text');
  return num(row, 'packed') === 0
    ? new BlockReader(head, text)
    : new BlockReader(inflateRawSync(head), inflateRawSync(text));
}
