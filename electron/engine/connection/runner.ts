import type { Transition } from '../../../shared/connection';
import type { Evidence } from '../../../shared/evidence';
import { deadline, type MonotonicMs, type Timer } from '../core/clock';
import { concealed, type RefreshResult } from '../core/credential';
import type { RungSink } from '../core/rung';
import type { TransportEnd } from '../core/transport';
import { createCadence } from './cadence';
import type { ConnectionDeps } from './deps';
import { isPage } from './ends';
import { nextDeadline, step } from './machine';
import type { Effect, Machine, MachineEvent, MachineInput, Role, Settings } from './model';
import { createSawtooth } from './sawtooth';
import { createSlots, type Slot } from './slots';
import type { Readings } from './view';

export interface Runner {
  machine(): Machine;
  readings(): Readings;
  dispatch(input: MachineInput): void;
  /** Looks at what has been read for the main session: bytes that made no frame yet. */
  sample(): void;
  /** Nothing of ours is left: timers, sessions, places in a queue. */
  end(): void;
}

type RunnerDeps = ConnectionDeps & {
  /** Compares the clocks: sleep comes before whatever else seems to have happened. */
  readonly lookAtClocks: () => void;
};

interface RunnerSink {
  onTransition(transition: Transition): void;
  onRoundTrip(ms: number): void;
  onChange(): void;
}

/** Least wait before looking again after a look, ms: whatever the machine wants, it is no hot loop. */
const leastLookMs = 20;

/**
 * Performs what the machine decides, and tells it what happened. Late callbacks are dropped here: a session is heard
 * only while it holds its place, and a session that loses its place is ended, not only ignored.
 */
export function createRunner(deps: RunnerDeps, settings: Settings, initial: Machine, out: RunnerSink): Runner {
  const { clock, random, memory, host, portals } = deps;
  const queue: MachineInput[] = [];
  const sawtooth = createSawtooth();
  const cadence = createCadence();
  const slots = createSlots({
    id: deps.id,
    clock,
    opener: deps.opener,
    governor: deps.governor,
    settings,
    sinkOf,
    onBegun: (slot) => dispatch({ type: 'begun', role: slot.role }),
  });
  let machine = initial;
  let stepping = false;
  let ended = false;
  let wake: { readonly at: MonotonicMs; readonly timer: Timer } | null = null;
  let lastLookAt = Number.NEGATIVE_INFINITY;
  let refreshes = 0;
  let ping: { readonly slot: Slot; at: MonotonicMs } | null = null;
  let lastByteAt: MonotonicMs | null = null;
  let lastHeartbeatAt: MonotonicMs | null = null;
  let roundTripMs: number | null = null;

  function dispatch(input: MachineInput): void {
    if (ended) return;
    queue.push(input);
    if (stepping) return;
    stepping = true;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) take(next);
    } finally {
      stepping = false;
    }
    arm();
  }

  function take(input: MachineInput): void {
    const rolls = [random.next(), random.next()] as const;
    const main = slots.get('main');
    const pulse = main ? measure(main) : null;
    const stamp = { at: clock.now(), up: clock.uptime(), wall: clock.wall(), rolls, pulse };
    const before = machine;
    const event: MachineEvent = { ...input, ...stamp };
    const taken = step(machine, event, settings);
    const { machine: after, effects, transitions } = taken;
    deps.onStep?.(event, taken);
    machine = after;
    for (const effect of effects) perform(effect);
    for (const transition of transitions) out.onTransition(transition);
    if (after !== before) out.onChange();
  }

  /** One timer stands for every deadline of the machine: none can be forgotten. */
  function arm(): void {
    if (ended) return;
    const at = nextDeadline(machine, settings);
    if (wake && wake.at === at) return;
    wake?.timer.cancel();
    wake = null;
    if (at === Number.POSITIVE_INFINITY) return;
    const earliest = Math.max(at, lastLookAt + leastLookMs);
    const timer = deadline(clock, Math.max(0, Math.ceil(earliest - clock.now())), judge);
    wake = { at, timer };
  }

  function judge(): void {
    wake = null;
    lastLookAt = clock.now();
    deps.lookAtClocks();
    dispatch({ type: 'due' });
    arm();
  }

  function perform(effect: Effect): void {
    switch (effect.do) {
      case 'open':
        slots.open(effect.role, effect.rung, effect.purpose);
        return;
      case 'drop':
        slots.drop(effect.role, effect.politely);
        return;
      case 'adopt':
        slots.adopt(effect.role);
        sawtooth.reset();
        return;
      case 'ping':
        sendPing();
        return;
      case 'ask':
        slots.get('main')?.session?.askNow();
        return;
      case 'hold': {
        const session = slots.get('main')?.session;
        if (effect.on) session?.pause();
        else session?.resume();
        return;
      }
      case 'refresh':
        refresh();
        return;
      case 'remember': {
        const facts = settings.rungs[effect.rung];
        if (!facts) return;
        const rung = { transport: facts.transport, why: effect.why, at: clock.wall() };
        memory.remember(originOf(settings), host.network(), rung);
        return;
      }
      case 'forget':
        memory.forget(originOf(settings), host.network());
        return;
    }
  }

  function sendPing(): void {
    const slot = slots.get('main');
    if (!slot?.session) return;
    const mine = { slot, at: clock.now() };
    ping = mine;
    slot.session.ping(() => {
      if (ping !== mine || !holds(slot)) return;
      mine.at = clock.now();
      dispatch({ type: 'flushed' });
    });
  }

  function refresh(): void {
    refreshes += 1;
    const mine = refreshes;
    const answer = (result: RefreshResult): void => {
      if (mine === refreshes) dispatch({ type: 'refreshed', result });
    };
    const failed = (error: unknown): void =>
      answer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    if (!deps.credential) {
      answer({ kind: 'nothing-to-refresh' });
      return;
    }
    try {
      deps.credential.refresh().then(answer, failed);
    } catch (error) {
      failed(error);
    }
  }

  function holds(slot: Slot): boolean {
    return !ended && slots.holds(slot);
  }

  function measure(slot: Slot): ReturnType<typeof slots.measure> {
    const pulse = slots.measure(slot);
    // A socket that has read nothing yet has no last byte: the one before it keeps its own.
    if (pulse && slot.role === 'main' && slot.bytes > 0) lastByteAt = pulse.lastByteAt;
    return pulse;
  }

  /** Something was heard: a frame, a heartbeat, an answer. */
  function life(slot: Slot, feed = true): void {
    slots.touch(slot, clock.now());
    if (feed) slot.lastFeedAt = slot.lastByteAt;
    if (slot.role === 'main') lastByteAt = slot.lastByteAt;
    if (slot.heard) return;
    slot.heard = true;
    dispatch({ type: 'heard', role: slot.role });
  }

  function measured(slot: Slot, ms: number | null): void {
    if (ms === null || (slot.role !== 'main' && slot.role !== 'control')) return;
    roundTripMs = ms;
    out.onRoundTrip(ms);
  }

  function sinkOf(slot: Slot): RungSink {
    const facts = settings.rungs[slot.rung];
    const sse = facts?.transport === 'sse';
    const told = (input: (role: Role) => MachineInput): void => {
      if (holds(slot)) dispatch(input(slot.role));
    };
    return {
      onOpen(opening) {
        deps.lookAtClocks();
        if (!holds(slot)) return;
        slots.arrived(slot);
        // A sign of life in the middle of what is said first was told to a machine that was not live yet.
        slot.heard = false;
        slot.lastByteAt = clock.now();
        slot.lastFeedAt = slot.lastByteAt;
        if (slot.role === 'main' || slot.role === 'control') roundTripMs = null;
        measured(slot, opening.roundTripMs);
        if (facts && !facts.loopback) portals.sawFeed(facts.origin);
        const { head } = opening;
        const evidence: readonly Evidence[] = [
          ...(head ? [{ kind: 'http' as const, status: head.status, headers: [], bodyStart: '' }] : []),
          { kind: 'timings', phases: opening.timings },
        ];
        dispatch({ type: 'opened', role: slot.role, evidence });
      },
      onTalking(ms) {
        if (!holds(slot)) return;
        slots.arrived(slot);
        dispatch({ type: 'talking', role: slot.role, ms });
      },
      onFrame() {
        if (!holds(slot)) return;
        if (sse) cadence.frame();
        life(slot);
      },
      onHeartbeat(kind) {
        if (!holds(slot)) return;
        if (slot.role === 'main') lastHeartbeatAt = clock.now();
        if (kind === 'pong' && ping?.slot === slot) {
          measured(slot, clock.now() - ping.at);
          out.onChange();
        }
        life(slot, kind !== 'pong');
        if (kind === 'pong' && machine.pongs !== 'answers') dispatch({ type: 'ponged' });
        const learnt = sse && kind === 'comment' && slot.role === 'main' ? cadence.comment(clock.now()) : null;
        if (learnt !== null) dispatch({ type: 'learnt', ms: learnt });
      },
      onFloor: (ms) => told((role) => ({ type: 'floor', role, ms })),
      onStream: () => told((role) => ({ type: 'streams', role })),
      onAnswer(ms) {
        if (!holds(slot)) return;
        measured(slot, ms);
        life(slot);
        told((role) => ({ type: 'answered', role }));
      },
      onAttached: ({ stream, epoch }) => told((role) => ({ type: 'attached', role, stream, epoch })),
      onTerms: ({ spreadMs, heartbeatMs }) => told((role) => ({ type: 'terms', role, spreadMs, heartbeatMs })),
      onGoodbye: (goodbye) => told((role) => ({ type: 'goodbye', role, ...concealed(goodbye, deps.credential) })),
      onEvent(sentAt, receivedAt) {
        if (!sse || sentAt === null || slot.role !== 'main' || !holds(slot)) return;
        const { phase } = machine;
        // While catching up, old events come in bursts by nature.
        if (phase.kind !== 'live' || phase.resync !== 'current' || machine.held) return sawtooth.reset();
        const found = sawtooth.event(sentAt, receivedAt);
        if (found) dispatch({ type: 'suspected', ...found });
      },
      onCaughtUp: () => told((role) => ({ type: 'caught-up', role })),
      onProof(undelivered) {
        if (holds(slot) && slot.role === 'proof') dispatch({ type: 'proof', undelivered });
      },
      onEnd: (end) => over(slot, end),
    };
  }

  function over(slot: Slot, told: TransportEnd): void {
    const end = concealed(told, deps.credential);
    deps.lookAtClocks();
    if (!holds(slot)) return;
    const { role } = slot;
    const facts = settings.rungs[slot.rung];
    if (!facts) return;
    // Bytes may have come since the last frame; how long it was silent is evidence.
    measure(slot);
    slots.vacate(slot);
    // Nobody stands between us and our own machine.
    const html = !facts.loopback && role !== 'proof' && isPage(end);
    const portal = html && portals.sawHtml(facts.origin);
    dispatch({ type: 'ended', role, end, portal, lastByteAt: slot.lastByteAt, lastFeedAt: slot.lastFeedAt });
  }

  return {
    machine: () => machine,
    readings: () => ({ lastByteAt, lastHeartbeatAt, roundTripMs, attempts: slots.attempts() }),
    dispatch,
    sample() {
      const main = slots.get('main');
      if (main) measure(main);
    },
    end() {
      ended = true;
      refreshes += 1;
      queue.length = 0;
      wake?.timer.cancel();
      wake = null;
      slots.end();
    },
  };
}

/** The origin that rung memory is kept for. */
export function originOf(settings: Pick<Settings, 'rungs'>): string {
  return settings.rungs[0]?.origin ?? '';
}
