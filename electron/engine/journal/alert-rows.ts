import type { Alert } from '../../../shared/alert';
import type { AlertEntry, AlertMark, AlertRuleState } from '../core/alerts';
import type { Database, SqlRow } from './database';
import { lazy, num, str } from './database';
import { versionOf } from './schema';

/** Version of the schema that has alerts first. */
const firstVersion = 2;
/** Ended alerts kept, and how long, ms: 400 days. */
export const keptAlerts = 10_000;
const keptAlertsMs = 400 * 86_400_000;

const columns = `alerts.id, sources.name AS source, rule, alerts.name, severity, text, raised_at, ended_at,
  acknowledged_at, ordinal, count, sent, before_restart, may_repeat
  FROM alerts JOIN sources ON sources.id = alerts.source`;

/** Reads alerts, newest first. */
export function createAlertReader(db: Database): {
  page(before: number | null, limit: number): readonly Alert[];
  open(limit: number): readonly Alert[];
} {
  // Of several that were raised at one moment either all are on a page or none: the next one begins before that moment.
  const page = lazy(
    db,
    `SELECT ${columns} WHERE raised_at < ?1 AND raised_at >= coalesce(
      (SELECT raised_at FROM alerts WHERE raised_at < ?1 ORDER BY raised_at DESC LIMIT 1 OFFSET ?2), -1e300)
      ORDER BY raised_at DESC, number DESC`,
  );
  const open = lazy(
    db,
    `SELECT ${columns} WHERE ended_at IS NULL OR acknowledged_at IS NULL OR sent = 0
      ORDER BY raised_at DESC, number DESC LIMIT ?`,
  );
  return {
    page: (before, limit) =>
      page()
        .all(before ?? Number.MAX_VALUE, limit - 1)
        .map(alertOf),
    open: (limit) => open().all(limit).map(alertOf),
  };
}

/** Writes alerts; each call is a part of a transaction of the caller. */
export interface AlertWriter {
  /** A run begins: what is due was raised in an earlier one. */
  begin(): void;
  write(source: number, entry: AlertEntry): void;
  states(source: number): readonly AlertRuleState[];
  markSent(marks: readonly AlertMark[]): void;
  acknowledge(ids: readonly string[] | null, at: number): void;
  forget(source: number): void;
}

/** See `AlertWriter`. */
export function createAlertWriter(db: Database): AlertWriter {
  const sql = {
    begin: lazy(db, 'UPDATE alerts SET before_restart = 1 WHERE sent = 0'),
    // Of one that is there, whether anybody was told or saw it is not the rule's to say. One that is not, though it was
    // raised before (in a file that was damaged, or from memory), is news to nobody.
    put: lazy(
      db,
      `INSERT INTO alerts (id, source, rule, name, severity, text, raised_at, ended_at, ordinal, count, sent)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, count = excluded.count, text = excluded.text`,
    ),
    states: lazy(db, 'SELECT state FROM alert_states WHERE source = ? ORDER BY rule'),
    putState: lazy(db, 'INSERT OR REPLACE INTO alert_states (source, rule, state) VALUES (?, ?, ?)'),
    dropState: lazy(db, 'DELETE FROM alert_states WHERE source = ? AND rule = ?'),
    sent: lazy(db, 'UPDATE alerts SET sent = 1, before_restart = ?, may_repeat = ? WHERE id = ?'),
    seen: lazy(db, 'UPDATE alerts SET acknowledged_at = ? WHERE id = ? AND acknowledged_at IS NULL'),
    allSeen: lazy(db, 'UPDATE alerts SET acknowledged_at = ?1 WHERE acknowledged_at IS NULL AND raised_at <= ?1'),
    forget: lazy(db, 'DELETE FROM alerts WHERE source = ?'),
    forgetStates: lazy(db, 'DELETE FROM alert_states WHERE source = ?'),
  };
  return {
    begin: () => void sql.begin().run(),
    write(source, { changes, states }) {
      for (const { alert, raised } of changes) {
        const { id, rule, name, severity, text, raisedAt, endedAt, ordinal, count } = alert;
        sql.put().run(id, source, rule, name, severity, text, raisedAt, endedAt, ordinal, count, raised ? 0 : 1);
      }
      for (const { rule, state } of states) {
        if (state) sql.putState().run(source, rule, JSON.stringify(state));
        else sql.dropState().run(source, rule);
      }
    },
    states(source) {
      if (versionOf(db) < firstVersion) return [];
      const rows = sql.states().all(source);
      return rows.map((row) => JSON.parse(str(row, 'state')) as AlertRuleState);
    },
    markSent(marks) {
      for (const { id, beforeRestart, mayRepeat } of marks)
        sql.sent().run(beforeRestart ? 1 : 0, mayRepeat ? 1 : 0, id);
    },
    acknowledge(ids, at) {
      if (ids === null) sql.allSeen().run(at);
      else for (const id of ids) sql.seen().run(at, id);
    },
    forget(source) {
      sql.forget().run(source);
      sql.forgetStates().run(source);
    },
  };
}

/** Removes ended alerts that are too old or too many. What lasts stays: its rule still counts on it. */
export function createAlertEviction(db: Database): (at: number) => void {
  const evict = lazy(
    db,
    `DELETE FROM alerts WHERE ended_at IS NOT NULL AND (raised_at < ? OR raised_at < coalesce(
      (SELECT raised_at FROM alerts ORDER BY raised_at DESC LIMIT 1 OFFSET ?), -1e300))`,
  );
  return (at) => void evict().run(at - keptAlertsMs, keptAlerts - 1);
}

function alertOf(row: SqlRow): Alert {
  const orNull = (column: string): number | null => (typeof row[column] === 'number' ? num(row, column) : null);
  return {
    id: str(row, 'id'),
    rule: str(row, 'rule'),
    source: str(row, 'source'),
    name: str(row, 'name'),
    severity: str(row, 'severity') as Alert['severity'],
    text: str(row, 'text'),
    raisedAt: num(row, 'raised_at'),
    endedAt: orNull('ended_at'),
    acknowledgedAt: orNull('acknowledged_at'),
    ordinal: orNull('ordinal'),
    count: num(row, 'count'),
    notice: row.sent === 1 ? 'sent' : 'due',
    beforeRestart: row.before_restart === 1,
    mayRepeat: row.may_repeat === 1,
  };
}
