import type { Database } from './database';
import { num } from './database';
import type { Retention } from './messages';

/** What of a source's history is kept besides events. */
export interface HistoryLimits {
  /** Transitions are kept as long as minutes of measurements, ms, and no more than so many. */
  readonly transitionsMs: number;
  readonly transitions: number;
  /** Gaps that are closed are kept as long as events, and no more than so many. */
  readonly gaps: number;
  /** Series that were ever measured: each run may have measured others. */
  readonly series: number;
  /** Rows removed at one step. */
  readonly rows: number;
}

export const historyLimits: HistoryLimits = {
  transitionsMs: 183 * 86_400_000,
  transitions: 100_000,
  gaps: 50_000,
  series: 1_000,
  rows: 1_000,
};

/** Evicts what a source leaves besides events and measurements, so that no table grows with the age of the file. */
export interface HistoryEviction {
  /** Every source is looked at again. */
  begin(): void;
  /** One transaction's worth; false when this round is over. */
  step(at: number): boolean;
}

export interface HistoryEvictionDeps {
  readonly retention: Retention;
  readonly limits: HistoryLimits;
  /** Runs work in one transaction. */
  transaction<T>(work: () => T): T;
  /** Whoever knows numbers of series by their names must ask again. */
  seriesGone(): void;
}

export function createHistoryEviction(db: Database, deps: HistoryEvictionDeps): HistoryEviction {
  const { retention, limits, transaction, seriesGone } = deps;
  const sql = {
    sources: db.prepare('SELECT id, keep_ms FROM sources'),
    oldGaps: db.prepare(`DELETE FROM gaps WHERE (source, id) IN (SELECT source, id FROM gaps
      WHERE source = ?1 AND opened_at < ?2 AND status <> 'open' AND coalesce(closed_at, opened_at) < ?2 LIMIT ?3)`),
    gapAt: db.prepare('SELECT opened_at FROM gaps WHERE source = ? ORDER BY opened_at DESC LIMIT 1 OFFSET ?'),
    moreGaps: db.prepare(`DELETE FROM gaps WHERE (source, id) IN (SELECT source, id FROM gaps
      WHERE source = ? AND opened_at <= ? AND status <> 'open' ORDER BY opened_at LIMIT ?)`),
    oldest: db.prepare('SELECT id, at FROM transitions WHERE source = ? ORDER BY id LIMIT ?'),
    transitionAt: db.prepare('SELECT id FROM transitions WHERE source = ? ORDER BY id DESC LIMIT 1 OFFSET ?'),
    dropTransitions: db.prepare(`DELETE FROM transitions WHERE id IN
      (SELECT id FROM transitions WHERE source = ? AND id <= ? ORDER BY id LIMIT ?)`),
    countSeries: db.prepare('SELECT count(*) AS n FROM series WHERE source = ?'),
    // Of those that nothing was measured of for longest; what is half removed comes first.
    stalestSeries: db.prepare(`SELECT id FROM series WHERE source = ?
      ORDER BY (SELECT max(start) FROM rollups WHERE series = series.id AND seconds = 3600) LIMIT 1`),
    dropRollups: db.prepare(`DELETE FROM rollups WHERE (series, seconds, start) IN
      (SELECT series, seconds, start FROM rollups WHERE series = ? LIMIT ?)`),
    dropSeries: db.prepare('DELETE FROM series WHERE id = ?'),
  };
  let round: { readonly source: number; readonly keepMs: number }[] = [];

  /** Transitions up to this id are of no use; 0: all are. The last one before a time says what was so at that time. */
  function uselessUpTo(source: number, before: number): number {
    let last = 0;
    let useless = 0;
    for (const row of sql.oldest.all(source, limits.rows)) {
      if (num(row, 'at') >= before) break;
      useless = last;
      last = num(row, 'id');
    }
    const over = sql.transitionAt.get(source, limits.transitions);
    return Math.max(useless, over ? num(over, 'id') : 0);
  }

  function dropSeries(source: number): number {
    if (num(sql.countSeries.get(source), 'n') <= limits.series) return 0;
    const row = sql.stalestSeries.get(source);
    if (!row) return 0;
    const removed = Number(sql.dropRollups.run(num(row, 'id'), limits.rows).changes);
    if (removed === limits.rows) return removed;
    sql.dropSeries.run(num(row, 'id'));
    seriesGone();
    return removed + 1;
  }

  /** How many rows of a source went. */
  function evict(source: number, keepMs: number, at: number): number {
    let gone = Number(sql.oldGaps.run(source, at - keepMs, limits.rows).changes);
    const over = sql.gapAt.get(source, limits.gaps);
    if (over) gone += Number(sql.moreGaps.run(source, num(over, 'opened_at'), limits.rows).changes);
    const useless = uselessUpTo(source, at - limits.transitionsMs);
    if (useless > 0) gone += Number(sql.dropTransitions.run(source, useless, limits.rows).changes);
    return gone + dropSeries(source);
  }

  return {
    begin() {
      round = sql.sources.all().map((row) => {
        const keepMs = typeof row.keep_ms === 'number' ? row.keep_ms : retention.ageMs;
        return { source: num(row, 'id'), keepMs };
      });
    },
    step(at) {
      const place = round[round.length - 1];
      if (!place) return false;
      if (transaction(() => evict(place.source, place.keepMs, at)) === 0) round.pop();
      return true;
    },
  };
}
