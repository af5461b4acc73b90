import { Client } from 'undici';
import type { Clock, Timer } from '../core/clock';
import { type Dial, type Dialled, targetOf } from './dial';
import { gateOf } from './read-gate';

/** One connection to one origin, with one exchange on it at a time. */
export interface Lane {
  readonly origin: string;
  readonly client: Client;
  readonly dialled: Dialled;
  /** HTTP/2 takes its bytes past the socket: back-pressure is the stream's business there. */
  readonly http2: boolean;
  /** Stops reading from the socket. */
  hold(): void;
  release(): void;
  destroy(): void;
}

/** Lanes by origin: polls come back to a connection that is still open. */
export interface Lanes {
  /** A connection that is open and idle; null when there is none. */
  idle(origin: string): Lane | null;
  /** Rejects with a DialFailure, or when aborted. */
  open(origin: string, signal: AbortSignal): Promise<Lane>;
  /** Gives a lane back after an exchange that ended in order. */
  giveBack(lane: Lane): void;
  close(): void;
}

/** How long an unused connection stays open, ms. Servers commonly close theirs after 5 to 75 s. */
const idleMs = 10_000;
const maxIdlePerOrigin = 2;

export function createLanes(dial: Dial, clock: Clock): Lanes {
  const idle = new Map<string, Lane[]>();
  const timers = new Map<Lane, Timer>();
  const all = new Set<Lane>();
  const closing = new AbortController();

  function forget(lane: Lane): void {
    timers.get(lane)?.cancel();
    timers.delete(lane);
    const lanes = idle.get(lane.origin)?.filter((other) => other !== lane) ?? [];
    if (lanes.length === 0) idle.delete(lane.origin);
    else idle.set(lane.origin, lanes);
  }

  function create(origin: string, dialled: Dialled): Lane {
    const { socket } = dialled;
    const gate = gateOf(socket);
    const http2 = 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';
    let given = false;
    const client = new Client(origin, {
      // A lane is its connection: when that has gone, undici may not open another.
      connect(_options, done) {
        if (given) return done(new Error('The connection has ended.'), null);
        given = true;
        done(null, socket);
      },
      allowH2: http2,
      bodyTimeout: 0,
      headersTimeout: 0,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      pipelining: 1,
    });
    const lane: Lane = {
      origin,
      client,
      dialled,
      http2,
      hold: () => gate.hold(),
      release: () => gate.release(),
      destroy() {
        if (!all.delete(lane)) return;
        forget(lane);
        client.destroy().catch(() => {});
        socket.destroy();
      },
    };
    client.on('disconnect', () => lane.destroy());
    all.add(lane);
    return lane;
  }

  return {
    idle(origin) {
      const lane = idle.get(origin)?.at(-1);
      if (!lane) return null;
      forget(lane);
      return lane;
    },
    async open(origin, signal) {
      const dialled = await dial(targetOf(new URL(origin), 'http'), signal);
      if (!signal.aborted && !closing.signal.aborted) return create(origin, dialled);
      dialled.socket.on('error', () => {});
      dialled.socket.destroy();
      throw signal.reason ?? closing.signal.reason;
    },
    giveBack(lane) {
      const lanes = idle.get(lane.origin) ?? [];
      if (closing.signal.aborted || !all.has(lane) || lanes.length >= maxIdlePerOrigin) return lane.destroy();
      lane.release();
      idle.set(lane.origin, [...lanes, lane]);
      // The library ends idle connections of HTTP/1.1, by the server's word where it gives one; not those of HTTP/2.
      if (lane.http2)
        timers.set(
          lane,
          clock.after(idleMs, () => lane.destroy()),
        );
    },
    close() {
      closing.abort();
      for (const lane of [...all]) lane.destroy();
    },
  };
}
