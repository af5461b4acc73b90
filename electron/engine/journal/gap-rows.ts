import type { EventRow } from '../../../shared/event';
import type { Gap } from '../../../shared/gap';
import type { Database, SqlRow } from './database';
import { lazy, num, str } from './database';
import { versionOf } from './schema';

/** Version of the schema whose gaps have a place between the events first. */
const firstVersion = 4;

/** Gaps that go with one page at most. */
const gapLimit = 200;

/** Events by their ordinals, both ends included; null: from the oldest, to the newest that is stored and beyond. */
export interface Stretch {
  readonly from: number | null;
  readonly to: number | null;
}

/** Writes gaps. Each is a part of a transaction of the caller. */
export function createGapWriter(db: Database): (source: number, gap: Gap) => void {
  const put = lazy(
    db,
    `INSERT INTO gaps (source, id, stream, epoch, low, high, status, cause, opened_at, closed_at, place)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (source, id) DO UPDATE SET low = excluded.low, high = excluded.high, status = excluded.status,
        cause = excluded.cause, opened_at = excluded.opened_at, closed_at = excluded.closed_at, place = excluded.place`,
  );
  return (source, { id, stream, epoch, from, to, status, cause, openedAt, closedAt, before = null }) => {
    put().run(source, id, stream, epoch, from, to, status, cause, openedAt, closedAt, before);
  };
}

/** Finds the gaps in or next to the numbers of some rows, and those that stand in a stretch of events. */
export function createGapReader(
  db: Database,
): (source: number, rows: readonly EventRow[], stretch: Stretch) => readonly Gap[] {
  const placed = versionOf(db) >= firstVersion;
  const sql = {
    ofStream: db.prepare(
      `SELECT * FROM gaps WHERE source = ? AND stream = ? AND epoch = ? AND low <= ? AND coalesce(high, 9e15) >= ?
       ORDER BY low LIMIT ${gapLimit}`,
    ),
    ofTime: db.prepare(
      `SELECT * FROM gaps WHERE source = ? AND opened_at >= ? AND opened_at <= ? ${placed ? 'AND place IS NULL' : ''}
       ORDER BY opened_at DESC LIMIT ${gapLimit}`,
    ),
  };
  const inPlace = lazy(
    db,
    `SELECT * FROM gaps WHERE source = ? AND place >= ? AND place <= ? ORDER BY place DESC LIMIT ${gapLimit}`,
  );

  return (source, rows, { from, to }) => {
    const found = new Map<string, Gap>();
    const add = (gapRows: readonly SqlRow[]): void => {
      for (const row of gapRows) {
        const gap = gapOf(row);
        found.set(gap.id, gap);
      }
    };
    for (const { stream, epoch, low, high } of numbersOf(rows)) {
      add(sql.ofStream.all(source, stream, epoch, high + 1, low - 1));
    }
    if (placed) add(inPlace().all(source, from ?? 0, to ?? Number.MAX_SAFE_INTEGER));
    // Those of older versions have no place but their time.
    const since = from === null ? 0 : rows[0]?.receivedAt;
    const until = to === null ? Number.MAX_SAFE_INTEGER : rows[rows.length - 1]?.receivedAt;
    if (since !== undefined && until !== undefined) add(sql.ofTime.all(source, since, until));
    return [...found.values()].sort(byPlace).slice(-gapLimit);
  };
}

/** A stored gap as it was handed over. */
export function gapOf(row: SqlRow): Gap {
  return {
    id: str(row, 'id'),
    stream: str(row, 'stream'),
    epoch: str(row, 'epoch'),
    from: num(row, 'low'),
    to: typeof row.high === 'number' ? row.high : null,
    status: str(row, 'status') as Gap['status'],
    cause: str(row, 'cause') as Gap['cause'],
    openedAt: num(row, 'opened_at'),
    closedAt: typeof row.closed_at === 'number' ? row.closed_at : null,
    ...(typeof row.place === 'number' ? { before: row.place } : {}),
  };
}

function byPlace(a: Gap, b: Gap): number {
  const placed = a.before === undefined || b.before === undefined ? 0 : a.before - b.before;
  return placed || a.openedAt - b.openedAt || a.from - b.from;
}

/** The numbers that rows hold of each stream and epoch. */
function numbersOf(
  rows: readonly EventRow[],
): Iterable<{ readonly stream: string; readonly epoch: string; low: number; high: number }> {
  const found = new Map<string, { stream: string; epoch: string; low: number; high: number }>();
  for (const { stream, epoch, seq } of rows) {
    if (epoch === null || seq === null) continue;
    const key = `${epoch} ${stream}`;
    const known = found.get(key);
    if (!known) found.set(key, { stream, epoch, low: seq, high: seq });
    else {
      known.low = Math.min(known.low, seq);
      known.high = Math.max(known.high, seq);
    }
  }
  return found.values();
}
