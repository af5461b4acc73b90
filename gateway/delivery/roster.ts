import { spreadMsFor } from '../limits';
import type { GoodbyeReason } from '../messages';
import { type Report, tellAll } from '../tell';

/** A client that is attached: a push connection or a held poll. */
export interface Attached {
  readonly transport: 'websocket' | 'sse' | 'long-poll';
  /** Called several times per heartbeat interval; sends a heartbeat when due, notices a client that does not read. */
  tick(now: number): void;
  /** Says goodbye and closes. */
  goodbye(reason: GoodbyeReason): void;
  /** Resets the connection. */
  drop(): void;
}

export interface RosterDeps {
  readonly heartbeatMs: number;
  readonly reconnectsPerSecond: number;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Hears what a client threw. */
  readonly report: Report;
}

export type Roster = ReturnType<typeof createRoster>;

/** Everyone attached to this gateway; one timer beats for all of them. */
export function createRoster({ heartbeatMs, reconnectsPerSecond, now, report }: RosterDeps) {
  const clients = new Set<Attached>();
  let timer: NodeJS.Timeout | null = null;

  function beat(): void {
    const at = now();
    tellAll(clients, (client) => client.tick(at), report);
  }

  return {
    get size(): number {
      return clients.size;
    },
    count(transport: Attached['transport']): number {
      let count = 0;
      for (const client of clients) if (client.transport === transport) count += 1;
      return count;
    },
    spreadMs: () => spreadMsFor(clients.size, reconnectsPerSecond),
    /** Adds a client; returns what takes it out again. */
    add(client: Attached): () => void {
      clients.add(client);
      // A fifth of the interval: a heartbeat due at four fifths then never comes after the whole.
      timer ??= setInterval(beat, Math.max(5, heartbeatMs / 5));
      return () => {
        clients.delete(client);
        if (clients.size > 0 || timer === null) return;
        clearInterval(timer);
        timer = null;
      };
    },
    each(visit: (client: Attached) => void, transport?: Attached['transport']): void {
      const visitOne = (client: Attached) => {
        if (transport === undefined || client.transport === transport) visit(client);
      };
      tellAll(clients, visitOne, report);
    },
  };
}

/** Whether a heartbeat is due at this tick, so that the next tick would be too late. */
export function heartbeatDue(now: number, lastSentAt: number, heartbeatMs: number): boolean {
  return now - lastSentAt >= heartbeatMs * 0.75;
}
