import { Client } from 'undici';
import type { Dial, Dialled } from './dial';
import { targetOf } from './dial';
import { gateOf, type ReadGate } from './read-gate';

/** One connection to one origin, with one exchange on it at a time. */
export interface Lane {
  readonly origin: string;
  readonly client: Client;
  /** Null until it is connected. */
  dialled(): Dialled | null;
  /** Whether an exchange has been completed on it before. */
  readonly used: boolean;
  hold(): void;
  release(): void;
  destroy(): void;
}

/** Lanes by origin: polls come back to a connection that is still open. */
export interface Lanes {
  take(origin: string, fresh: boolean): Lane;
  /** Gives a lane back after an exchange that ended in order. */
  giveBack(lane: Lane): void;
  close(): void;
}

/** How long an unused connection stays open, ms. Servers commonly close theirs after 5 to 75 s. */
const idleMs = 10_000;
const maxIdlePerOrigin = 2;

export function createLanes(dial: Dial): Lanes {
  const idle = new Map<string, Lane[]>();
  const all = new Set<Lane>();
  let closed = false;

  function forget(lane: Lane): void {
    const lanes = idle.get(lane.origin)?.filter((other) => other !== lane) ?? [];
    if (lanes.length === 0) idle.delete(lane.origin);
    else idle.set(lane.origin, lanes);
  }

  function create(origin: string, used: boolean): Lane {
    const controller = new AbortController();
    let dialled: Dialled | null = null;
    let gate: ReadGate | null = null;
    let held = false;
    const client = new Client(origin, {
      connect(_options, done) {
        dial(targetOf(new URL(origin), 'http'), controller.signal).then(
          (connection) => {
            dialled = connection;
            gate = gateOf(connection.socket);
            if (held) gate.hold();
            done(null, connection.socket);
          },
          (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), null),
        );
      },
      bodyTimeout: 0,
      headersTimeout: 0,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      pipelining: 1,
    });
    const lane: Lane = {
      origin,
      client,
      used,
      dialled: () => dialled,
      hold() {
        held = true;
        gate?.hold();
      },
      release() {
        held = false;
        gate?.release();
      },
      destroy() {
        if (!all.delete(lane)) return;
        forget(lane);
        controller.abort();
        client.destroy().catch(() => {});
      },
    };
    // A lane is its connection: when that has gone, undici would silently open another.
    client.on('disconnect', () => lane.destroy());
    all.add(lane);
    return lane;
  }

  return {
    take(origin, fresh) {
      const lane = fresh ? undefined : idle.get(origin)?.at(-1);
      if (!lane) return create(origin, false);
      forget(lane);
      return lane;
    },
    giveBack(lane) {
      const lanes = idle.get(lane.origin) ?? [];
      if (closed || !all.has(lane) || lanes.length >= maxIdlePerOrigin) return lane.destroy();
      lane.release();
      idle.set(lane.origin, [...lanes, lane]);
    },
    close() {
      closed = true;
      for (const lane of [...all]) lane.destroy();
    },
  };
}
