import type { ConnectionState, Transition } from '../../../shared/connection';
import type { ReasonedEvidence } from '../../../shared/reasons';
import { type TransportKind, transportNames } from '../../../shared/transport';
import { latest, type MonotonicMs, type WallMs, wallMs } from '../core/clock';
import type { RungFacts } from '../core/rung';
import type { Heart, HeartContext } from './heartbeat';
import type { Down, Effect, Live, Machine, MachineEvent, Phase, Role, RungRecord, Settings, Stamp } from './model';

/**
 * One step in the making. `m` is replaced, never changed in place, so that a step stays a pure function of
 * machine and event; the draft itself lives for one step only.
 */
export interface Draft {
  readonly settings: Settings;
  readonly now: Stamp;
  /** When the main session was last heard, as far as the event tells. */
  readonly heardAt: MonotonicMs | null;
  m: Machine;
  readonly effects: Effect[];
  readonly transitions: Transition[];
}

export function draftOf(machine: Machine, event: MachineEvent, settings: Settings): Draft {
  const heardAt =
    event.type === 'ended' && event.role === 'main' ? event.lastByteAt : (event.pulse?.lastByteAt ?? null);
  return { settings, now: event, heardAt, m: machine, effects: [], transitions: [] };
}

/** Changes some of the machine's fields. */
export function patch(d: Draft, fields: Partial<Machine>): void {
  d.m = { ...d.m, ...fields };
}

/** Changes some fields of `live`; nothing is told outside. */
export function patchLive(d: Draft, fields: Partial<Live>): void {
  if (d.m.phase.kind === 'live') patch(d, { phase: { ...d.m.phase, ...fields } });
}

export function setHeart(d: Draft, heart: Heart): void {
  patchLive(d, { heart });
}

/** Changes what is known of one rung. */
export function patchRung(d: Draft, rung: number, fields: Partial<RungRecord>): void {
  patch(d, { ladder: d.m.ladder.map((record, index) => (index === rung ? { ...record, ...fields } : record)) });
}

export function rungRecord(d: Draft, rung: number): RungRecord {
  const record = d.m.ladder[rung];
  if (!record) throw new RangeError(`The ladder has no rung ${rung}.`);
  return record;
}

export function rungFacts(settings: Settings, rung: number): RungFacts {
  const facts = settings.rungs[rung];
  if (!facts) throw new RangeError(`The ladder has no rung ${rung}.`);
  return facts;
}

export function transportOf(d: Draft, rung: number): TransportKind {
  return rungFacts(d.settings, rung).transport;
}

/** How a rung is called in a sentence. */
export function rungName(d: Draft, rung: number): string {
  return transportNames[transportOf(d, rung)];
}

/** Only these: a failure has more fields, which must not leak into what is kept and shown. */
export function plain({ code, text, parts, evidence }: ReasonedEvidence): ReasonedEvidence {
  return { code, text, ...(parts ? { parts } : {}), evidence };
}

/**
 * Goes to a phase and says why. What is seen from outside changes with it: one transition, unless the public
 * state is the same as before.
 */
export function move(
  d: Draft,
  phase: Phase,
  why: ReasonedEvidence,
  rung: number | null,
  wall: WallMs = d.now.wall,
): void {
  const { down } = d.m;
  d.m = { ...d.m, phase, down: downIn(d, phase) };
  const to = publicState(d.m, d.now.wall - d.now.at);
  if (sameState(d.m.shown, to)) return;
  if (to.kind !== d.m.shown.kind) patch(d, { since: wall });
  const rose = phase.kind === 'live' && d.m.shown.kind !== 'live';
  const excused = rose ? down !== null && down.kind !== 'lost' : d.m.down !== null && d.m.down.kind !== 'lost';
  if (rose && !excused) patch(d, { reconnects: d.m.reconnects + 1 });
  d.transitions.push({
    from: d.m.shown,
    to,
    at: wall,
    code: why.code,
    text: why.text,
    evidence: why.evidence,
    transport: rung === null ? null : transportOf(d, rung),
    ...(d.m.down === null ? {} : { since: d.m.down.since }),
    ...(excused ? { excused } : {}),
  });
  patch(d, { shown: to, reason: plain(why) });
}

/** Says something of a state that stays as it is. */
export function say(d: Draft, why: ReasonedEvidence, rung: number): void {
  const { shown } = d.m;
  const { code, text, evidence } = why;
  d.transitions.push({ from: shown, to: shown, at: d.now.wall, code, text, evidence, transport: transportOf(d, rung) });
  patch(d, { reason: plain(why) });
}

/** What a phase means for the time without a connection. */
function downIn(d: Draft, phase: Phase): Down | null {
  const { down, phase: before, timesLive } = d.m;
  switch (phase.kind) {
    case 'idle':
    case 'live':
    case 'offline':
    case 'closed':
      return null;
    case 'opening':
    case 'refreshing':
      if (down) return down;
      if (before.kind === 'live') {
        // What a person, a schedule or a proof of ours ended was not lost: only a failure leads to a wait or a control.
        const own = phase.kind === 'opening' && phase.role === 'main';
        if (own) return { kind: 'own', since: d.now.wall, failed: false };
        return { kind: 'lost', since: lastSign(d, before), failed: true };
      }
      return { kind: timesLive === 0 ? 'first' : 'own', since: d.now.wall, failed: false };
    case 'waiting':
    case 'stopped':
      if (before.kind === 'live') return { kind: 'lost', since: lastSign(d, before), failed: true };
      if (down === null) return { kind: timesLive === 0 ? 'first' : 'own', since: d.now.wall, failed: true };
      if (down.kind === 'own') return { kind: 'lost', since: d.now.wall, failed: true };
      return { ...down, failed: true };
  }
}

/** Wall time of the last sign of life of the session that is or just was live. */
function lastSign(d: Draft, live: Live): WallMs {
  const at = latest(live.since, d.heardAt ?? live.heart.lastByteAt);
  return wallMs(Math.round(Math.min(d.now.wall, d.now.wall - (d.now.at - at))));
}

/** The state as seen from outside; `offset` turns monotonic into wall time. */
export function publicState(m: Machine, offset: number): ConnectionState {
  const { phase } = m;
  switch (phase.kind) {
    case 'idle':
    case 'closed':
      return phase;
    case 'opening':
    case 'refreshing':
      return { kind: 'connecting', rung: phase.rung, attempt: m.failures + 1 };
    case 'live':
      return {
        kind: 'live',
        rung: phase.rung,
        since: Math.round(phase.since + offset),
        resync: phase.resync === 'current' && phase.silent !== null ? 'silent' : phase.resync,
        ...(isTopmost(m, phase.rung) ? { topmost: true } : {}),
        candidate: phase.candidate && {
          rung: phase.candidate.rung,
          deadline: Math.round(phase.candidate.deadline + offset),
        },
      };
    case 'waiting':
      return {
        kind: 'waiting',
        until: Math.round(phase.until + offset),
        attempt: phase.attempt,
        cause: phase.cause,
      };
    case 'offline':
      return { kind: 'offline', cause: phase.cause };
    case 'stopped':
      return {
        kind: 'stopped',
        cause: phase.cause,
        recheckAt: phase.recheckAt === null ? null : Math.round(phase.recheckAt + offset),
        rechecking: phase.recheck !== null,
      };
  }
}

/** Nothing better exists: all above was a guess that the host denies. */
function isTopmost(m: Machine, rung: number): boolean {
  return rung > 0 && m.ladder.slice(0, rung).every(({ absent }) => absent);
}

/** Same but for times, which shift a little with every clock correction. */
function sameState(a: ConnectionState, b: ConnectionState): boolean {
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'live': {
      const other = b as typeof a;
      return a.rung === other.rung && a.resync === other.resync && a.candidate?.rung === other.candidate?.rung;
    }
    case 'stopped': {
      const other = b as typeof a;
      return a.cause === other.cause && a.rechecking === other.rechecking;
    }
    case 'waiting': {
      const other = b as typeof a;
      return a.until === other.until && a.cause === other.cause;
    }
    default:
      return JSON.stringify(a) === JSON.stringify(b);
  }
}

/** Ends a session, if the role has one. Politely: with a close handshake where there is one. */
export function drop(d: Draft, role: Role, politely = false): void {
  d.effects.push({ do: 'drop', role, politely });
}

/** Ends every session and forgets what only they meant. */
export function dropAll(d: Draft, politely = false): void {
  for (const role of ['main', 'control', 'candidate', 'proof'] as const) drop(d, role, politely);
}

/** What a heart must know of its session. */
export function heartContext(m: Machine, settings: Settings, rung: number): HeartContext {
  const { timing } = settings;
  const idle = m.idleCutMs === null ? timing.pingMs : Math.max(timing.tickMs, m.idleCutMs / 2);
  return {
    facts: rungFacts(settings, rung),
    timing,
    cadenceMs: m.promisedMs ?? m.learntMs,
    pingMs: Math.min(timing.pingMs, idle),
  };
}
