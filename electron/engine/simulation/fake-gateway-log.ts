import type { Position } from '../../../shared/position';
import type { Clock } from '../core/clock';

/** One published event as the fake keeps it. */
export interface PublishedEvent extends Position {
  readonly stream: string;
  readonly text: string;
  /** Monotonic ms. */
  readonly at: number;
  /** Over a WebSocket it is larger than any client takes. */
  readonly large: boolean;
}

/** Where an attach begins, and what must be said before. */
export interface Place {
  readonly from: number;
  readonly cannot: Record<string, unknown> | null;
}

/** The logs of a fake gateway: one per stream, all of one epoch. */
export interface GatewayLog {
  epoch(): string;
  oldest(stream: string): number;
  head(stream: string): number;
  place(stream: string, after: Position | null): Place;
  since(stream: string, after: number, to?: number): readonly PublishedEvent[];
  append(
    stream: string,
    event: { readonly type: string; readonly data: string; readonly large?: boolean },
  ): PublishedEvent;
  /** Keeps the newest `count` of a stream. */
  retain(stream: string, count: number): void;
  /** Another epoch begins; numbers begin again. */
  restart(epoch: string): void;
  /** Everything ever published to a stream, in order, over all epochs. */
  published(stream: string): readonly PublishedEvent[];
  /** The last event of any stream; null when there was none. */
  last(): PublishedEvent | null;
}

interface StreamLog {
  events: PublishedEvent[];
  head: number;
  readonly all: PublishedEvent[];
}

export function createGatewayLog(clock: Clock, first: string): GatewayLog {
  const logs = new Map<string, StreamLog>();
  let epoch = first;

  function log(stream: string): StreamLog {
    let found = logs.get(stream);
    if (!found) {
      found = { events: [], head: 0, all: [] };
      logs.set(stream, found);
    }
    return found;
  }

  function oldest(stream: string): number {
    const { events, head } = log(stream);
    return events[0]?.seq ?? head + 1;
  }

  return {
    epoch: () => epoch,
    oldest,
    head: (stream) => log(stream).head,

    place(stream, after) {
      const { head } = log(stream);
      if (!after) return { from: head, cannot: null };
      const first = oldest(stream);
      const cannot = (cause: string): Record<string, unknown> => ({
        kind: 'cannot-resume',
        stream,
        epoch,
        cause,
        requested: after,
        oldest: first,
        head,
      });
      if (after.epoch !== epoch) return { from: head, cannot: cannot('epoch-changed') };
      if (after.seq > head) return { from: head, cannot: cannot('ahead') };
      if (after.seq < first - 1) return { from: first - 1, cannot: cannot('retention') };
      return { from: after.seq, cannot: null };
    },

    since: (stream, after, to = Number.MAX_SAFE_INTEGER) =>
      log(stream).events.filter((event) => event.seq > after && event.seq <= to),

    append(stream, { type, data, large = false }) {
      const entry = log(stream);
      entry.head += 1;
      const body = { kind: 'event', stream, epoch, seq: entry.head, time: clock.wall(), type };
      const text = `${JSON.stringify(body).slice(0, -1)},"data":${data}}`;
      const event: PublishedEvent = { stream, epoch, seq: entry.head, text, at: clock.now(), large };
      entry.events.push(event);
      entry.all.push(event);
      return event;
    },

    retain(stream, count) {
      const entry = log(stream);
      if (entry.events.length > count) entry.events = entry.events.slice(-count);
    },

    restart(next) {
      epoch = next;
      for (const entry of logs.values()) {
        entry.events = [];
        entry.head = 0;
      }
    },

    published: (stream) => log(stream).all,

    last() {
      let found: PublishedEvent | null = null;
      for (const { all } of logs.values()) found = all.at(-1) ?? found;
      return found;
    },
  };
}
