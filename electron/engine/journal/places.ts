import type { Position, ResumePoint } from '../../../shared/position';
import type { CheckpointStep, PastEpoch } from '../core/delivery';
import type { Database, SqlRow } from './database';
import { num, str } from './database';
import { versionOf } from './schema';

/** Where a source stands, as stored. */
export interface StoredPlace {
  readonly resume: ResumePoint;
  readonly pastEpochs: readonly PastEpoch[];
}

/**
 * Places of sources: one row per stream, so that a step costs what moved in it, however many streams there are. Column
 * `resume` of the source holds the rest. Each write is a part of a transaction of the caller.
 */
export interface Places {
  write(source: number, step: CheckpointStep): void;
  /** `row`: the source's; null when it has no place yet. */
  read(source: number, row: SqlRow): StoredPlace | null;
  /** A transaction was rolled back: nothing is remembered of what it wrote. */
  rolledBack(): void;
}

/** Version of the schema that has a row per stream first. */
const firstVersion = 3;

interface Rest {
  readonly token: string | null;
  readonly pastEpochs?: readonly PastEpoch[];
  /** In files of older versions. */
  readonly positions?: Readonly<Record<string, Position>>;
}

export function createPlaces(db: Database): Places {
  const rows = versionOf(db) >= firstVersion;
  const sql = {
    rest: db.prepare('SELECT resume FROM sources WHERE id = ?'),
    put: db.prepare('UPDATE sources SET resume = ?, next_ordinal = ? WHERE id = ?'),
    ordinal: db.prepare('UPDATE sources SET next_ordinal = ? WHERE id = ?'),
  };
  const positions = rows
    ? {
        all: db.prepare('SELECT stream, epoch, seq FROM positions WHERE source = ?'),
        put: db.prepare('INSERT OR REPLACE INTO positions (source, stream, epoch, seq) VALUES (?, ?, ?, ?)'),
        drop: db.prepare('DELETE FROM positions WHERE source = ?'),
      }
    : null;
  /** What column `resume` holds, so that it is written only when it changes. */
  const rests = new Map<number, Rest | null>();

  function restOf(source: number): Rest | null {
    const known = rests.get(source);
    if (known !== undefined) return known;
    const text = sql.rest.get(source)?.resume;
    return typeof text === 'string' ? (JSON.parse(text) as Rest) : null;
  }

  return {
    write(source, step) {
      const before = restOf(source);
      const rest: Rest = { token: step.token, pastEpochs: step.pastEpochs ?? before?.pastEpochs ?? [] };
      if (before === null || before.token !== rest.token || step.pastEpochs !== null) {
        sql.put.run(JSON.stringify(rest), step.nextOrdinal, source);
      } else sql.ordinal.run(step.nextOrdinal, source);
      rests.set(source, rest);
      if (step.whole) positions?.drop.run(source);
      for (const [stream, { epoch, seq }] of Object.entries(step.positions)) {
        positions?.put.run(source, stream, epoch, seq);
      }
    },

    read(source, row) {
      if (typeof row.resume !== 'string') return null;
      const { token, pastEpochs, positions: older } = JSON.parse(row.resume) as Rest;
      // No prototype: a feed may call a stream `__proto__`.
      const found = Object.assign(Object.create(null) as Record<string, Position>, older);
      for (const one of positions?.all.all(source) ?? []) {
        found[str(one, 'stream')] = { epoch: str(one, 'epoch'), seq: num(one, 'seq') };
      }
      return { resume: { positions: found, token }, pastEpochs: pastEpochs ?? [] };
    },

    rolledBack: () => rests.clear(),
  };
}
