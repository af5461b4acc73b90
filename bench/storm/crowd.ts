import { createConnection } from '../../electron/engine/connection/connection';
import { createGovernor } from '../../electron/engine/connection/governor';
import { createRungMemory } from '../../electron/engine/connection/memory';
import { createPortalWatch } from '../../electron/engine/connection/portals';
import { defaultTiming } from '../../electron/engine/connection/timing';
import type { Timer } from '../../electron/engine/core/clock';
import type { HostSignals, NetworkFailure } from '../../electron/engine/core/network';
import { createRounds } from '../../electron/engine/core/rounds';
import type { RungFacts, RungOpener, RungSink } from '../../electron/engine/core/rung';
import { createFakeClock, type FakeClock } from '../../electron/engine/simulation/fake-clock';
import { createSeededRandom } from '../../electron/engine/simulation/seeded-random';
import { answerMs } from './formulas';

export interface CrowdOptions {
  readonly clients: number;
  /** What `hello` asks the clients to spread their return over, ms. */
  readonly spreadMs: number;
  /** The server refuses for this long after its crash, ms. */
  readonly downMs: number;
  readonly seed: number;
}

export interface CrowdResult {
  /** When each attempt began, ms after the crash: every request of every client, whatever it was for. */
  readonly attempts: readonly number[];
  /** Until the last client was live again, ms after the crash. */
  readonly allBackMs: number;
}

/** Longer than it takes to forget earlier failures (30 s of being live). */
const settledMs = 32_000;
const latestMs = 600_000;
const pongMs = 20;
const timings = { dnsMs: null, tcpMs: 1, proxyMs: null, tlsMs: null, answerMs } as const;

const origin = 'http://gateway.example:80';
const ladder: readonly RungFacts[] = (['websocket', 'sse', 'long-poll', 'poll'] as const).map((transport) => ({
  transport,
  origin,
  loopback: false,
  url: `${origin}/v1/metrics/${transport}`,
  pollIntervalMs: 5_000,
  holdMs: 25_000,
}));

const host: HostSignals = { network: () => 'home', online: () => true, subscribe: () => () => undefined };

/**
 * A crowd of real connections, each as on a machine of its own (governor, rung memory and chance are its own), before
 * one server that crashes once all have been live for a while. Only sockets and time are made up.
 */
export function runCrowd({ clients, spreadMs, downMs, seed }: CrowdOptions): CrowdResult {
  const clock = createFakeClock();
  const server = createServer(clock, spreadMs);
  const chance = createSeededRandom(seed);
  const connections = Array.from({ length: clients }, (_, index) => {
    const connection = createConnection(
      {
        id: `client-${index}`,
        rungs: ladder,
        clock,
        random: createSeededRandom(chance.int(1, 0x7fff_ffff)),
        opener: server.opener(),
        governor: createGovernor(clock),
        memory: createRungMemory(clock),
        portals: createPortalWatch(clock),
        ticks: createRounds(clock, defaultTiming.tickMs),
        host,
        credential: null,
        options: { pinned: null, paused: false, overlap: true, heartbeatMs: null },
      },
      { onTransition() {}, onRoundTrip() {}, onChange() {} },
    );
    clock.after(chance.int(0, 1_000), () => connection.start());
    return connection;
  });
  clock.advance(settledMs + 1_000);
  if (server.open() !== clients) throw new Error(`${server.open()} of ${clients} clients are live before the crash`);

  const crashedAt = clock.now();
  server.crash();
  clock.after(downMs, () => server.accept());
  while (server.open() < clients && clock.now() - crashedAt < latestMs) clock.advance(1_000);
  if (server.open() < clients) throw new Error(`${clients - server.open()} clients did not come back`);
  const result = {
    attempts: server.attempts.filter((at) => at >= crashedAt).map((at) => at - crashedAt),
    allBackMs: server.lastOpenedAt() - crashedAt,
  };
  for (const connection of connections) connection.close();
  if (clock.pending() > 0) throw new Error(`${clock.pending()} timers are left after every connection was closed`);
  return result;
}

/** One server on the fake clock: accepts, or refuses at the TCP level; a crash resets everyone. */
function createServer(clock: FakeClock, spreadMs: number) {
  const attempts: number[] = [];
  const open = new Set<RungSink>();
  let accepting = true;
  let lastOpenedAt = 0;

  function answer(sink: RungSink): boolean {
    if (!accepting) {
      sink.onEnd({ kind: 'failed', failure: failure('tcp', 'ECONNREFUSED') });
      return false;
    }
    open.add(sink);
    lastOpenedAt = clock.now();
    sink.onOpen({ head: { status: 101, headers: [] }, timings, roundTripMs: answerMs });
    sink.onFrame();
    sink.onTerms({ spreadMs, heartbeatMs: 10_000 });
    sink.onCaughtUp();
    return true;
  }

  return {
    attempts,
    open: () => open.size,
    lastOpenedAt: () => lastOpenedAt,
    crash() {
      accepting = false;
      const sinks = [...open];
      open.clear();
      for (const sink of sinks) sink.onEnd({ kind: 'failed', failure: failure('body', 'ECONNRESET') });
    },
    accept() {
      accepting = true;
    },
    opener: (): RungOpener => ({
      open(_rung, _purpose, sink) {
        attempts.push(clock.now());
        let ended = false;
        let bytes = 0;
        clock.after(answerMs, () => {
          if (!ended && answer(sink)) bytes += 200;
        });
        let flush: Timer | null = null;
        let pong: Timer | null = null;
        const end = (): void => {
          ended = true;
          open.delete(sink);
          flush?.cancel();
          pong?.cancel();
        };
        return {
          bytesRead: () => bytes,
          bytesQueued: () => 0,
          placed: () => true,
          ping(flushed) {
            flush = clock.after(0, flushed);
            pong = clock.after(pongMs, () => {
              if (!open.has(sink)) return;
              bytes += 2;
              sink.onHeartbeat('pong');
            });
            return true;
          },
          askNow() {},
          pause() {},
          resume() {},
          close: end,
          destroy: end,
        };
      },
    }),
  };
}

function failure(phase: NetworkFailure['phase'], code: string): NetworkFailure {
  return { phase, code, message: code, certificate: null, proxy: null };
}
