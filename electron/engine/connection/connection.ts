import type { ConnectionState, Transition } from '../../../shared/connection';
import { later, type Timer } from '../core/clock';
import type { HostSignal } from '../core/network';
import { createClockWatch } from './clocks';
import type { ConnectionDeps } from './deps';
import { publicState } from './draft';
import { createMachine } from './machine';
import type { RememberedRung } from './memory';
import type { Settings, Silence } from './model';
import { createRunner } from './runner';
import { defaultTiming } from './timing';
import { type ConnectionView, viewOf } from './view';
import { createWallOffset } from './wall-offset';

/** Called within the step that caused it; calling back into the connection is allowed and taken up after the step. */
export interface ConnectionSink {
  onTransition(transition: Transition): void;
  /** A round trip of the delivering rung was measured, ms. */
  onRoundTrip(ms: number): void;
  /** Something in `view()` changed. May come often. */
  onChange(): void;
}

/** One source's connection. Every method may be called in every state; what makes no sense there does nothing. */
export interface Connection {
  /** In wall-clock epoch ms. */
  state(): ConnectionState;
  /** Leaves `idle{new}`. */
  start(): void;
  pause(): void;
  resume(): void;
  /** Tries now, passing every floor and wait. While live it tests whether the connection still lives. */
  retryNow(): void;
  /** Keeps to one rung (index into the ladder), or lets the ladder decide again. */
  pin(rung: number | null): void;
  /** Tries a better rung now, beside the running connection. */
  probeNow(): void;
  /** Back-pressure: true stops reading from the socket, false lets it go on. */
  hold(on: boolean): void;
  /** What is expected on the open connection does not come, as `why` says; null: it comes. */
  silence(why: Silence | null): void;
  /** Delivery lost the thread (an event of another epoch): attach again once, under backoff. */
  reattach(reason: string): void;
  /** The credential was changed by a person. */
  credentialChanged(): void;
  /** Compares the clocks now: call it before anything is judged by how long it took. A sleep that shows is acted on. */
  lookAtClocks(): void;
  view(): ConnectionView;
  /** The count of the view alone: it is asked with every entry of the journal, and a whole view costs more than that. */
  reconnects(): number;
  /** Final: ends everything politely; afterwards no timer, session or listener of it is left. */
  close(): void;
}

/** Creates a connection at rest. Throws a `RangeError` when the ladder is empty or the pin is off it. */
export function createConnection(deps: ConnectionDeps, sink: ConnectionSink): Connection {
  const { clock, host, memory, options, rungs } = deps;
  if (rungs.length === 0) throw new RangeError('A ladder needs at least one rung.');
  if (options.pinned !== null && !rungs[options.pinned])
    throw new RangeError(`The ladder has no rung ${options.pinned}.`);
  const settings: Settings = {
    rungs,
    timing: { ...defaultTiming, ...options.timing },
    stopCodes: options.stopCodes ?? [],
    closes: options.closes ?? [],
    plannedEndMs: options.plannedEndMs ?? null,
    overlap: options.overlap,
    guessed: options.guessed ?? false,
    hasCredential: deps.credential !== null && deps.credential.empty !== true,
    bare: deps.credential === null || deps.credential.bare === true,
  };
  const { timing } = settings;
  const watch = createClockWatch(clock, timing);
  const wallOffset = createWallOffset(clock);
  let tick: Timer | null = null;
  let closed = false;

  const initial = createMachine(settings, {
    wall: clock.wall(),
    pinned: options.pinned,
    paused: options.paused,
    online: host.online(),
    promisedMs: options.heartbeatMs,
  });
  const runner = createRunner({ ...deps, lookAtClocks }, settings, initial, {
    onTransition: (transition) => sink.onTransition(transition),
    onRoundTrip: (ms) => sink.onRoundTrip(ms),
    onChange() {
      keepTicking();
      sink.onChange();
    },
  });
  const unsubscribe = [
    host.subscribe(onSignal),
    deps.portals.onPortal(() => runner.dispatch({ type: 'portal' })),
    deps.credential?.onChange(() => runner.dispatch({ type: 'credential-changed' })),
  ];

  /** Sleep comes before whatever else is due: a deadline that passed while asleep proves nothing. */
  function lookAtClocks(): void {
    const found = watch.look();
    if (found?.kind === 'slept') {
      runner.dispatch({ type: 'woke', sleptMs: found.sleptMs, lastWall: found.lastWall, online: host.online() });
    } else if (found?.kind === 'stood-still') runner.dispatch({ type: 'stood-still', ms: found.ms });
    else if (found) runner.dispatch({ type: 'clock-changed', byMs: found.byMs });
  }

  /** Our own tick runs while there is something to watch. */
  function keepTicking(): void {
    const { kind } = runner.machine().phase;
    const wanted = kind !== 'idle' && kind !== 'closed';
    if (wanted === (tick !== null)) return;
    if (!wanted) {
      tick?.cancel();
      tick = null;
      watch.expect(null);
      return;
    }
    watch.look();
    setTick();
  }

  function setTick(): void {
    watch.expect(later(clock.now(), timing.tickMs));
    tick = deps.ticks.next(() => {
      lookAtClocks();
      runner.sample();
      if (runner.machine().noNetwork && host.online()) runner.dispatch({ type: 'online' });
      if (tick !== null) setTick();
    });
  }

  function onSignal(signal: HostSignal): void {
    switch (signal.kind) {
      case 'suspend':
        runner.dispatch({ type: 'suspend' });
        return;
      case 'resume': {
        lookAtClocks();
        const wall = clock.wall();
        runner.dispatch({ type: 'woke', sleptMs: null, lastWall: wall, online: host.online() });
        return;
      }
      case 'offline':
        runner.dispatch({ type: 'offline' });
        return;
      case 'online':
        runner.dispatch({ type: 'online' });
        return;
      case 'network-changed': {
        deps.portals.reset();
        const recalled = memory.recall(rungs[0]?.origin ?? '', signal.network);
        runner.dispatch({ type: 'network-changed', network: signal.network, recalled, online: host.online() });
        return;
      }
    }
  }

  function surroundings(): { readonly recalled: RememberedRung | null; readonly online: boolean } {
    return { recalled: memory.recall(rungs[0]?.origin ?? '', host.network()), online: host.online() };
  }

  return {
    state: () => publicState(runner.machine(), wallOffset()),
    start: () => runner.dispatch({ type: 'start', ...surroundings() }),
    pause: () => runner.dispatch({ type: 'pause' }),
    resume: () => runner.dispatch({ type: 'resume', ...surroundings() }),
    retryNow: () => runner.dispatch({ type: 'retry' }),
    pin: (rung) => runner.dispatch({ type: 'pin', rung }),
    probeNow: () => runner.dispatch({ type: 'probe' }),
    hold: (on) => runner.dispatch({ type: 'hold', on }),
    silence: (why) => runner.dispatch({ type: 'silence', why }),
    reattach: (reason) => runner.dispatch({ type: 'reattach', reason }),
    credentialChanged: () => runner.dispatch({ type: 'credential-changed' }),
    lookAtClocks() {
      if (tick !== null) lookAtClocks();
    },
    reconnects: () => runner.machine().reconnects,
    view: () => viewOf(runner.machine(), settings, clock.now(), wallOffset(), runner.readings()),
    close() {
      if (closed) return;
      closed = true;
      runner.dispatch({ type: 'close' });
      runner.end();
      tick?.cancel();
      tick = null;
      for (const off of unsubscribe) off?.();
    },
  };
}
