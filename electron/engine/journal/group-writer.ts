import type { KeyChange } from '../core/delivery';
import type { RollupIncrement } from '../core/journal';
import type { AlertWriter } from './alert-rows';
import type { EncodedBlock } from './block';
import { BlockEncoder } from './block-encoder';
import type { Database } from './database';
import { num } from './database';
import { createGapWriter } from './gap-rows';
import type { Group, SourceBlock, SourceCommit } from './messages';
import type { Places } from './places';
import type { RawBlocks } from './raw-blocks';
import { levelsOf } from './rollups';
import { settlementsOf } from './settle';
import { type HeldGroup, sizeOf, type Unsettled } from './unsettled';

/** Two events of a source would share an ordinal: pages could not tell them apart. */
export class OrdinalsTaken extends Error {
  constructor(source: string, first: number, last: number) {
    super(`ordinal ${first} of ${source} is given out a second time: ${last} is stored`);
  }
}

/** A group waits to be settled with others where its blocks hold fewer events than this on average, and it has no more bytes than that. */
const smallBlockEvents = 64;
const smallBytes = 256 * 1024;
/** Groups wait so long at most, ms, and hold so much together. */
const settleMs = 5_000;
const settleEvents = 4_096;
const settleBytes = 4 * 1024 * 1024;

type SourceSum = Pick<SourceCommit, 'source' | 'rollups' | 'checkpoint' | 'counters'>;

export interface GroupWriterDeps {
  readonly db: Database;
  readonly places: Places;
  readonly alerts: AlertWriter;
  /** Number of a source's rows; it gets some where it has none. */
  idOf(source: string): number;
  readonly unsettled: Unsettled;
  /** Told of each block that stands in its row. */
  readonly raw: RawBlocks | null;
}

/**
 * Writes groups, each inside a transaction of the caller. A small one waits in a row of its own until it is settled with
 * others: with a group that comes when they have waited long enough, and before one that is not small.
 */
export interface GroupWriter {
  write(group: Group): void;
  /** Brings what waits into the rows it belongs to. */
  settle(): void;
  /** Removes what waits, and answers with what it was. */
  letGo(): readonly { readonly source: string; readonly blocks: readonly SourceBlock[] }[];
  /** What waits has waited long enough. */
  isDue(at: number): boolean;
  /** The transaction has ended, one way or the other. */
  committed(): void;
  rolledBack(): void;
  /** Series were removed: their numbers are looked up again. */
  seriesGone(): void;
}

export function createGroupWriter({ db, places, alerts, idOf, unsettled, raw }: GroupWriterDeps): GroupWriter {
  const sql = {
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
    transition: db.prepare('INSERT INTO transitions (source, at, body) VALUES (?, ?, ?)'),
    series: db.prepare('SELECT id FROM series WHERE source = ? AND name = ?'),
    addSeries: db.prepare('INSERT INTO series (source, name) VALUES (?, ?)'),
    rollup: db.prepare(`
      INSERT INTO rollups (series, seconds, start, count, sum, min, max, last) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (series, seconds, start) DO UPDATE SET count = count + excluded.count,
        sum = max(-1.7976931348623157e308, min(1.7976931348623157e308, sum + excluded.sum)),
        min = min(min, excluded.min), max = max(max, excluded.max), last = excluded.last`),
    addKeys: db.prepare('INSERT INTO keys (source, last, keys) VALUES (?, ?, ?)'),
    dropKeys: db.prepare('DELETE FROM keys WHERE source = ?'),
    trimKeys: db.prepare('DELETE FROM keys WHERE source = ? AND last <= ?'),
    lastKey: db.prepare('SELECT max(last) AS last FROM keys WHERE source = ?'),
    countKeys: db.prepare('UPDATE sources SET key_count = ? WHERE id = ?'),
  };
  const encoder = new BlockEncoder();
  const putGap = createGapWriter(db);
  let seriesIds = new Map<string, number>();
  /** The last ordinal stored of each source. */
  const lastOrdinals = new Map<number, number>();
  /** What this transaction does: blocks it writes, whether it settles, and what waits from now on. */
  let written: { readonly source: number; readonly count: number; readonly bytes: number }[] = [];
  let settling = false;
  let waiting: HeldGroup | null = null;

  function begin(): void {
    written = [];
    settling = false;
    waiting = null;
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

  /** The last ordinal of a source that is stored, settled or not. */
  function lastOrdinalOf(source: number, name: string): number | null {
    const known = lastOrdinals.get(source) ?? unsettled.blocksOf(name).at(-1)?.last;
    if (known !== undefined) return known;
    const last = sql.lastOrdinal.get(source)?.last;
    return typeof last === 'number' ? last : null;
  }

  /** Numbers that are given out twice are found before anything is stored under them. */
  function claim(block: SourceBlock): number {
    const source = idOf(block.source);
    const last = lastOrdinalOf(source, block.source);
    if (last !== null && block.first <= last) throw new OrdinalsTaken(block.source, block.first, last);
    lastOrdinals.set(source, block.last);
    return source;
  }

  function writeBlock(source: number, block: EncodedBlock): void {
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
    written.push({ source, count: block.count, bytes });
  }

  function writeKeys(source: number, window: KeyChange): void {
    if (window.mode === 'replace') sql.dropKeys.run(source);
    const last = num(sql.lastKey.get(source), 'last') + window.keys.length;
    if (window.keys.length > 0) sql.addKeys.run(source, last, JSON.stringify(window.keys));
    // A piece goes when every key in it lies before the window.
    sql.trimKeys.run(source, last - window.size);
    sql.countKeys.run(window.size, source);
  }

  /** What is rare and looked at across sources never waits. */
  function writeNow(commit: SourceCommit): void {
    const source = idOf(commit.source);
    for (const gap of commit.gaps) putGap(source, gap);
    for (const transition of commit.transitions) sql.transition.run(source, transition.at, JSON.stringify(transition));
    if (commit.alerts) alerts.write(source, commit.alerts);
  }

  function writeLater({ source: name, rollups, checkpoint, counters }: SourceSum, at: number): void {
    const source = idOf(name);
    writeRollups(source, rollups);
    if (checkpoint) {
      places.write(source, checkpoint);
      if (checkpoint.keys) writeKeys(source, checkpoint.keys);
    }
    if (counters) sql.totals.run(counters.bytes, at, JSON.stringify(counters), source);
  }

  function settle(): void {
    for (const settlement of settlementsOf(unsettled.groups, encoder)) {
      const source = idOf(settlement.source);
      for (const block of settlement.blocks) writeBlock(source, block);
      writeLater(settlement, settlement.seenAt);
    }
    unsettled.remove();
    settling = true;
  }

  /** A clock that was set puts nothing off. */
  function isDue(at: number): boolean {
    const [oldest] = unsettled.groups;
    if (!oldest) return false;
    return Math.abs(at - oldest.at) >= settleMs || unsettled.events >= settleEvents || unsettled.bytes >= settleBytes;
  }

  function writeRollups(source: number, rollups: readonly RollupIncrement[]): void {
    for (const { series, seconds, start, count, sum, min, max, last } of levelsOf(rollups)) {
      sql.rollup.run(seriesOf(source, series), seconds, start, count, sum, min, max, last);
    }
  }

  return {
    write({ at, blocks, sources: text }) {
      const sources = JSON.parse(text) as SourceCommit[];
      const waits = isSmall(blocks);
      if (!waits || isDue(at)) settle();
      const ids = blocks.map(claim);
      for (const source of sources) writeNow(source);
      if (waits) {
        unsettled.write(at, text, blocks);
        waiting = { at, blocks, sources };
        return;
      }
      for (const [index, id] of ids.entries()) writeBlock(id, blocks[index] as SourceBlock);
      for (const source of sources) writeLater(source, at);
    },
    settle,
    letGo() {
      const names = new Set(unsettled.groups.flatMap(({ blocks }) => blocks.map(({ source }) => source)));
      const gone = [...names].map((source) => ({ source, blocks: unsettled.blocksOf(source) }));
      unsettled.remove();
      settling = true;
      return gone;
    },
    isDue,
    committed() {
      if (settling) unsettled.settled();
      if (waiting) unsettled.held(waiting);
      for (const { source, count, bytes } of written) raw?.written(source, count, bytes);
      begin();
    },
    rolledBack() {
      begin();
      seriesIds = new Map();
      lastOrdinals.clear();
      encoder.clear();
    },
    seriesGone: () => seriesIds.clear(),
  };
}

function isSmall(blocks: readonly SourceBlock[]): boolean {
  let events = 0;
  let bytes = 0;
  for (const block of blocks) {
    events += block.count;
    bytes += sizeOf(block);
  }
  return events <= blocks.length * smallBlockEvents && bytes <= smallBytes;
}
