import type { Transition } from '../../../shared/connection';
import type { EventPage } from '../../../shared/ipc';
import { createAlertReader } from './alert-rows';
import { createBlocks } from './blocks';
import type { Database } from './database';
import { num } from './database';
import type { Steps } from './find';
import { createFinder } from './find';
import type { QueryAnswer, QueryArgs, QueryKind, StoredAmount } from './messages';
import { createRollupReader } from './rollups';
import type { Run } from './spans';
import { stateSpans } from './spans';
import { openUnsettled, type Unsettled } from './unsettled';

/** Queries answered from the rows alone; `restore` is the store's. */
export type ReadKind = Exclude<QueryKind, 'restore'>;

export type Answers = {
  readonly [Kind in ReadKind]: (args: QueryArgs<Kind>) => QueryAnswer<Kind> | Steps<QueryAnswer<Kind>>;
};

const noPage: EventPage = { rows: [], gaps: [], more: false };

/**
 * Answers queries from an open database. A source that is not stored answers with nothing. Events are found where they
 * wait to be settled too; amounts and rollups speak of what is settled.
 */
export function createReader(db: Database, unsettled: Unsettled = openUnsettled(db)): Answers {
  const finder = createFinder(createBlocks(db, unsettled));
  const rollups = createRollupReader(db);
  const alerts = createAlertReader(db);
  const sql = {
    source: db.prepare('SELECT id FROM sources WHERE name = ?'),
    amount: db.prepare('SELECT id, events, bytes, evicted_events, evicted_bytes FROM sources WHERE name = ?'),
    oldest: db.prepare('SELECT first_at FROM blocks WHERE source = ? ORDER BY first LIMIT 1'),
    transitions: db.prepare('SELECT body FROM transitions WHERE source = ? ORDER BY id DESC LIMIT ?'),
    before: db.prepare('SELECT id FROM transitions WHERE source = ? AND at <= ? ORDER BY id DESC LIMIT 1'),
    since: db.prepare('SELECT body FROM transitions WHERE source = ? AND id >= ? AND at < ? ORDER BY id LIMIT 20000'),
    runs: db.prepare('SELECT id, started, alive, ended FROM runs ORDER BY id'),
  };

  function idOf(source: string): number | null {
    const row = sql.source.get(source);
    return row ? num(row, 'id') : null;
  }

  function runs(): readonly Run[] {
    const rows = sql.runs.all();
    return rows.map((row, index) => ({
      start: num(row, 'started'),
      // The last row is the run that asks.
      end: index === rows.length - 1 ? null : num(row, 'alive'),
      ended: row.ended !== null,
    }));
  }

  const transitionOf = (row: { readonly body?: unknown }): Transition => JSON.parse(String(row.body)) as Transition;

  return {
    page(query) {
      const source = idOf(query.source);
      return source === null ? noPage : finder.page(source, query);
    },
    find(query) {
      const source = idOf(query.source);
      return source === null ? noPage : finder.find(source, query);
    },
    count(query) {
      const source = idOf(query.source);
      return source === null ? 0 : finder.count(source, query);
    },
    histogram({ query, bars }) {
      const source = idOf(query.source);
      return source === null ? [] : finder.histogram(source, query, bars);
    },
    event({ source, ordinal }) {
      const id = idOf(source);
      const event = id === null ? null : finder.event(id, ordinal);
      if (event === null) throw new RangeError(`Event ${ordinal} is not (or no longer) in the journal.`);
      return event;
    },
    history(args) {
      const source = idOf(args.source);
      return source === null ? [] : rollups.history(source, args);
    },
    states({ source, from, to, now }) {
      const id = idOf(source);
      if (id === null) return [];
      const first = num(sql.before.get(id, from), 'id');
      return stateSpans(sql.since.all(id, first, to).map(transitionOf), runs(), { from, to, now });
    },
    transitions({ source, limit }) {
      const id = idOf(source);
      return id === null ? [] : sql.transitions.all(id, limit).map(transitionOf);
    },
    seriesNames({ source }) {
      const id = idOf(source);
      return id === null ? [] : rollups.names(id);
    },
    alertPage: ({ before, limit }) => alerts.page(before, limit),
    openAlerts: ({ limit }) => alerts.open(limit),
    stored({ source }): StoredAmount {
      const row = sql.amount.get(source);
      const oldest = row ? sql.oldest.get(num(row, 'id')) : undefined;
      return {
        events: num(row, 'events'),
        bytes: num(row, 'bytes'),
        evictedEvents: num(row, 'evicted_events'),
        evictedBytes: num(row, 'evicted_bytes'),
        oldestAt: oldest ? num(oldest, 'first_at') : null,
      };
    },
  };
}
