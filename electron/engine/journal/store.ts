import type { Transition } from '../../../shared/connection';
import { noCounters, type SourceCounters } from '../../../shared/view';
import type { AlertMark } from '../core/alerts';
import type { KeyChange } from '../core/delivery';
import type { RestoredSource, RollupIncrement } from '../core/journal';
import { createAlertWriter } from './alert-rows';
import type { Database } from './database';
import { num, str } from './database';
import { createGapWriter, gapOf } from './gap-rows';
import type { Group, SourceBlock, SourceCommit } from './messages';
import { createPlaces } from './places';
import type { RawBlocks } from './raw-blocks';
import { levelsOf } from './rollups';
import type { SalvagedSource } from './salvage';

/** Two events of a source would share an ordinal: pages could not tell them apart. */
export class OrdinalsTaken extends Error {
  constructor(source: string, first: number, last: number) {
    super(`ordinal ${first} of ${source} is given out a second time: ${last} is stored`);
  }
}

/** The writing half of the journal over an open, migrated database. Synchronous; knows no thread, file or clock. */
export interface Store {
  /** No run has begun with this file yet: whatever lies beside it may still have to be told of. */
  readonly untouched: boolean;
  /** Notes that the application runs from now on. Answers whether the last run ended by itself (true for a new file). */
  beginRun(at: number): boolean;
  alive(at: number): void;
  endRun(at: number): void;
  /** Writes a group in one transaction: all of it or, when it throws, nothing. */
  commit(group: Group): void;
  restore(source: string): RestoredSource | null;
  markSent(marks: readonly AlertMark[]): void;
  acknowledge(ids: readonly string[] | null, at: number): void;
  /** Number of a source's rows; null when nothing is stored of it. */
  sourceId(source: string): number | null;
  /** Takes a source out at once; its rows are removed in small steps later. */
  forget(source: string): void;
  /** Series were removed: their numbers are looked up again. */
  seriesGone(): void;
  setRetention(source: string, keepMs: number, keepBytes: number): void;
  /** Takes up a source whose rows went with a damaged file, with a gap for what it had there. Nothing where it is known. */
  adopt(source: SalvagedSource, at: number): void;
}

/** Prepares every statement once. `raw`: told of each block once it is committed. */
export function createStore(db: Database, raw: RawBlocks | null = null): Store {
  const sql = {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
    source: db.prepare('SELECT id FROM sources WHERE name = ?'),
    addSource: db.prepare('INSERT INTO sources (name) VALUES (?)'),
    readSource: db.prepare('SELECT * FROM sources WHERE name = ?'),
    adopt: db.prepare('UPDATE sources SET next_ordinal = ?, counters = ?, seen_at = ?, event_at = ? WHERE id = ?'),
    damage: db.prepare("SELECT * FROM gaps WHERE source = ? AND cause = 'journal-damaged' AND opened_at >= ?"),
    grow: db.prepare(
      'UPDATE sources SET events = events + ?, bytes = bytes + ?, event_at = max(coalesce(event_at, 0), ?) WHERE id = ?',
    ),
    // Attempts that fail are stored too: only bytes that came are a sign of life.
    totals: db.prepare(`
      UPDATE sources SET
        seen_at = CASE WHEN ? > coalesce(json_extract(counters, '$.bytes'), 0) THEN ? ELSE seen_at END,
        counters = ? WHERE id = ?`),
    block: db.prepare(
      'INSERT INTO blocks (source, first, last, first_at, last_at, count, bytes, packed, head, text) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)',
    ),
    lastOrdinal: db.prepare('SELECT last FROM blocks WHERE source = ? ORDER BY first DESC LIMIT 1'),
    extent: db.prepare(
      'INSERT OR REPLACE INTO extents (source, stream, epoch, low, high, block) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    openGaps: db.prepare("SELECT * FROM gaps WHERE source = ? AND status = 'open' ORDER BY opened_at, low"),
    transition: db.prepare('INSERT INTO transitions (source, at, body) VALUES (?, ?, ?)'),
    lastTransition: db.prepare('SELECT body FROM transitions WHERE source = ? ORDER BY id DESC LIMIT 1'),
    series: db.prepare('SELECT id FROM series WHERE source = ? AND name = ?'),
    addSeries: db.prepare('INSERT INTO series (source, name) VALUES (?, ?)'),
    rollup: db.prepare(`
      INSERT INTO rollups (series, seconds, start, count, sum, min, max, last) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (series, seconds, start) DO UPDATE SET count = count + excluded.count, sum = sum + excluded.sum,
        min = min(min, excluded.min), max = max(max, excluded.max), last = excluded.last`),
    keys: db.prepare('SELECT keys FROM keys WHERE source = ? ORDER BY last'),
    addKeys: db.prepare('INSERT INTO keys (source, last, keys) VALUES (?, ?, ?)'),
    dropKeys: db.prepare('DELETE FROM keys WHERE source = ?'),
    trimKeys: db.prepare('DELETE FROM keys WHERE source = ? AND last <= ?'),
    lastKey: db.prepare('SELECT max(last) AS last FROM keys WHERE source = ?'),
    countKeys: db.prepare('UPDATE sources SET key_count = ? WHERE id = ?'),
    doom: db.prepare('INSERT INTO doomed (source) VALUES (?)'),
    dropSource: db.prepare('DELETE FROM sources WHERE id = ?'),
    retention: db.prepare('UPDATE sources SET keep_ms = ?, keep_bytes = ? WHERE id = ?'),
    lastRun: db.prepare('SELECT id, ended FROM runs ORDER BY id DESC LIMIT 1'),
    addRun: db.prepare('INSERT INTO runs (started, alive) VALUES (?, ?)'),
    alive: db.prepare('UPDATE runs SET alive = max(alive, ?) WHERE id = ?'),
    endRun: db.prepare('UPDATE runs SET alive = max(alive, ?), ended = ? WHERE id = ?'),
  };
  const alerts = createAlertWriter(db);
  const places = createPlaces(db);
  const putGap = createGapWriter(db);
  let run: number | null = null;
  /** Wall clock, epoch ms, of the beginning of this run: damage found since then is news. */
  let startedAt = Number.POSITIVE_INFINITY;
  let sourceIds = new Map<string, number>();
  let seriesIds = new Map<string, number>();
  /** The last ordinal stored of each source. */
  const lastOrdinals = new Map<number, number>();

  function transaction(work: () => void): void {
    sql.begin.run();
    try {
      work();
      sql.commit.run();
    } catch (error) {
      // Ids given out inside the transaction went with it.
      sourceIds = new Map();
      seriesIds = new Map();
      places.rolledBack();
      lastOrdinals.clear();
      try {
        sql.rollback.run();
      } catch {
        // SQLite has rolled back by itself (a full disk does that).
      }
      throw error;
    }
  }

  function idOf(source: string): number {
    const known = sourceIds.get(source);
    if (known !== undefined) return known;
    const row = sql.source.get(source);
    const id = row ? num(row, 'id') : Number(sql.addSource.run(source).lastInsertRowid);
    sourceIds.set(source, id);
    return id;
  }

  function seriesOf(source: number, name: string): number {
    const key = `${source} ${name}`;
    const known = seriesIds.get(key);
    if (known !== undefined) return known;
    const row = sql.series.get(source, name);
    const id = row ? num(row, 'id') : Number(sql.addSeries.run(source, name).lastInsertRowid);
    seriesIds.set(key, id);
    return id;
  }

  function writeBlock(block: SourceBlock): void {
    const source = idOf(block.source);
    const last = lastOrdinals.get(source) ?? sql.lastOrdinal.get(source)?.last;
    if (typeof last === 'number' && block.first <= last) throw new OrdinalsTaken(block.source, block.first, last);
    lastOrdinals.set(source, block.last);
    const bytes = block.head.byteLength + block.text.byteLength;
    const { lastInsertRowid } = sql.block.run(
      source,
      block.first,
      block.last,
      block.firstAt,
      block.lastAt,
      block.count,
      bytes,
      block.head,
      block.text,
    );
    const id = Number(lastInsertRowid);
    for (const [stream, epoch, low, high] of block.extents) sql.extent.run(source, stream, epoch, low, high, id);
    sql.grow.run(block.count, bytes, block.lastAt, source);
  }

  function writeKeys(source: number, window: KeyChange): void {
    if (window.mode === 'replace') sql.dropKeys.run(source);
    const last = num(sql.lastKey.get(source), 'last') + window.keys.length;
    if (window.keys.length > 0) sql.addKeys.run(source, last, JSON.stringify(window.keys));
    // A piece goes when every key in it lies before the window.
    sql.trimKeys.run(source, last - window.size);
    sql.countKeys.run(window.size, source);
  }

  function writeSource(commit: SourceCommit, at: number): void {
    const source = idOf(commit.source);
    for (const gap of commit.gaps) putGap(source, gap);
    for (const transition of commit.transitions) sql.transition.run(source, transition.at, JSON.stringify(transition));
    writeRollups(source, commit.rollups);
    if (commit.alerts) alerts.write(source, commit.alerts);
    if (commit.checkpoint) {
      places.write(source, commit.checkpoint);
      if (commit.checkpoint.keys) writeKeys(source, commit.checkpoint.keys);
    }
    if (commit.counters) sql.totals.run(commit.counters.bytes, at, JSON.stringify(commit.counters), source);
  }

  function writeRollups(source: number, rollups: readonly RollupIncrement[]): void {
    for (const { series, seconds, start, count, sum, min, max, last } of levelsOf(rollups)) {
      sql.rollup.run(seriesOf(source, series), seconds, start, count, sum, min, max, last);
    }
  }

  function readKeys(source: number, size: number): readonly string[] {
    const keys = sql.keys.all(source).flatMap((row) => JSON.parse(str(row, 'keys')) as string[]);
    return keys.slice(Math.max(0, keys.length - size));
  }

  return {
    get untouched() {
      return sql.lastRun.get() === undefined;
    },

    beginRun(at) {
      const last = sql.lastRun.get();
      startedAt = Math.min(startedAt, at);
      run = Number(sql.addRun.run(at, at).lastInsertRowid);
      alerts.begin();
      return !last || last.ended !== null;
    },

    alive(at) {
      if (run !== null) sql.alive.run(at, run);
    },

    endRun(at) {
      if (run !== null) sql.endRun.run(at, at, run);
      run = null;
    },

    commit(group) {
      const sources = JSON.parse(group.sources) as SourceCommit[];
      transaction(() => {
        for (const block of group.blocks) writeBlock(block);
        for (const source of sources) writeSource(source, group.at);
        if (run !== null) sql.alive.run(group.at, run);
      });
      if (raw === null) return;
      for (const block of group.blocks) {
        raw.written(idOf(block.source), block.count, block.head.byteLength + block.text.byteLength);
      }
    },

    restore(source) {
      const row = sql.readSource.get(source);
      if (!row) return null;
      const id = num(row, 'id');
      const last = sql.lastTransition.get(id);
      const place = places.read(id, row);
      const damage = sql.damage.all(id, startedAt).map(gapOf);
      return {
        checkpoint:
          place !== null
            ? {
                ...place,
                openGaps: sql.openGaps.all(id).map(gapOf),
                recentKeys: readKeys(id, num(row, 'key_count')),
                nextOrdinal: num(row, 'next_ordinal'),
              }
            : null,
        counters: row.counters === null ? noCounters : (JSON.parse(str(row, 'counters')) as SourceCounters),
        lastTransition: last ? (JSON.parse(str(last, 'body')) as Transition) : null,
        lastSeenAt: row.seen_at === null ? null : num(row, 'seen_at'),
        lastEventAt: row.event_at === null ? null : num(row, 'event_at'),
        alertStates: alerts.states(id),
        ...(damage.length > 0 ? { damage } : {}),
      };
    },

    markSent(marks) {
      transaction(() => alerts.markSent(marks));
    },

    acknowledge(ids, at) {
      transaction(() => alerts.acknowledge(ids, at));
    },

    sourceId(source) {
      const row = sql.source.get(source);
      return row ? num(row, 'id') : null;
    },

    forget(source) {
      const row = sql.source.get(source);
      if (!row) return;
      transaction(() => {
        alerts.forget(num(row, 'id'));
        sql.doom.run(num(row, 'id'));
        sql.dropSource.run(num(row, 'id'));
      });
      sourceIds.delete(source);
    },

    adopt({ name, row, held }, at) {
      startedAt = Math.min(startedAt, at);
      if (sql.source.get(name)) return;
      transaction(() => {
        const source = idOf(name);
        if (row) sql.adopt.run(row.nextOrdinal, row.counters, row.seenAt, row.eventAt, source);
        if (row?.place) {
          const { resume, pastEpochs } = row.place;
          const { positions, token } = resume;
          places.write(source, { positions, whole: true, token, keys: null, pastEpochs, nextOrdinal: row.nextOrdinal });
        }
        const lost = { to: null, status: 'lost', cause: 'journal-damaged', openedAt: at, closedAt: at } as const;
        held.forEach((from, index) => {
          putGap(source, { id: `damaged-${at}-${index}`, ...from, ...lost, before: row?.nextOrdinal ?? 0 });
        });
      });
    },

    seriesGone: () => seriesIds.clear(),

    setRetention(source, keepMs, keepBytes) {
      sql.retention.run(keepMs, keepBytes, idOf(source));
    },
  };
}
