import type { Transition } from '../../../../shared/connection';
import type { TransportKind } from '../../../../shared/transport';
import type { CredentialPort, RefreshResult } from '../../core/credential';
import type { HostSignal, NetworkFailure } from '../../core/network';
import { createRounds } from '../../core/rounds';
import type { RungFacts, RungPurpose, RungSink } from '../../core/rung';
import type { TransportEnd } from '../../core/transport';
import { createFakeClock } from '../../simulation/fake-clock';
import { createSeededRandom } from '../../simulation/seeded-random';
import { createConnection } from '../connection';
import type { ConnectionDeps, ConnectionOptions } from '../deps';
import { createGovernor } from '../governor';
import { createRungMemory } from '../memory';
import { createPortalWatch } from '../portals';
import { defaultTiming } from '../timing';

/**
 * A connection on a fake clock with a fake opener. Hooks: `sessions` are all ever opened, oldest first; each can be
 * made to open, speak and end by hand; `answer` decides by itself what a new session does.
 */
export interface FakeSession {
  readonly rung: number;
  readonly purpose: RungPurpose;
  readonly at: number;
  state: 'opening' | 'open' | 'ended' | 'closed' | 'destroyed';
  bytes: number;
  queued: number;
  paused: boolean;
  pings: number;
  asked: number;
  /** Pings leave at once and are answered. */
  pongs: 'answer' | 'flush-only' | 'stuck';
  /** A session beside it would go on from where it is. */
  placed: boolean;
  readonly sink: RungSink;
  open(status?: number): void;
  frame(bytes?: number): void;
  comment(): void;
  caughtUp(): void;
  end(end: TransportEnd): void;
}

export type Script = (session: FakeSession) => void;

export interface Bench {
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly connection: ReturnType<typeof createConnection>;
  readonly sessions: FakeSession[];
  readonly transitions: Transition[];
  readonly codes: () => string[];
  /** What new sessions do; replace at will. */
  answer: Script;
  last(): FakeSession;
  /** Sessions neither ended nor closed. */
  alive(): FakeSession[];
  signal(signal: HostSignal): void;
  online: boolean;
  refresh: () => Promise<RefreshResult>;
  listeners(): number;
}

export function facts(transport: TransportKind, origin = 'http://feed.example:80'): RungFacts {
  return { transport, origin, loopback: false, url: `${origin}/${transport}`, pollIntervalMs: 5_000, holdMs: 25_000 };
}

export const fullLadder = (['websocket', 'sse', 'long-poll', 'poll'] as const).map((kind) => facts(kind));

export function createBench(
  setup: {
    readonly rungs?: readonly RungFacts[];
    readonly options?: Partial<ConnectionOptions>;
    readonly seed?: number;
    readonly credential?: boolean;
    readonly shared?: Pick<Bench, 'clock'> & {
      readonly memory?: ReturnType<typeof createRungMemory>;
      readonly portals?: ReturnType<typeof createPortalWatch>;
      readonly governor?: ReturnType<typeof createGovernor>;
    };
    readonly id?: string;
    readonly onStep?: ConnectionDeps['onStep'];
    readonly answer?: Script;
  } = {},
): Bench {
  const clock = setup.shared?.clock ?? createFakeClock();
  const sessions: FakeSession[] = [];
  const transitions: Transition[] = [];
  const signals = new Set<(signal: HostSignal) => void>();
  const credentials = new Set<() => void>();
  const credential: CredentialPort = {
    refresh: () => state.refresh(),
    onChange(listener) {
      credentials.add(listener);
      return () => credentials.delete(listener);
    },
  };

  const state: { online: boolean; answer: Script; refresh: () => Promise<RefreshResult> } = {
    online: true,
    answer: setup.answer ?? works,
    refresh: () => Promise.resolve({ kind: 'nothing-to-refresh' }),
  };

  const connection = createConnection(
    {
      id: setup.id ?? 'one',
      rungs: setup.rungs ?? fullLadder,
      clock,
      random: createSeededRandom(setup.seed ?? 1),
      opener: {
        open(rung, purpose, sink) {
          const session = createSession(rung, purpose, sink);
          sessions.push(session);
          clock.after(0, () => {
            if (session.state === 'opening') state.answer(session);
          });
          return {
            bytesRead: () => session.bytes,
            bytesQueued: () => session.queued,
            placed: () => session.placed,
            ping(flushed) {
              session.pings += 1;
              if (session.pongs === 'stuck') session.queued += 6;
              else clock.after(1, flushed);
              if (session.pongs === 'answer') {
                clock.after(20, () => {
                  if (session.state !== 'open') return;
                  session.bytes += 2;
                  sink.onHeartbeat('pong');
                });
              }
              return true;
            },
            askNow: () => {
              session.asked += 1;
            },
            pause: () => {
              session.paused = true;
            },
            resume: () => {
              session.paused = false;
            },
            close: () => finish(session, 'closed'),
            destroy: () => finish(session, 'destroyed'),
          };
        },
      },
      governor: setup.shared?.governor ?? createGovernor(clock),
      memory: setup.shared?.memory ?? createRungMemory(clock),
      portals: setup.shared?.portals ?? createPortalWatch(clock),
      ticks: createRounds(clock, setup.options?.timing?.tickMs ?? defaultTiming.tickMs),
      host: {
        network: () => 'home',
        online: () => state.online,
        subscribe(listener) {
          signals.add(listener);
          return () => signals.delete(listener);
        },
      },
      credential: setup.credential === false ? null : credential,
      options: { pinned: null, paused: false, overlap: true, heartbeatMs: null, ...setup.options },
      ...(setup.onStep ? { onStep: setup.onStep } : {}),
    },
    { onTransition: (transition) => transitions.push(transition), onChange() {}, onRoundTrip() {} },
  );

  function finish(session: FakeSession, how: 'closed' | 'destroyed'): void {
    if (session.state === 'opening' || session.state === 'open') session.state = how;
  }

  function createSession(rung: number, purpose: RungPurpose, sink: RungSink): FakeSession {
    const session: FakeSession = {
      rung,
      purpose,
      at: clock.now(),
      state: 'opening',
      bytes: 0,
      queued: 0,
      paused: false,
      pings: 0,
      asked: 0,
      pongs: 'answer',
      placed: true,
      sink,
      open(status = rung === 0 ? 101 : 200) {
        session.state = 'open';
        session.bytes += 100;
        sink.onOpen({ head: { status, headers: [] }, timings: noTimings, roundTripMs: 5 });
      },
      frame(bytes = 50) {
        session.bytes += bytes;
        sink.onFrame();
      },
      comment() {
        session.bytes += 2;
        sink.onHeartbeat('comment');
      },
      caughtUp: () => sink.onCaughtUp(),
      end(end) {
        session.state = 'ended';
        sink.onEnd(end);
      },
    };
    return session;
  }

  return Object.assign(state, {
    clock,
    connection,
    sessions,
    transitions,
    codes: () => transitions.map((transition) => transition.code),
    last() {
      const session = sessions[sessions.length - 1];
      if (!session) throw new Error('No session was opened.');
      return session;
    },
    alive: () => sessions.filter(({ state }) => state === 'opening' || state === 'open'),
    signal: (signal: HostSignal) => {
      for (const listener of [...signals]) listener(signal);
    },
    listeners: () => signals.size + credentials.size,
  });
}

const noTimings = { dnsMs: null, tcpMs: null, proxyMs: null, tlsMs: null, answerMs: 5 };

/** Opens, speaks, and has delivered all it promised. */
export const works: Script = (session) => {
  session.open();
  session.frame();
  session.caughtUp();
};

/** Says nothing at all. */
export const silent: Script = () => {};

export const refuses =
  (status: number, retryAfterMs: number | null = null): Script =>
  (session) =>
    session.end(refusal(status, retryAfterMs));

export const fails =
  (code: string, phase: NetworkFailure['phase'] = 'tcp'): Script =>
  (session) =>
    session.end(failure(code, phase));

/** One script per rung. */
export const byRung =
  (...scripts: readonly Script[]): Script =>
  (session) =>
    scripts[session.rung]?.(session);

export function refusal(status: number, retryAfterMs: number | null = null): TransportEnd {
  return { kind: 'refused', head: { status, headers: [] }, bodyStart: '', retryAfterMs };
}

export function failure(code: string, phase: NetworkFailure['phase'] = 'tcp'): TransportEnd {
  return { kind: 'failed', failure: { phase, code, message: code, certificate: null, proxy: null } };
}

export function html(): TransportEnd {
  return {
    kind: 'not-a-feed',
    head: { status: 200, headers: [] },
    contentType: 'text/html',
    bodyStart: '<!doctype html><title>Sign in</title>',
  };
}

/** A certificate that nobody vouches for. */
export const untrusted: TransportEnd = {
  kind: 'failed',
  failure: {
    phase: 'tls',
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    message: 'unable to verify the first certificate',
    certificate: { subject: 'CN=feed.example', issuer: 'CN=Somebody', validTo: 0, fingerprint: 'AA' },
    proxy: null,
  },
};
