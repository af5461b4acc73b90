import { firstMs, lastMs } from '../../../shared/time';
import type { EventQuery } from './event-query';
import type { Query } from './messages';

/** More of anything is never asked for by us: a million of what has a row each, and what a screen can draw. */
const most = { rows: 1_000_000, bars: 1_000, points: 1_000, series: 64, searchChars: 1_000 } as const;

/**
 * A question with every number in it finite and within what has an end, whoever asked it: the thread that answers also
 * writes, and one question that never ends would be the last thing it does.
 */
export function bounded(query: Query): Query {
  switch (query.query) {
    case 'page': {
      const { from, limit, text } = query.args;
      return { ...query, args: { ...query.args, from: place(from), limit: rows(limit), text: search(text) } };
    }
    case 'find':
    case 'count':
      return { ...query, args: events(query.args) };
    case 'histogram': {
      const { query: asked, bars } = query.args;
      return { ...query, args: { query: events(asked), bars: within(bars, 1, most.bars) } };
    }
    case 'history': {
      const { series, from, to, points } = query.args;
      const args = {
        ...query.args,
        series: [...new Set(series)].slice(0, most.series),
        from: time(from),
        to: time(to),
        points: within(points, 1, most.points),
      };
      return { ...query, args };
    }
    case 'states': {
      const { from, to } = query.args;
      return { ...query, args: { ...query.args, from: time(from), to: time(to) } };
    }
    case 'transitions':
      return { ...query, args: { ...query.args, limit: rows(query.args.limit) } };
    case 'alertPage': {
      const { before, limit } = query.args;
      return { ...query, args: { before: before === null ? null : time(before), limit: rows(limit) } };
    }
    case 'openAlerts':
      return { ...query, args: { limit: rows(query.args.limit) } };
    case 'event':
    case 'restore':
    case 'seriesNames':
    case 'stored':
      return query;
  }
}

function events(query: EventQuery): EventQuery {
  const { from, limit, text, since, before } = query;
  return {
    ...query,
    from: place(from),
    limit: rows(limit),
    text: search(text),
    since: since === null ? null : time(since),
    before: before === null ? null : time(before),
  };
}

const rows = (limit: number): number => within(limit, 0, most.rows);

const time = (at: number): number => (at >= firstMs ? Math.min(at, lastMs) : firstMs);

const search = (text: string): string => text.slice(0, most.searchChars);

/** An ordinal, a time or a number of a stream. */
function place(from: number | null): number | null {
  if (from === null) return null;
  return from >= -Number.MAX_SAFE_INTEGER ? Math.min(from, Number.MAX_SAFE_INTEGER) : -Number.MAX_SAFE_INTEGER;
}

/** A whole number; the least where it is none. */
function within(count: number, least: number, greatest: number): number {
  return count >= least ? Math.floor(Math.min(count, greatest)) : least;
}
