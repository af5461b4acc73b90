import type { Transition } from '../../../shared/connection';
import { noCounters, type SourceCounters } from '../../../shared/view';
import type { AlertMark } from '../core/alerts';
import type { RestoredSource } from '../core/journal';
import { createAlertWriter } from './alert-rows';
import type { Database } from './database';
import { num, str } from './database';
import { createGapWriter, gapOf } from './gap-rows';
import { createGroupWriter } from './group-writer';
import type { Group } from './messages';
import { createPlaces } from './places';
import type { RawBlocks } from './raw-blocks';
import type { SalvagedSource } from './salvage';
import { type HeldGroup, openUnsettled, type Unsettled } from './unsettled';
import { withUnstored } from './unstored';

/** The writing half of the journal over an open, migrated database. Synchronous; knows no thread, file or clock. */
export interface Store {
  /** No run has begun with this file yet: whatever lies beside it may still have to be told of. */
  readonly untouched: boolean;
  /** Notes that the application runs from now on. Answers whether the last run ended by itself (true for a new file). */
  beginRun(at: number): boolean;
  alive(at: number): void;
  endRun(at: number): void;
  /**
   * Writes a group in one transaction: all of it or, when it throws, nothing. A small one waits in a row of its own until
   * it is settled with others; so that happens now and then with one that comes, whether it is small or not.
   */
  commit(group: Group): void;
  /** Brings what waits into the rows it belongs to; `due`: only where it has waited long enough. False where nothing was to be done. */
  settle(at: number, due: boolean): boolean;
  /** Lets go of what waits and cannot be settled, with a gap for what was in it. */
  letGo(at: number): void;
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

/** Prepares every statement once. `raw`: told of each block that stands in its row. */
export function createStore(
  db: Database,
  raw: RawBlocks | null = null,
  unsettled: Unsettled = openUnsettled(db),
): Store {
  const sql = {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
    source: db.prepare('SELECT id FROM sources WHERE name = ?'),
    addSource: db.prepare('INSERT INTO sources (name) VALUES (?)'),
    readSource: db.prepare('SELECT * FROM sources WHERE name = ?'),
    adopt: db.prepare('UPDATE sources SET next_ordinal = ?, counters = ?, seen_at = ?, event_at = ? WHERE id = ?'),
    damage: db.prepare("SELECT * FROM gaps WHERE source = ? AND cause = 'journal-damaged' AND opened_at >= ?"),
    openGaps: db.prepare("SELECT * FROM gaps WHERE source = ? AND status = 'open' ORDER BY opened_at, low"),
    lastTransition: db.prepare('SELECT body FROM transitions WHERE source = ? ORDER BY id DESC LIMIT 1'),
    keys: db.prepare('SELECT keys FROM keys WHERE source = ? ORDER BY last'),
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
  const groups = createGroupWriter({ db, places, alerts, idOf, unsettled, raw });
  let run: number | null = null;
  /** Wall clock, epoch ms, of the beginning of this run: damage found since then is news. */
  let startedAt = Number.POSITIVE_INFINITY;
  let sourceIds = new Map<string, number>();

  function transaction(work: () => void): void {
    sql.begin.run();
    try {
      work();
      sql.commit.run();
    } catch (error) {
      // Ids given out inside the transaction went with it.
      sourceIds = new Map();
      places.rolledBack();
      groups.rolledBack();
      try {
        sql.rollback.run();
      } catch {
        // SQLite has rolled back by itself (a full disk does that).
      }
      throw error;
    }
    groups.committed();
  }

  function idOf(source: string): number {
    const known = sourceIds.get(source);
    if (known !== undefined) return known;
    const row = sql.source.get(source);
    const id = row ? num(row, 'id') : Number(sql.addSource.run(source).lastInsertRowid);
    sourceIds.set(source, id);
    return id;
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
      if (unsettled.groups.length > 0) transaction(groups.settle);
      if (run !== null) sql.endRun.run(at, at, run);
      run = null;
    },

    commit(group) {
      transaction(() => {
        groups.write(group);
        if (run !== null) sql.alive.run(group.at, run);
      });
    },

    settle(at, due) {
      if (unsettled.groups.length === 0 || (due && !groups.isDue(at))) return false;
      transaction(groups.settle);
      return true;
    },

    letGo(at) {
      transaction(() => {
        for (const { source, blocks } of groups.letGo()) {
          const [first] = blocks;
          if (!first) continue;
          const id = `unsettled-${at}-${first.first}`;
          const lost = { to: null, status: 'lost', cause: 'journal-damaged', openedAt: at, closedAt: at } as const;
          putGap(idOf(source), { id, stream: '', epoch: '', from: 0, ...lost, before: first.first });
        }
      });
    },

    restore(source) {
      const row = sql.readSource.get(source);
      if (!row) return null;
      const id = num(row, 'id');
      const last = sql.lastTransition.get(id);
      const place = places.read(id, row);
      const damage = sql.damage.all(id, startedAt).map(gapOf);
      const settledPlace: RestoredSource = {
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
      return withHeld(settledPlace, source, unsettled.groups);
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
        groups.settle();
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

    seriesGone: groups.seriesGone,

    setRetention(source, keepMs, keepBytes) {
      sql.retention.run(keepMs, keepBytes, idOf(source));
    },
  };
}

/** What is stored of a source, with what waits to be settled. */
function withHeld(stored: RestoredSource, source: string, groups: readonly HeldGroup[]): RestoredSource {
  let whole = stored;
  for (const { at, sources } of groups) {
    const commits = sources.filter((commit) => commit.source === source);
    const bytes = whole.counters.bytes;
    const moved = withUnstored(whole, commits) ?? whole;
    whole = moved.counters.bytes > bytes ? { ...moved, lastSeenAt: at } : moved;
  }
  return whole;
}
