import type { Gap } from '../../../shared/gap';
import type { Database, SqlRow } from './database';
import { num, str } from './database';
import type { JournalDisk } from './open';
import { createPlaces, type StoredPlace } from './places';

/** What is left of a source whose rows were in a damaged file. */
export interface SalvagedSource {
  readonly name: string;
  /** What its row says; null: nothing that makes sense. */
  readonly row: SalvagedRow | null;
  /** What was stored of it, as far as the rows tell: streams and the first number known to have been there. */
  readonly held: readonly Pick<Gap, 'stream' | 'epoch' | 'from'>[];
}

export interface SalvagedRow {
  /** Null: it had none. */
  readonly place: StoredPlace | null;
  readonly nextOrdinal: number;
  /** JSON of its counters. */
  readonly counters: string | null;
  readonly seenAt: number | null;
  readonly eventAt: number | null;
}

/** Streams of one source that get a gap of their own; of more, one gap speaks for all. */
const mostGaps = 50;

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
      return db
        .prepare('SELECT * FROM sources')
        .all()
        .map((row) => salvageOne(db, row));
    } finally {
      db.close();
    }
  } catch {
    return null;
  }
}

function salvageOne(db: Database, row: SqlRow): SalvagedSource {
  const name = str(row, 'name');
  try {
    const source = num(row, 'id');
    const place = createPlaces(db).read(source, row);
    const counters = typeof row.counters === 'string' ? row.counters : null;
    if (counters !== null) JSON.parse(counters);
    const orNull = (column: string): number | null => (typeof row[column] === 'number' ? num(row, column) : null);
    const times = { seenAt: orNull('seen_at'), eventAt: orNull('event_at') };
    const held = Object.entries(place?.resume.positions ?? {}).map(([stream, { epoch, seq }]) => {
      if (typeof epoch !== 'string' || !Number.isSafeInteger(seq)) throw new RangeError(`no place: ${epoch}:${seq}`);
      return { stream, epoch, from: lowest(db, source, stream, epoch) ?? seq };
    });
    const each = held.length > 0 && held.length <= mostGaps;
    return {
      name,
      row: { place, nextOrdinal: num(row, 'next_ordinal'), counters, ...times },
      held: each ? held : unknownSource(name).held,
    };
  } catch {
    return unknownSource(name);
  }
}

/** The first number stored of a stream; null where the index cannot be read either. */
function lowest(db: Database, source: number, stream: string, epoch: string): number | null {
  try {
    const query = db.prepare('SELECT min(low) AS low FROM extents WHERE source = ? AND stream = ? AND epoch = ?');
    const low = query.get(source, stream, epoch)?.low;
    return typeof low === 'number' ? low : null;
  } catch {
    return null;
  }
}
