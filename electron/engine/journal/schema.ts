import type { Database } from './database';
import { num } from './database';

/** One step forward. Steps are never edited once released; a change is a further step. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/**
 * blocks   events, some hundred a row; see `block.ts`. `bytes`: what the row and its filter hold; of rows that older
 *          versions wrote, their bodies. `packed` 0 = as received, 1 = merged and deflated in idle time.
 * extents  which numbers of a (stream, epoch) a block holds.
 * filters  which words a packed block holds; see `filter.ts`.
 * keys     the dedupe window of feeds without numbers, in pieces.
 * runs     when the application ran: from `started` to `alive` at least; `ended` when it closed by itself.
 * gaps     `place`: ordinal of the event each stands before; null in those that older versions stored.
 * doomed   sources whose rows are still to be removed, in small steps.
 * alerts   one row an alert, from its raising on. `sent` 0 = due: nobody was told yet.
 * positions  how far each stream of a source is; the rest of its place stands in `sources.resume`.
 * unsettled  groups of few events a source as they came, until many of them become few rows; see `unsettled.ts`.
 * alert_states  what each rule remembers of a source.
 */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE sources (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        resume TEXT,
        next_ordinal INTEGER,
        key_count INTEGER NOT NULL DEFAULT 0,
        counters TEXT,
        seen_at REAL,
        event_at REAL,
        events INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0,
        evicted_events INTEGER NOT NULL DEFAULT 0,
        evicted_bytes INTEGER NOT NULL DEFAULT 0,
        keep_ms REAL,
        keep_bytes REAL
      );
      CREATE TABLE blocks (
        id INTEGER PRIMARY KEY,
        source INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        first_at REAL NOT NULL,
        last_at REAL NOT NULL,
        count INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        packed INTEGER NOT NULL,
        head BLOB NOT NULL,
        text BLOB NOT NULL
      );
      CREATE INDEX blocks_by_ordinal ON blocks (source, first);
      CREATE INDEX blocks_by_time ON blocks (source, last_at);
      CREATE INDEX blocks_to_pack ON blocks (source, first, count, bytes) WHERE packed = 0;
      CREATE TABLE extents (
        source INTEGER NOT NULL,
        stream TEXT NOT NULL,
        epoch TEXT NOT NULL,
        low INTEGER NOT NULL,
        high INTEGER NOT NULL,
        block INTEGER NOT NULL,
        PRIMARY KEY (source, stream, epoch, low, block)
      ) WITHOUT ROWID;
      CREATE INDEX extents_by_block ON extents (block);
      CREATE TABLE filters (block INTEGER PRIMARY KEY, bits BLOB NOT NULL);
      CREATE TABLE keys (
        source INTEGER NOT NULL,
        last INTEGER NOT NULL,
        keys TEXT NOT NULL,
        PRIMARY KEY (source, last)
      ) WITHOUT ROWID;
      CREATE TABLE gaps (
        source INTEGER NOT NULL,
        id TEXT NOT NULL,
        stream TEXT NOT NULL,
        epoch TEXT NOT NULL,
        low INTEGER NOT NULL,
        high INTEGER,
        status TEXT NOT NULL,
        cause TEXT NOT NULL,
        opened_at REAL NOT NULL,
        closed_at REAL,
        PRIMARY KEY (source, id)
      ) WITHOUT ROWID;
      CREATE INDEX gaps_by_place ON gaps (source, stream, epoch, low);
      CREATE INDEX gaps_by_time ON gaps (source, opened_at);
      CREATE TABLE series (
        id INTEGER PRIMARY KEY,
        source INTEGER NOT NULL,
        name TEXT NOT NULL,
        UNIQUE (source, name)
      );
      CREATE TABLE rollups (
        series INTEGER NOT NULL,
        seconds INTEGER NOT NULL,
        start INTEGER NOT NULL,
        count REAL NOT NULL,
        sum REAL NOT NULL,
        min REAL NOT NULL,
        max REAL NOT NULL,
        last REAL NOT NULL,
        PRIMARY KEY (series, seconds, start)
      ) WITHOUT ROWID;
      CREATE TABLE transitions (
        id INTEGER PRIMARY KEY,
        source INTEGER NOT NULL,
        at REAL NOT NULL,
        body TEXT NOT NULL
      );
      CREATE INDEX transitions_by_source ON transitions (source, id);
      CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        started REAL NOT NULL,
        alive REAL NOT NULL,
        ended REAL
      );
      CREATE TABLE doomed (source INTEGER PRIMARY KEY);
    `,
  },
  {
    version: 2,
    sql: `
      CREATE TABLE alerts (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        source INTEGER NOT NULL,
        rule TEXT NOT NULL,
        name TEXT NOT NULL,
        severity TEXT NOT NULL,
        text TEXT NOT NULL,
        raised_at REAL NOT NULL,
        ended_at REAL,
        acknowledged_at REAL,
        ordinal INTEGER,
        count INTEGER NOT NULL,
        sent INTEGER NOT NULL DEFAULT 0,
        before_restart INTEGER NOT NULL DEFAULT 0,
        may_repeat INTEGER NOT NULL DEFAULT 0
      );
      CREATE INDEX alerts_by_time ON alerts (raised_at, number);
      CREATE INDEX alerts_by_source ON alerts (source);
      CREATE INDEX alerts_open ON alerts (raised_at, number)
        WHERE ended_at IS NULL OR acknowledged_at IS NULL OR sent = 0;
      CREATE TABLE alert_states (
        source INTEGER NOT NULL,
        rule TEXT NOT NULL,
        state TEXT NOT NULL,
        PRIMARY KEY (source, rule)
      ) WITHOUT ROWID;
    `,
  },
  {
    version: 3,
    sql: `
      CREATE TABLE positions (
        source INTEGER NOT NULL,
        stream TEXT NOT NULL,
        epoch TEXT NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (source, stream)
      ) WITHOUT ROWID;
      INSERT INTO positions (source, stream, epoch, seq)
        SELECT sources.id, place.key, json_extract(place.value, '$.epoch'), json_extract(place.value, '$.seq')
        FROM sources, json_each(sources.resume, '$.positions') AS place WHERE sources.resume IS NOT NULL;
      UPDATE sources SET resume = json_remove(resume, '$.positions') WHERE resume IS NOT NULL;
    `,
  },
  {
    version: 4,
    sql: `
      ALTER TABLE gaps ADD COLUMN place INTEGER;
      CREATE INDEX gaps_by_row ON gaps (source, place);
    `,
  },
  {
    version: 5,
    sql: `
      DROP INDEX blocks_by_time;
      CREATE INDEX blocks_by_time ON blocks (source, last_at, first_at, first);
    `,
  },
  {
    version: 6,
    sql: `
      CREATE TABLE unsettled (
        id INTEGER PRIMARY KEY,
        at REAL NOT NULL,
        sources TEXT NOT NULL,
        blocks BLOB NOT NULL
      );
    `,
  },
];

/** The version this program writes. */
export const schemaVersion = migrations[migrations.length - 1]?.version ?? 0;

/** Version of an open file; 0 for a new one. */
export function versionOf(db: Database): number {
  return num(db.prepare('PRAGMA user_version').get(), 'user_version');
}

/** Settings of the connection. `auto_vacuum` and `page_size` take hold in a new file only. */
/** What a file must know before anything else is written to it. */
const shape = `
    PRAGMA page_size = 8192;
    PRAGMA auto_vacuum = INCREMENTAL;
`;

/** Gives a new file its first page. The number says whose files these are: "wire". */
export function writeHeader(db: Database): void {
  db.exec(`${shape} PRAGMA application_id = ${0x77697265};`);
}

export function configure(db: Database): void {
  db.exec(`
    ${shape}
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 33554432;
    PRAGMA cache_size = -16384;
    PRAGMA temp_store = MEMORY;
  `);
}

/** Brings a file forward, each step a transaction of its own. `backup(version)` runs before each step, except in a new file. */
export function migrate(
  db: Database,
  backup: (version: number) => void,
  steps: readonly Migration[] = migrations,
): void {
  let version = versionOf(db);
  const isNew = version === 0;
  for (const step of steps) {
    if (step.version <= version) continue;
    if (!isNew) backup(version);
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(step.sql);
      db.exec(`PRAGMA user_version = ${step.version}`);
      db.exec('COMMIT');
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
    version = step.version;
  }
}
