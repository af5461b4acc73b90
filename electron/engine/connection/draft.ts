import type { ConnectionState, Transition } from '../../../shared/connection';
import type { ReasonedEvidence } from '../../../shared/reasons';
import { type TransportKind, transportNames } from '../../../shared/transport';
import type { WallMs } from '../core/clock';
import type { RungFacts } from '../core/rung';
import type { Heart, HeartContext } from './heartbeat';
import type { Effect, Live, Machine, MachineEvent, Phase, Role, RungRecord, Settings, Stamp } from './model';

/**
 * One step in the making. `m` is replaced, never changed in place, so that a step stays a pure function of
 * machine and event; the draft itself lives for one step only.
 */
export interface Draft {
  readonly settings: Settings;
  readonly now: Stamp;
  m: Machine;
  readonly effects: Effect[];
  readonly transitions: Transition[];
}

export function draftOf(machine: Machine, event: MachineEvent, settings: Settings): Draft {
  return { settings, now: event, m: machine, effects: [], transitions: [] };
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
  d.m = { ...d.m, phase };
  const to = publicState(d.m, d.now.wall - d.now.at);
  if (sameState(d.m.shown, to)) return;
  if (to.kind !== d.m.shown.kind) patch(d, { since: wall });
  d.transitions.push({
    from: d.m.shown,
    to,
    at: wall,
    code: why.code,
    text: why.text,
    evidence: why.evidence,
    transport: rung === null ? null : transportOf(d, rung),
  });
  patch(d, { shown: to, reason: plain(why) });
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
        resync: phase.resync,
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
