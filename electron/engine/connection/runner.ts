import type { Transition } from '../../../shared/connection';
import type { Evidence } from '../../../shared/evidence';
import type { Timer } from '../core/clock';
import type { RefreshResult } from '../core/credential';
import type { RungPurpose, RungSession, RungSink } from '../core/rung';
import type { TransportEnd } from '../core/transport';
import { createCadence } from './cadence';
import type { ConnectionDeps as Deps } from './connection';
import { readEnd } from './failure';
import type { Ticket } from './governor';
import { nextDeadline, openTimeoutMs, step } from './machine';
import type { Effect, Machine, MachineInput, Pulse, Role, Settings } from './model';
import { createSawtooth } from './sawtooth';

/** A session's place, from the wish to open until its end. Whoever no longer holds the place is not heard. */
interface Slot {
  role: Role;
  readonly rung: number;
  readonly purpose: RungPurpose;
  pace: Timer | null;
  ticket: Ticket | null;
  session: RungSession | null;
  heard: boolean;
  bytes: number;
  lastByteAt: number;
  pingAt: number;
}

/** Numbers that change too often to be told one by one. Monotonic ms. */
export interface Readings {
  readonly lastByteAt: number | null;
  readonly lastHeartbeatAt: number | null;
  readonly roundTripMs: number | null;
  readonly attempts: number;
}

export interface Runner {
  machine(): Machine;
  readings(): Readings;
  dispatch(input: MachineInput): void;
  /** Looks at what time it is for the main session: bytes that made no frame yet. */
  sample(): void;
  /** Nothing of ours is left: timers, sessions, places in a queue. */
  end(): void;
}

/** Least wait before looking again after a look, ms: whatever the machine wants, it is no hot loop. */
const leastLookMs = 20;
/** A held answer keeps its handshake's place no longer than this, ms. */
const heldPlaceMs = 1_000;

/**
 * Performs what the machine decides, and tells it what happened. The one place with timers and sessions. Late
 * callbacks are dropped here: a session is heard only while it holds its place, and a session that loses its place
 * is ended, not only ignored.
 */
export function createRunner(
  deps: Deps & { readonly beforeDue: () => void },
  settings: Settings,
  initial: Machine,
  out: { onTransition(transition: Transition): void; onRoundTrip(ms: number): void; onChange(): void },
): Runner {
  const { clock, random, opener, governor, memory, host, portals } = deps;
  const slots = new Map<Role, Slot>();
  const queue: MachineInput[] = [];
  const sawtooth = createSawtooth();
  const cadence = createCadence();
  let machine = initial;
  let stepping = false;
  let ended = false;
  let wake: { readonly at: number; readonly timer: Timer } | null = null;
  let lastLookAt = Number.NEGATIVE_INFINITY;
  let lastBegunAt = Number.NEGATIVE_INFINITY;
  let refreshes = 0;
  let attempts = 0;
  let lastByteAt: number | null = null;
  let lastHeartbeatAt: number | null = null;
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
    const stamp = { at: clock.now(), up: clock.uptime(), wall: clock.wall(), rolls, pulse: pulseOf(slots.get('main')) };
    const before = machine;
    const { machine: after, effects, transitions } = step(machine, { ...input, ...stamp }, settings);
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
    const timer = clock.after(Math.max(0, Math.ceil(earliest - clock.now())), () => {
      wake = null;
      lastLookAt = clock.now();
      deps.beforeDue();
      dispatch({ type: 'due' });
      arm();
    });
    wake = { at, timer };
  }

  function perform(effect: Effect): void {
    switch (effect.do) {
      case 'open':
        open(effect.role, effect.rung, effect.purpose);
        return;
      case 'drop':
        drop(effect.role, effect.politely);
        return;
      case 'adopt':
        adopt(effect.role);
        return;
      case 'ping':
        ping();
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
        const { transport } = facts ?? {};
        if (transport) memory.remember(home(), host.network(), { transport, why: effect.why, at: clock.wall() });
        return;
      }
      case 'forget':
        memory.forget(home(), host.network());
        return;
    }
  }

  function home(): string {
    return settings.rungs[0]?.origin ?? '';
  }

  function open(role: Role, rung: number, purpose: RungPurpose): void {
    drop(role, false);
    const slot: Slot = {
      role,
      rung,
      purpose,
      pace: null,
      ticket: null,
      session: null,
      heard: false,
      bytes: 0,
      lastByteAt: clock.now(),
      pingAt: 0,
    };
    slots.set(role, slot);
    line(slot);
  }

  /** First our own pace, then the origin's budget. */
  function line(slot: Slot): void {
    const early = lastBegunAt + settings.timing.paceMs - clock.now();
    if (early > 0) {
      slot.pace = clock.after(Math.ceil(early), () => {
        slot.pace = null;
        line(slot);
      });
      return;
    }
    const facts = settings.rungs[slot.rung];
    if (!facts) return;
    const holdMs = facts.transport === 'long-poll' ? heldPlaceMs : openTimeoutMs(settings, slot.rung);
    let granted = false;
    const ticket = governor.request(facts.origin, deps.id, holdMs, () => {
      granted = true;
      if (slot.ticket) begin(slot);
    });
    slot.ticket = ticket;
    if (granted) begin(slot);
  }

  function begin(slot: Slot): void {
    if (!holds(slot) || slot.session) return;
    if (lastBegunAt + settings.timing.paceMs > clock.now()) {
      // Another session of ours went first while this one stood in line.
      release(slot);
      line(slot);
      return;
    }
    lastBegunAt = clock.now();
    attempts += 1;
    slot.lastByteAt = lastBegunAt;
    slot.session = opener.open(slot.rung, slot.purpose, sinkOf(slot));
    dispatch({ type: 'begun', role: slot.role });
  }

  function release(slot: Slot): void {
    slot.ticket?.release();
    slot.ticket = null;
  }

  function drop(role: Role, politely: boolean): void {
    const slot = slots.get(role);
    if (!slot) return;
    slots.delete(role);
    slot.pace?.cancel();
    release(slot);
    if (politely) slot.session?.close();
    else slot.session?.destroy();
  }

  function adopt(role: 'control' | 'candidate'): void {
    const slot = slots.get(role);
    if (!slot) return;
    slots.delete(role);
    drop('main', true);
    slot.role = 'main';
    slots.set('main', slot);
    sawtooth.reset();
  }

  function ping(): void {
    const slot = slots.get('main');
    if (!slot?.session) return;
    slot.pingAt = clock.now();
    slot.session.ping(() => {
      if (!holds(slot) || slot.role !== 'main') return;
      slot.pingAt = clock.now();
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
      dispatch({ type: 'refreshed', result: { kind: 'nothing-to-refresh' } });
      return;
    }
    try {
      deps.credential.refresh().then(answer, failed);
    } catch (error) {
      failed(error);
    }
  }

  /** The generation guard: a session is heard only while it holds its place. */
  function holds(slot: Slot): boolean {
    return !ended && slots.get(slot.role) === slot;
  }

  function life(slot: Slot): void {
    slot.lastByteAt = clock.now();
    if (slot.role === 'main') lastByteAt = slot.lastByteAt;
    if (slot.heard) return;
    slot.heard = true;
    dispatch({ type: 'heard', role: slot.role });
  }

  function sinkOf(slot: Slot): RungSink {
    const facts = settings.rungs[slot.rung];
    const sse = facts?.transport === 'sse';
    const told = (input: (role: Role) => MachineInput): void => {
      if (holds(slot)) dispatch(input(slot.role));
    };
    const measured = (ms: number | null): void => {
      if (ms === null || (slot.role !== 'main' && slot.role !== 'control')) return;
      roundTripMs = ms;
      out.onRoundTrip(ms);
    };
    return {
      onOpen({ head, timings, roundTripMs: measuredMs }) {
        if (!holds(slot)) return;
        release(slot);
        slot.lastByteAt = clock.now();
        if (slot.role !== 'proof') lastByteAt = slot.lastByteAt;
        roundTripMs = slot.role === 'main' || slot.role === 'control' ? null : roundTripMs;
        measured(measuredMs);
        if (facts && !facts.loopback) portals.sawFeed(facts.origin);
        const evidence: readonly Evidence[] = [
          { kind: 'http', status: head.status, headers: [], bodyStart: '' },
          { kind: 'timings', phases: timings },
        ];
        dispatch({ type: 'opened', role: slot.role, evidence });
      },
      onFrame() {
        if (!holds(slot)) return;
        if (sse) cadence.frame();
        life(slot);
      },
      onHeartbeat(kind) {
        if (!holds(slot)) return;
        if (slot.role === 'main') lastHeartbeatAt = clock.now();
        if (kind === 'pong' && slot.role === 'main' && slot.pingAt > 0) {
          measured(clock.now() - slot.pingAt);
          out.onChange();
        }
        life(slot);
        const learnt = sse && kind === 'comment' && slot.role === 'main' ? cadence.comment(clock.now()) : null;
        if (learnt !== null) dispatch({ type: 'learnt', ms: learnt });
      },
      onFloor: (ms) => told((role) => ({ type: 'floor', role, ms })),
      onAnswer(measuredMs) {
        if (!holds(slot)) return;
        measured(measuredMs);
        life(slot);
        dispatch({ type: 'answered', role: slot.role });
      },
      onAttached: ({ stream, epoch }) => told((role) => ({ type: 'attached', role, stream, epoch })),
      onTerms: ({ spreadMs, heartbeatMs }) => told((role) => ({ type: 'terms', role, spreadMs, heartbeatMs })),
      onGoodbye: (goodbye) => told((role) => ({ type: 'goodbye', role, ...goodbye })),
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

  function over(slot: Slot, end: TransportEnd): void {
    if (!holds(slot)) return;
    const { role, rung } = slot;
    const facts = settings.rungs[rung];
    if (!facts) return;
    // Bytes may have come since the last frame; how long it was silent is evidence.
    measure(slot);
    slots.delete(role);
    release(slot);
    const { timing, stopCodes } = settings;
    const read = (opened: boolean, openMs: number) =>
      readEnd(end, { transport: facts.transport, opened, openMs, stopCodes, timing });
    const html = !facts.loopback && role !== 'proof' && read(false, 0).html;
    const portal = html && portals.sawHtml(facts.origin);
    dispatch({ type: 'ended', role, end: read, portal });
  }

  function measure(slot: Slot): Pulse | null {
    if (!slot.session) return null;
    const bytesRead = slot.session.bytesRead();
    if (bytesRead > slot.bytes) {
      slot.bytes = bytesRead;
      // Exact to the tick: a frame says when, raw bytes only that.
      slot.lastByteAt = clock.now();
      if (slot.role === 'main') lastByteAt = slot.lastByteAt;
    }
    return { bytesRead, bytesQueued: slot.session.bytesQueued(), lastByteAt: slot.lastByteAt };
  }

  function pulseOf(slot: Slot | undefined): Pulse | null {
    return slot ? measure(slot) : null;
  }

  return {
    machine: () => machine,
    readings: () => ({ lastByteAt, lastHeartbeatAt, roundTripMs, attempts }),
    dispatch,
    sample() {
      const slot = slots.get('main');
      if (slot) measure(slot);
    },
    end() {
      ended = true;
      refreshes += 1;
      queue.length = 0;
      wake?.timer.cancel();
      wake = null;
      for (const role of [...slots.keys()]) drop(role, true);
    },
  };
}
