import type { Gap } from '../../../shared/gap';
import type { SqlRow } from './database';
import { num, str } from './database';
import type { JournalDisk } from './open';

/** What is left of a source whose rows were in a damaged file. */
export interface SalvagedSource {
  readonly name: string;
  /** Columns of its row that could be read; null: nothing could. */
  readonly row: SalvagedRow | null;
  /** What was stored of it, as far as the rows tell: streams and the first number known to have been there. */
  readonly held: readonly Pick<Gap, 'stream' | 'epoch' | 'from'>[];
}

export interface SalvagedRow {
  /** JSON of the place (column `resume`); null: it had none. */
  readonly resume: string | null;
  readonly nextOrdinal: number;
  readonly counters: string | null;
  readonly seenAt: number | null;
  readonly eventAt: number | null;
}

/** A source that may have had something in a file of which nothing can be read. */
export function unknownSource(name: string): SalvagedSource {
  return { name, row: null, held: [{ stream: '', epoch: '', from: 0 }] };
}

/**
 * Reads what it can of the sources in a damaged file, so that they go on from their places and nothing that was published
 * meanwhile is missed. Null when not even their names can be read. A place that is too old costs a few events fetched
 * again, into a file that does not have them any more.
 */
export function salvage(disk: JournalDisk, path: string): readonly SalvagedSource[] | null {
  try {
    const db = disk.open(path, { readOnly: true });
    try {
      const rows = db.prepare('SELECT * FROM sources').all();
      const low = db.prepare('SELECT min(low) AS low FROM extents WHERE source = ? AND stream = ? AND epoch = ?');
      return rows.flatMap((row) => {
        const salvaged = rowOf(row);
        if (salvaged === null) return [unknownSource(str(row, 'name'))];
        const streams = salvaged.resume === null ? [] : Object.entries(positionsOf(salvaged.resume) ?? {});
        const held = streams.map(([stream, { epoch, seq }]) => {
          let from = seq;
          try {
            const first = low.get(num(row, 'id'), stream, epoch)?.low;
            if (typeof first === 'number') from = first;
          } catch {
            // The index is damaged too: the last number is known.
          }
          return { stream, epoch, from };
        });
        return [{ name: str(row, 'name'), row: salvaged, held: held.length > 0 ? held : unknownSource('').held }];
      });
    } finally {
      db.close();
    }
  } catch {
    return null;
  }
}

function rowOf(row: SqlRow): SalvagedRow | null {
  const resume = typeof row.resume === 'string' ? row.resume : null;
  const counters = typeof row.counters === 'string' ? row.counters : null;
  if (resume !== null && positionsOf(resume) === null) return null;
  try {
    if (counters !== null) JSON.parse(counters);
  } catch {
    return null;
  }
  const orNull = (column: string): number | null => (typeof row[column] === 'number' ? num(row, column) : null);
  return {
    resume,
    nextOrdinal: num(row, 'next_ordinal'),
    counters,
    seenAt: orNull('seen_at'),
    eventAt: orNull('event_at'),
  };
}

/** Positions in a stored place; null when it has another shape. */
function positionsOf(text: string): Readonly<Record<string, { readonly epoch: string; readonly seq: number }>> | null {
  try {
    const { positions } = JSON.parse(text) as { positions?: unknown };
    if (typeof positions !== 'object' || positions === null) return null;
    const sound = Object.values(positions).every(
      (one: unknown) =>
        typeof one === 'object' &&
        one !== null &&
        typeof Reflect.get(one, 'epoch') === 'string' &&
        Number.isSafeInteger(Reflect.get(one, 'seq')),
    );
    return sound ? (positions as Record<string, { epoch: string; seq: number }>) : null;
  } catch {
    return null;
  }
}
