import { type FaultSettings, noFaults } from '../../../shared/faults';
import type { Clock, Timer } from '../../engine/core/clock';
import { createListeners } from '../../engine/core/listeners';
import { type Log, reportTo } from '../log';
import type { FromGateway, ToGateway } from './messages';

/** A gateway process as the supervisor sees it. */
export interface GatewayChild {
  post(message: ToGateway): void;
  /** Ends it without asking. */
  kill(): void;
}

export interface ChildSink {
  onMessage(message: FromGateway): void;
  /** Once, however it ended. */
  onExit(code: number | null): void;
}

export interface SupervisorDeps {
  readonly clock: Clock;
  readonly spawn: (sink: ChildSink) => GatewayChild;
  readonly stateDir: string;
  readonly token: string | null;
  readonly demo: boolean;
  /** Port it had last, or null. */
  readonly port: number | null;
  readonly log: Log;
}

/**
 * Keeps the built-in gateway running in a process of its own: started again when it dies (0.2, 0.4, 0.8 … 10 s), on
 * the same port, so that its address stays good. While held down it stays down.
 */
export interface GatewaySupervisor {
  /** Starts it; resolves with its port when it listens. Rejects only when closed before. */
  start(): Promise<number>;
  running(): boolean;
  /** Whether the process that runs now has said that it listens there. Its last port says nothing of who has it now. */
  listensOn(place: { readonly host: string; readonly port: number }): boolean;
  /** Demo: kills the process and keeps it down until `release`. Resolves when it is gone. */
  hold(): Promise<void>;
  /** Resolves when it listens again. */
  release(): Promise<number>;
  setFaults(settings: FaultSettings): void;
  setWatched(watched: boolean): void;
  dropConnections(): void;
  restartWithNewEpoch(): void;
  /** It came up, went down or changed its port. Returns its own unsubscribe. */
  onChange(listener: () => void): () => void;
  port(): number | null;
  /** Asks it to stop, kills it after 2 s. Idempotent; resolves when no process is left. */
  close(): Promise<void>;
}

/** Where its process listens. */
export const gatewayHost = '127.0.0.1';
const firstWaitMs = 200;
const longestWaitMs = 10_000;
/** Running this long sets the wait back to the first. */
const steadyMs = 30_000;
/** Failed attempts on the old port before another one is taken. */
const triesOnPort = 5;
const stopWithinMs = 2000;
/**
 * A process that neither listens nor fails for this long hangs, ms: doubled from one to the next, as a starved machine
 * needs longer and would never come up if each start was cut off like the one before.
 */
const answerWithinMs = 15_000;
const longestAnswerMs = 120_000;

/** See `GatewaySupervisor`. */
export function createGatewaySupervisor(deps: SupervisorDeps): GatewaySupervisor {
  const { clock, log } = deps;
  const listeners = createListeners<[]>(reportTo(log));
  const awaitingPort = new Set<{ resolve: (port: number) => void; reject: (error: Error) => void }>();
  const awaitingExit = new Set<() => void>();
  let child: GatewayChild | null = null;
  let timer: Timer | null = null;
  /** Runs while a process has been started and has not answered. */
  let answering: Timer | null = null;
  let unanswered = 0;
  let port = deps.port;
  /** It listened on `port` in this run: the address is in use by a source and worth insisting on. */
  let portProven = false;
  let portTries = 0;
  let failures = 0;
  let listening = false;
  let listeningSince = 0;
  let held = false;
  let closed = false;
  let faults = noFaults;
  let watched = false;

  const changed = listeners.tell;

  const launch = () => {
    timer = null;
    if (child || closed || held) return;
    let mine: GatewayChild | null = null;
    mine = deps.spawn({
      onMessage: (message) => {
        if (child === mine) heard(message);
      },
      onExit: (code) => {
        if (child === mine) gone(code);
      },
    });
    child = mine;
    mine.post({
      kind: 'start',
      port: port ?? 0,
      stateDir: deps.stateDir,
      token: deps.token,
      demo: deps.demo,
      faults,
    });
    if (watched) mine.post({ kind: 'watched', watched });
    const patience = Math.min(longestAnswerMs, answerWithinMs * 2 ** unanswered);
    answering = clock.after(patience, () => {
      unanswered += 1;
      log.warn(`the built-in gateway did not answer within ${patience / 1000} s; it is started anew`);
      const hung = child;
      // Not waited for: one that hangs before it is a process has no exit to tell of.
      gone(null);
      hung?.kill();
    });
  };

  const answered = () => {
    answering?.cancel();
    answering = null;
    unanswered = 0;
  };

  const heard = (message: FromGateway) => {
    switch (message.kind) {
      case 'listening':
        answered();
        port = message.port;
        portProven = true;
        portTries = 0;
        listening = true;
        listeningSince = clock.now();
        for (const { resolve } of awaitingPort) resolve(message.port);
        awaitingPort.clear();
        changed();
        return;
      case 'failed':
        answered();
        log.once(`gateway ${message.message}`, `the built-in gateway could not start: ${message.message}`);
        portTries += 1;
        if (message.code === 'EADDRINUSE' && (!portProven || portTries >= triesOnPort)) port = null;
        return;
      case 'log':
        log.info(`gateway: ${message.message}`);
        return;
    }
  };

  const gone = (code: number | null) => {
    const steady = listening && clock.now() - listeningSince >= steadyMs;
    const wasListening = listening;
    child = null;
    answering?.cancel();
    answering = null;
    listening = false;
    for (const resolve of awaitingExit) resolve();
    awaitingExit.clear();
    if (!closed && !held) {
      failures = steady ? 1 : failures + 1;
      const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1));
      if (wasListening)
        log.warn(`the built-in gateway ended (code ${code ?? 'none'}); starting it again in ${wait} ms`);
      timer = clock.after(wait, launch);
    }
    if (wasListening) changed();
  };

  const whenListening = () =>
    new Promise<number>((resolve, reject) => {
      if (listening && port !== null) resolve(port);
      else awaitingPort.add({ resolve, reject });
    });

  const whenGone = () =>
    new Promise<void>((resolve) => {
      if (child) awaitingExit.add(resolve);
      else resolve();
    });

  return {
    start() {
      if (!timer) launch();
      return whenListening();
    },
    running: () => listening,
    listensOn: (place) => listening && place.host === gatewayHost && place.port === port,
    async hold() {
      held = true;
      timer?.cancel();
      timer = null;
      child?.kill();
      await whenGone();
    },
    release() {
      held = false;
      failures = 0;
      if (!timer) launch();
      return whenListening();
    },
    setFaults(settings) {
      faults = settings;
      child?.post({ kind: 'faults', settings });
    },
    setWatched(now) {
      if (now === watched) return;
      watched = now;
      child?.post({ kind: 'watched', watched });
    },
    dropConnections: () => child?.post({ kind: 'drop-connections' }),
    restartWithNewEpoch: () => child?.post({ kind: 'restart-new-epoch' }),
    onChange: listeners.subscribe,
    port: () => port,
    async close() {
      closed = true;
      timer?.cancel();
      timer = null;
      for (const { reject } of awaitingPort) reject(new Error('The application is closing.'));
      awaitingPort.clear();
      if (!child) return;
      child.post({ kind: 'stop' });
      const deadline = clock.after(stopWithinMs, () => child?.kill());
      await whenGone();
      deadline.cancel();
    },
  };
}
