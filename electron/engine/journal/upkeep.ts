import { deflateRawSync } from 'node:zlib';
import { createAlertEviction } from './alert-rows';
import type { EncodedBlock } from './block';
import { blockChars, blockEvents } from './block';
import { BlockEncoder } from './block-encoder';
import { BlockReader } from './block-reader';
import { openBlock } from './blocks';
import type { Database, SqlRow } from './database';
import { num } from './database';
import { createHistoryEviction, historyLimits } from './history-eviction';
import type { Retention } from './messages';
import type { RawBlocks } from './raw-blocks';
import { rollupRetention } from './rollups';
import { filterOfBlock } from './words';

/**
 * What the journal does in idle time, a few milliseconds at a step, each step a transaction of its own:
 * removing forgotten sources, evicting what is too old or too much, and packing: small blocks become one, deflated and
 * with a word filter, so that neither ingest nor the disk pays for search.
 */
export interface Upkeep {
  /** One step; false when there is nothing left to do just now. */
  step(at: number): boolean;
}

/** Rows removed at one step. */
const removeRows = 64;
const removeRollups = 2_000;
/** Pages given back to the file system at one step. */
const vacuumPages = 256;
/** Eviction looks again after this long, ms. */
const evictEveryMs = 10_000;
const evictRollupsEveryMs = 600_000;
/** Levels of series looked at in one step. */
const rollupPlaces = 32;
/** Raw blocks looked at for one packed one. */
const packRows = blockEvents;
/**
 * Sources packed in one transaction. Blocks of slow sources lie mixed, a few of each on a page: those that go together
 * are taken off their pages at once.
 */
const packedTogether = 4;

interface RawGroup {
  readonly source: number;
  readonly ids: readonly number[];
  readonly count: number;
  readonly bytes: number;
}

/** `raw`: what is to be packed. `seriesGone`: numbers of series are no longer those of their names. */
export function createUpkeep(db: Database, retention: Retention, raw: RawBlocks, seriesGone: () => void): Upkeep {
  const sql = {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
    doomed: db.prepare('SELECT source FROM doomed LIMIT 1'),
    undoom: db.prepare('DELETE FROM doomed WHERE source = ?'),
    sources: db.prepare('SELECT id, events, bytes, keep_ms, keep_bytes FROM sources'),
    oldestIds: db.prepare('SELECT id FROM blocks WHERE source = ? ORDER BY first LIMIT ?'),
    oldest: db.prepare('SELECT id, count, bytes, last_at FROM blocks WHERE source = ? ORDER BY first LIMIT ?'),
    dropBlock: db.prepare('DELETE FROM blocks WHERE id = ?'),
    dropFilter: db.prepare('DELETE FROM filters WHERE block = ?'),
    dropExtents: db.prepare('DELETE FROM extents WHERE block = ?'),
    evicted: db.prepare(`UPDATE sources SET events = events - ?, bytes = bytes - ?,
      evicted_events = evicted_events + ?, evicted_bytes = evicted_bytes + ? WHERE id = ?`),
    grown: db.prepare('UPDATE sources SET bytes = bytes + ? WHERE id = ?'),
    raw: db.prepare(`SELECT id, first, last, count, bytes FROM blocks INDEXED BY blocks_to_pack
      WHERE packed = 0 AND source = ? ORDER BY first LIMIT ?`),
    // Many small blocks at once: a statement for each costs more than what is in them.
    read: db.prepare(
      'SELECT packed, head, text, bytes FROM blocks WHERE id IN (SELECT value FROM json_each(?)) ORDER BY first',
    ),
    dropRaw: db.prepare('DELETE FROM blocks WHERE id IN (SELECT value FROM json_each(?))'),
    dropRawExtents: db.prepare('DELETE FROM extents WHERE block IN (SELECT value FROM json_each(?))'),
    insert: db.prepare(`INSERT INTO blocks (source, first, last, first_at, last_at, count, bytes, packed, head, text)
      VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?)`),
    extent: db.prepare(
      'INSERT OR REPLACE INTO extents (source, stream, epoch, low, high, block) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    filter: db.prepare('INSERT INTO filters (block, bits) VALUES (?, ?)'),
    dropTransitions: db.prepare(
      'DELETE FROM transitions WHERE id IN (SELECT id FROM transitions WHERE source = ? LIMIT 1000)',
    ),
    dropGaps: db.prepare('DELETE FROM gaps WHERE source = ?'),
    dropKeys: db.prepare('DELETE FROM keys WHERE source = ?'),
    dropPositions: db.prepare('DELETE FROM positions WHERE source = ?'),
    seriesOf: db.prepare('SELECT id FROM series WHERE source = ?'),
    allSeries: db.prepare('SELECT id FROM series'),
    dropSeries: db.prepare('DELETE FROM series WHERE id = ?'),
    dropRollups: db.prepare(`DELETE FROM rollups WHERE (series, seconds, start) IN
      (SELECT series, seconds, start FROM rollups WHERE series = ? LIMIT ${removeRollups})`),
    ageRollups: db.prepare(`DELETE FROM rollups WHERE (series, seconds, start) IN
      (SELECT series, seconds, start FROM rollups WHERE series = ? AND seconds = ? AND start < ? LIMIT ${removeRollups})`),
    free: db.prepare('PRAGMA freelist_count'),
    pages: db.prepare('PRAGMA page_count'),
  };
  const encoder = new BlockEncoder();
  const evictAlerts = createAlertEviction(db);
  const history = createHistoryEviction(db, { retention, limits: historyLimits, transaction, seriesGone });
  let nextEviction = 0;
  let nextRollups = 0;
  /** Levels of series still to be looked at in this round of eviction. */
  const rollupRound: { readonly series: number; readonly seconds: number; readonly keepMs: number }[] = [];

  function transaction<T>(work: () => T): T {
    sql.begin.run();
    try {
      const result = work();
      sql.commit.run();
      return result;
    } catch (error) {
      try {
        sql.rollback.run();
      } catch {
        // Rolled back by SQLite itself.
      }
      throw error;
    }
  }

  function dropBlock(id: number): void {
    sql.dropBlock.run(id);
    sql.dropFilter.run(id);
    sql.dropExtents.run(id);
  }

  function removeDoomed(): boolean {
    const row = sql.doomed.get();
    if (!row) return false;
    const source = num(row, 'source');
    transaction(() => {
      const ids = sql.oldestIds.all(source, removeRows);
      for (const { id } of ids) dropBlock(Number(id));
      if (ids.length > 0) return;
      if (Number(sql.dropTransitions.run(source).changes) > 0) return;
      const series = sql.seriesOf.get(source);
      if (series) {
        if (Number(sql.dropRollups.run(num(series, 'id')).changes) === 0) sql.dropSeries.run(num(series, 'id'));
        return;
      }
      sql.dropGaps.run(source);
      sql.dropKeys.run(source);
      sql.dropPositions.run(source);
      sql.undoom.run(source);
    });
    return true;
  }

  /** Evicts from one source that has too much; true when it did. */
  function evictEvents(at: number): boolean {
    for (const row of sql.sources.all()) {
      const source = num(row, 'id');
      const before = at - (typeof row.keep_ms === 'number' ? row.keep_ms : retention.ageMs);
      let over = num(row, 'bytes') - (typeof row.keep_bytes === 'number' ? row.keep_bytes : retention.bytes);
      const [oldest] = sql.oldest.all(source, 1);
      if (!oldest || (over <= 0 && num(oldest, 'last_at') >= before)) continue;
      const gone: SqlRow[] = [];
      for (const block of sql.oldest.all(source, removeRows)) {
        if (over <= 0 && num(block, 'last_at') >= before) break;
        gone.push(block);
        over -= num(block, 'bytes');
      }
      dropBlocks(source, gone);
      return true;
    }
    return false;
  }

  function dropBlocks(source: number, gone: readonly SqlRow[]): void {
    transaction(() => {
      let events = 0;
      let bytes = 0;
      for (const block of gone) {
        dropBlock(num(block, 'id'));
        events += num(block, 'count');
        bytes += num(block, 'bytes');
      }
      sql.evicted.run(events, bytes, events, bytes, source);
    });
  }

  function evictRollups(at: number): boolean {
    if (rollupRound.length === 0) return false;
    for (let turn = 0; turn < rollupPlaces; turn++) {
      const place = rollupRound[rollupRound.length - 1];
      if (!place) break;
      const removed = Number(sql.ageRollups.run(place.series, place.seconds, at - place.keepMs).changes);
      if (removed < removeRollups) rollupRound.pop();
      if (removed > 0) break;
    }
    return true;
  }

  function beginRollupRound(): void {
    for (const row of sql.allSeries.all()) {
      for (const [seconds, keepMs] of Object.entries(rollupRetention)) {
        rollupRound.push({ series: num(row, 'id'), seconds: Number(seconds), keepMs });
      }
    }
  }

  function evict(at: number): boolean {
    if (evictRollups(at) || history.step(at)) return true;
    // A clock set back must not put eviction off for as long as it had been ahead.
    if (at >= nextEviction || nextEviction - at > evictEveryMs) {
      if (evictEvents(at)) return true;
      nextEviction = at + evictEveryMs;
    }
    if (at >= nextRollups || nextRollups - at > evictRollupsEveryMs) {
      beginRollupRound();
      nextRollups = at + evictRollupsEveryMs;
      evictAlerts(at);
      history.begin();
      return true;
    }
    return false;
  }

  function pack(): boolean {
    for (let sources = raw.next(packedTogether); sources.length > 0; sources = raw.next(packedTogether)) {
      const groups = sources.flatMap((source) => groupOf(source) ?? []);
      if (groups.length === 0) continue;
      transaction(() => {
        for (const group of groups) packInto(group);
      });
      for (const { source, count, bytes } of groups) raw.packed(source, count, bytes);
      return true;
    }
    return false;
  }

  /** Raw blocks of a source that become one; null when they are too few. */
  function groupOf(source: number): RawGroup | null {
    const ids: number[] = [];
    let last = Number.NEGATIVE_INFINITY;
    let count = 0;
    let bytes = 0;
    for (const block of sql.raw.all(source, packRows)) {
      const more = num(block, 'count');
      // Files of older versions may hold blocks that overlap: those stay apart.
      if (ids.length > 0 && (count + more > blockEvents || num(block, 'first') <= last)) {
        return { source, ids, count, bytes };
      }
      ids.push(num(block, 'id'));
      last = num(block, 'last');
      count += more;
      bytes += num(block, 'bytes');
      if (count >= blockEvents || bytes >= blockChars) return { source, ids, count, bytes };
    }
    // Some of it was evicted or removed.
    raw.left(source, count, bytes);
    return null;
  }

  function packInto({ source, ids }: RawGroup): void {
    const packed: EncodedBlock[] = [];
    let gone = 0;
    const which = JSON.stringify(ids);
    for (const row of sql.read.all(which)) {
      gone += num(row, 'bytes');
      const block = openBlock(row);
      for (let at = 0; at < block.count; at++) {
        if (encoder.full) packed.push(encoder.finish());
        encoder.add(block.event(at));
      }
    }
    sql.dropRaw.run(which);
    sql.dropRawExtents.run(which);
    if (encoder.count > 0) packed.push(encoder.finish());
    let grown = 0;
    for (const block of packed) grown += insert(source, block);
    sql.grown.run(grown - gone, source);
  }

  /** How many bytes it takes. */
  function insert(source: number, block: EncodedBlock): number {
    const head = deflateRawSync(block.head, { level: 1 });
    const text = deflateRawSync(block.text, { level: 1 });
    const filter = filterOfBlock(new BlockReader(block.head, block.text));
    const bytes = head.byteLength + text.byteLength + filter.byteLength;
    const { lastInsertRowid } = sql.insert.run(
      source,
      block.first,
      block.last,
      block.firstAt,
      block.lastAt,
      block.count,
      bytes,
      head,
      text,
    );
    const id = Number(lastInsertRowid);
    for (const [stream, epoch, low, high] of block.extents) sql.extent.run(source, stream, epoch, low, high, id);
    sql.filter.run(id, filter);
    return bytes;
  }

  /** Gives free pages back once they are a quarter of the file. */
  function shrink(): boolean {
    const free = num(sql.free.get(), 'freelist_count');
    if (free < vacuumPages * 4 || free * 4 < num(sql.pages.get(), 'page_count')) return false;
    db.exec(`PRAGMA incremental_vacuum(${vacuumPages})`);
    return true;
  }

  return {
    step(at) {
      return removeDoomed() || evict(at) || pack() || shrink();
    },
  };
}
