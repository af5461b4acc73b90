import type { Gap } from '../../../shared/gap';
import { noCounters, type SourceCounters } from '../../../shared/view';
import type { Database, SqlRow } from './database';
import { num, str } from './database';
import type { SourceBlock } from './messages';
import type { JournalDisk } from './open';
import { createPlaces, type StoredPlace } from './places';
import { type HeldGroup, openUnsettled } from './unsettled';
import { withUnstored } from './unstored';

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
      const waiting = waitingIn(db);
      return db
        .prepare('SELECT * FROM sources')
        .all()
        .map((row) => salvageOne(db, row, waiting));
    } finally {
      db.close();
    }
  } catch {
    return null;
  }
}

/** What was handed over and waited to be settled; nothing where it cannot be read. */
function waitingIn(db: Database): readonly HeldGroup[] {
  try {
    return openUnsettled(db).groups;
  } catch {
    return [];
  }
}

/** A row with what waited to be settled into it. */
function withWaiting(name: string, row: SalvagedRow, groups: readonly HeldGroup[]): SalvagedRow {
  const commits = groups.flatMap(({ sources }) => sources.filter(({ source }) => source === name));
  const { place, counters } = row;
  const kept = { openGaps: [], recentKeys: [], nextOrdinal: row.nextOrdinal };
  const stored = {
    checkpoint: place && { ...place, ...kept },
    counters: counters === null ? noCounters : (JSON.parse(counters) as SourceCounters),
    lastTransition: null,
    lastSeenAt: row.seenAt,
    lastEventAt: row.eventAt,
    alertStates: [],
  };
  const whole = commits.length > 0 ? withUnstored(stored, commits) : null;
  if (!whole?.checkpoint) return row;
  const { resume, pastEpochs = [], nextOrdinal } = whole.checkpoint;
  return {
    ...row,
    place: { resume, pastEpochs },
    nextOrdinal,
    counters: JSON.stringify(whole.counters),
    eventAt: whole.lastEventAt,
  };
}

function salvageOne(db: Database, row: SqlRow, groups: readonly HeldGroup[]): SalvagedSource {
  const name = str(row, 'name');
  try {
    const source = num(row, 'id');
    const counters = typeof row.counters === 'string' ? row.counters : null;
    const orNull = (column: string): number | null => (typeof row[column] === 'number' ? num(row, column) : null);
    const times = { seenAt: orNull('seen_at'), eventAt: orNull('event_at') };
    const settled = {
      place: createPlaces(db).read(source, row),
      nextOrdinal: orNull('next_ordinal') ?? 0,
      counters,
      ...times,
    };
    const whole = withWaiting(name, settled, groups);
    if (whole.counters !== null) JSON.parse(whole.counters);
    const waiting = groups.flatMap(({ blocks }) => blocks.filter((block) => block.source === name));
    const held = Object.entries(whole.place?.resume.positions ?? {}).map(([stream, { epoch, seq }]) => {
      if (typeof epoch !== 'string' || !Number.isSafeInteger(seq)) throw new RangeError(`no place: ${epoch}:${seq}`);
      return { stream, epoch, from: lowest(db, source, stream, epoch) ?? lowestOf(waiting, stream, epoch) ?? seq };
    });
    const each = held.length > 0 && held.length <= mostGaps;
    return { name, row: whole, held: each ? held : unknownSource(name).held };
  } catch {
    return unknownSource(name);
  }
}

function lowestOf(blocks: readonly SourceBlock[], stream: string, epoch: string): number | null {
  const lows = blocks.flatMap(({ extents }) =>
    extents.flatMap(([name, of, low]) => (name === stream && of === epoch ? [low] : [])),
  );
  return lows.length > 0 ? Math.min(...lows) : null;
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
