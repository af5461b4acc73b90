import type { Backplane, LogEntry, StreamInfo } from '../backplane/backplane';
import { type Report, tellAll } from '../tell';
import { Batch } from './frame';

/** Hears a stream's live batches, all of them, in order. */
export interface Listener {
  batch(batch: Batch): void;
  /** The numbering started anew. */
  epoch(): void;
}

/** What the hubs need of the log. */
export type FollowedLog = Pick<Backplane, 'open' | 'info' | 'follow'>;

/** One stream as this gateway sees it: its one follower on the backplane, fanned out to all listeners. */
export interface Hub {
  readonly name: string;
  /** Newest position heard; listeners have been given everything up to it. */
  readonly epoch: string;
  readonly head: number;
  listen(listener: Listener): () => void;
  info(): Promise<StreamInfo>;
}

/** The streams of this gateway. */
export function createHubs(backplane: FollowedLog, report: Report) {
  const hubs = new Map<string, Promise<Hub>>();
  const ends: (() => void)[] = [];

  async function start(name: string): Promise<Hub> {
    const listeners = new Set<Listener>();
    let { epoch, head } = await backplane.open(name);
    const hub: Hub = {
      name,
      get epoch() {
        return epoch;
      },
      get head() {
        return head;
      },
      listen(listener) {
        listeners.add(listener);
        return () => {
          listeners.delete(listener);
        };
      },
      info: async () => (await backplane.info(name)) ?? { epoch, oldest: head + 1, head },
    };
    let pending: LogEntry[] = [];
    /** What was appended in one turn of the loop goes out as one batch: one write per socket however many events. */
    const flush = (): void => {
      const entries = pending;
      pending = [];
      const first = entries[0]?.seq;
      const last = entries.at(-1)?.seq;
      if (first === undefined || last === undefined) return;
      head = last;
      if (listeners.size === 0) return;
      const batch = new Batch(epoch, { first, last }, entries);
      tellAll(listeners, (listener) => listener.batch(batch), report);
    };
    ends.push(
      backplane.follow(name, {
        entries(entries) {
          if (pending.length === 0) setImmediate(flush);
          for (const entry of entries) pending.push(entry);
        },
        epoch(info) {
          pending = [];
          ({ epoch, head } = info);
          tellAll(listeners, (listener) => listener.epoch(), report);
        },
      }),
    );
    return hub;
  }

  return {
    /** The hub of a stream, which is made if need be. */
    open(name: string): Promise<Hub> {
      const known = hubs.get(name);
      if (known !== undefined) return known;
      const started = start(name);
      hubs.set(name, started);
      started.catch(() => hubs.delete(name));
      return started;
    },
    close(): void {
      for (const end of ends) end();
      hubs.clear();
    },
  };
}
