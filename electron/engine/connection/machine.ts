import type { Transition } from '../../../shared/connection';
import type { ReasonedEvidence } from '../../../shared/reasons';
import { attempt, refreshed, retryDue } from './attempt';
import {
  type Draft,
  draftOf,
  drop,
  dropAll,
  heartContext,
  move,
  patch,
  plain,
  reason,
  rungFacts,
  rungName,
} from './draft';
import { goLive } from './enter';
import { type Failure, failureOf, tenths } from './failure';
import { answered, flushed, pingSoon, slowed, startHeart } from './heartbeat';
import {
  immediately,
  lookAgain,
  networkChanged,
  recall,
  recheckNow,
  suspend,
  systemOffline,
  systemOnline,
  woke,
} from './host';
import { askControl, controlFailed, controlOpened, openingFailed } from './ladder';
import { caughtUp, heard, liveDue, lost, nextInLive, patchLive, reattach, setHeart } from './live';
import type { Effect, Machine, MachineEvent, Role, Settings } from './model';
import { scheduleProbe } from './probe';
import { breakOff, candidateFailed, promote, startProbe } from './promote';
import { acquit, proofAnswered, suspect } from './proof';
import { command, goOffline, signal, waitForPortal } from './rest';

export interface Step {
  readonly machine: Machine;
  readonly effects: readonly Effect[];
  /** In order. Most steps have none; a wake has two (fell asleep, tries again). */
  readonly transitions: readonly Transition[];
}

type Of<Type extends MachineEvent['type']> = Extract<MachineEvent, { type: Type }>;

/** A machine at rest, as a source is born. `paused`: it waits for the person, not for its first start. */
export function createMachine(
  settings: Settings,
  from: {
    readonly at: number;
    readonly pinned: number | null;
    readonly paused: boolean;
    readonly online: boolean;
    readonly promisedMs: number | null;
  },
): Machine {
  const cause = from.paused ? 'paused' : 'new';
  const code = from.paused ? 'user-paused' : 'source-added';
  return {
    phase: { kind: 'idle', cause },
    shown: { kind: 'idle', cause },
    since: from.at,
    reason: reason(code, {}, [command('add')]),
    home: from.pinned ?? 0,
    pinned: from.pinned,
    remembered: false,
    failures: 0,
    floorUntilUp: Number.NEGATIVE_INFINITY,
    spreadMs: 0,
    promisedMs: from.promisedMs,
    learntMs: null,
    idleCutMs: null,
    round: null,
    ladder: settings.rungs.map(() => ({
      blocked: null,
      suspected: null,
      busyAt: [],
      youngAt: [],
      cuts: [],
      controlTurn: 0,
    })),
    probe: { failures: 0, at: null, promotedAt: null, rung: 0 },
    losses: [],
    refreshUsed: false,
    refreshFirst: null,
    noNetwork: !from.online,
    immediateUp: Number.NEGATIVE_INFINITY,
    held: false,
    timesLive: 0,
    recheckTurn: 0,
  };
}

/** One step. Total: an event that means nothing in a state changes nothing. Pure: same machine, same event, same step. */
export function step(machine: Machine, event: MachineEvent, settings: Settings): Step {
  const d = draftOf(machine, event, settings);
  if (machine.phase.kind !== 'closed') apply(d, event);
  return { machine: d.m, effects: d.effects, transitions: d.transitions };
}

/** Monotonic ms when the machine next wants a `due` event; Infinity when it waits for nothing. */
export function nextDeadline(m: Machine, settings: Settings): number {
  const { phase } = m;
  const never = Number.POSITIVE_INFINITY;
  switch (phase.kind) {
    case 'idle':
    case 'closed':
      return never;
    case 'opening':
    case 'refreshing':
      return phase.deadline ?? never;
    case 'live':
      return nextInLive({ m, settings }, phase);
    case 'waiting':
      return phase.until;
    case 'offline':
      return phase.lookAt;
    case 'stopped':
      return phase.recheck ? (phase.recheck.deadline ?? never) : (phase.recheckAt ?? never);
  }
}

function apply(d: Draft, event: MachineEvent): void {
  switch (event.type) {
    case 'start':
      start(d, event);
      return;
    case 'pause':
      pause(d);
      return;
    case 'resume':
      resume(d);
      return;
    case 'retry':
      retry(d);
      return;
    case 'probe':
      probe(d);
      return;
    case 'pin':
      pin(d, event.rung);
      return;
    case 'close':
      close(d);
      return;
    case 'reattach':
      reattach(d, event.reason);
      return;
    case 'hold':
      hold(d, event.on);
      return;
    case 'credential-changed':
      credentialChanged(d);
      return;
    case 'refreshed':
      refreshed(d, event.result, (why) => askControl(d, why));
      return;
    case 'due':
      due(d);
      return;
    case 'begun':
      begun(d, event.role);
      return;
    case 'opened':
      opened(d, event);
      return;
    case 'ended':
      ended(d, event);
      return;
    case 'heard':
    case 'attached':
    case 'terms':
    case 'goodbye':
    case 'floor':
    case 'answered':
    case 'flushed':
    case 'learnt':
    case 'caught-up':
    case 'proof':
    case 'suspected':
      told(d, event);
      return;
    case 'portal':
      portal(d);
      return;
    case 'suspend':
      suspend(d);
      return;
    case 'woke':
      woke(d, event);
      return;
    case 'clock-changed': {
      const seconds = tenths(Math.abs(event.byMs));
      lookAgain(d, 'clock-changed', [signal('clock-changed', `${event.byMs} ms`)], seconds);
      return;
    }
    case 'offline':
      systemOffline(d);
      return;
    case 'online':
      systemOnline(d);
      return;
    case 'network-changed':
      networkChanged(d, event);
      return;
  }
}

function start(d: Draft, event: Of<'start'>): void {
  if (d.m.phase.kind !== 'idle' || d.m.phase.cause !== 'new') return;
  begin(d, event.recalled, event.online, (transport) => reason('source-started', { transport }, [command('start')]));
}

function begin(
  d: Draft,
  recalled: Of<'start'>['recalled'],
  online: boolean,
  why: (transport: string) => ReasonedEvidence,
): void {
  if (d.m.pinned === null) recall(d, recalled);
  patch(d, { noNetwork: !online });
  const rung = d.m.pinned ?? d.m.home;
  if (!online && !rungFacts(d.settings, rung).loopback) {
    goOffline(d, 'no-network', reason('no-network', {}, [signal('offline', 'at the start')]));
    return;
  }
  attempt(d, why(rungName(d, rung)), rung);
}

function pause(d: Draft): void {
  if (d.m.phase.kind === 'idle' && d.m.phase.cause === 'paused') return;
  dropAll(d, true);
  patch(d, { round: null, probe: { ...d.m.probe, promotedAt: null } });
  move(d, { kind: 'idle', cause: 'paused' }, reason('user-paused', {}, [command('pause')]), null);
}

function resume(d: Draft): void {
  if (d.m.phase.kind !== 'idle' || d.m.phase.cause !== 'paused') return;
  patch(d, { failures: 0 });
  const why = reason('user-resumed', {}, [command('resume')]);
  if (d.m.noNetwork && !rungFacts(d.settings, d.m.home).loopback) {
    goOffline(d, 'no-network', reason('no-network', {}, [command('resume'), signal('offline', 'said by the system')]));
    return;
  }
  attempt(d, why);
}

/** A person's wish passes floors; that it did is recorded. */
function retry(d: Draft): void {
  const { phase } = d.m;
  if (phase.kind === 'idle' || phase.kind === 'closed' || phase.kind === 'opening') return;
  if (phase.kind === 'live') {
    lookAgain(d, 'user-retry', [command('retry')]);
    return;
  }
  const left = d.m.floorUntilUp - d.now.up;
  const passed =
    left > 0 ? [{ kind: 'protocol' as const, message: 'floor passed', detail: `${tenths(left)} s were left` }] : [];
  patch(d, { floorUntilUp: Number.NEGATIVE_INFINITY, refreshUsed: false });
  attempt(d, reason('user-retry', {}, [command('retry'), ...passed]));
}

function probe(d: Draft): void {
  const { phase } = d.m;
  if (phase.kind !== 'live' || phase.candidate || phase.rung === 0 || d.m.pinned !== null || d.m.held) return;
  patch(d, { probe: { ...d.m.probe, rung: 0 } });
  startProbe(d, phase, 'probe');
}

function pin(d: Draft, rung: number | null): void {
  if (rung === d.m.pinned || (rung !== null && !d.settings.rungs[rung])) return;
  const { phase } = d.m;
  patch(d, { pinned: rung });
  breakOff(d, rung === null ? 'the pin was released' : 'a rung was pinned');
  if (rung === null) {
    scheduleProbe(d);
    if (phase.kind === 'stopped') attempt(d, reason('user-unpinned', {}, [command('unpin')]));
    return;
  }
  patch(d, { home: rung, remembered: false, probe: { ...d.m.probe, at: null, promotedAt: null } });
  if (phase.kind === 'idle' || phase.kind === 'closed') return;
  if (phase.kind === 'live' && phase.rung === rung) return;
  if (phase.kind === 'offline') return;
  attempt(d, reason('user-pinned', { transport: rungName(d, rung) }, [command('pin')]), rung);
}

function close(d: Draft): void {
  dropAll(d, true);
  patch(d, { round: null });
  move(d, { kind: 'closed' }, reason('source-removed', {}, [command('remove')]), null);
}

/** We hold the socket back, or let it go again: nothing can be said of its life meanwhile. */
function hold(d: Draft, on: boolean): void {
  if (d.m.held === on) return;
  patch(d, { held: on });
  if (on) breakOff(d, 'the socket is held back');
  const { phase } = d.m;
  if (phase.kind !== 'live') return;
  d.effects.push({ do: 'hold', on });
  if (on) {
    if (phase.proof) acquit(d, d.settings.timing.probeMs);
    setHeart(d, { kind: 'held', lastByteAt: phase.heart.lastByteAt });
    return;
  }
  const context = heartContext(d.m, d.settings, phase.rung);
  setHeart(d, pingSoon(startHeart(d.now.at, context), d.now.at));
  patchLive(d, { recycleAt: d.now.at + d.settings.timing.recycleMs });
}

function credentialChanged(d: Draft): void {
  const { phase } = d.m;
  const waited = d.m.refreshFirst !== null || phase.kind === 'refreshing';
  patch(d, { refreshUsed: false, refreshFirst: null });
  const asks = phase.kind === 'stopped' || (waited && (phase.kind === 'waiting' || phase.kind === 'refreshing'));
  if (asks) attempt(d, reason('credential-changed', {}, [command('credential')]));
}

function due(d: Draft): void {
  const { at } = d.now;
  const { phase } = d.m;
  if (at < nextDeadline(d.m, d.settings)) return;
  switch (phase.kind) {
    case 'idle':
    case 'closed':
      return;
    case 'opening': {
      drop(d, phase.role);
      const failure = openTimeout(d, phase.rung);
      if (phase.role === 'control') {
        controlFailed(d, failure, false);
        return;
      }
      openingFailed(d, phase.rung, failure, false);
      return;
    }
    case 'refreshing': {
      const seconds = tenths(d.settings.timing.refreshTimeoutMs);
      refreshed(d, { kind: 'failed', message: `no answer within ${seconds} s` }, () => {});
      return;
    }
    case 'live':
      liveDue(d, d.now.pulse ?? { bytesRead: 0, bytesQueued: 0, lastByteAt: phase.heart.lastByteAt });
      return;
    case 'waiting':
      if (phase.next === 'control' && d.m.round) {
        const { round } = d.m;
        const names = { failed: rungName(d, round.rung), transport: rungName(d, round.control) };
        askControl(d, reason('control-request', names, round.failure.evidence));
        return;
      }
      retryDue(d);
      return;
    case 'offline':
      if (phase.cause === 'asleep') {
        immediately(d, reason('woke-up', {}, [signal('tick', 'still running, so not asleep')]));
        return;
      }
      retryDue(d);
      return;
    case 'stopped':
      if (phase.recheck) {
        drop(d, 'main');
        recheckFailed(d, openTimeout(d, phase.recheck.rung));
        return;
      }
      recheckNow(
        d,
        reason('recheck-due', {}, [
          { kind: 'timer', name: 'recheck', afterMs: d.settings.timing.recheckMs, lastByteAgoMs: null },
        ]),
      );
      return;
  }
}

/** How long an opening may take, ms: a long-poll's answer may be held before its head. */
export function openTimeoutMs(settings: Settings, rung: number): number {
  const facts = rungFacts(settings, rung);
  return settings.timing.openTimeoutMs + (facts.transport === 'long-poll' ? facts.holdMs : 0);
}

function openTimeout(d: Draft, rung: number): Failure {
  const waited = openTimeoutMs(d.settings, rung);
  const values = { transport: rungName(d, rung), seconds: tenths(waited) };
  return failureOf('silence', 'open-timeout', values, [
    { kind: 'timer', name: 'open', afterMs: waited, lastByteAgoMs: null },
  ]);
}

/** The session's turn has come: its handshake runs from now. */
function begun(d: Draft, role: Role): void {
  const { phase } = d.m;
  if (phase.kind === 'opening' && phase.role === role) {
    patch(d, { phase: { ...phase, deadline: d.now.at + openTimeoutMs(d.settings, phase.rung) } });
  } else if (phase.kind === 'stopped' && phase.recheck && role === 'main') {
    const deadline = d.now.at + openTimeoutMs(d.settings, phase.recheck.rung);
    patch(d, { phase: { ...phase, recheck: { ...phase.recheck, deadline } } });
  }
}

function opened(d: Draft, event: Of<'opened'>): void {
  const { phase } = d.m;
  const why = (rung: number): ReasonedEvidence => reason('opened', { transport: rungName(d, rung) }, event.evidence);
  if (phase.kind === 'opening' && phase.role === event.role) {
    if (phase.role === 'control') {
      controlOpened(d, event.evidence);
      return;
    }
    const promoted = phase.rung < d.m.home;
    if (promoted) patch(d, { remembered: false });
    goLive(d, { rung: phase.rung, why: why(phase.rung), caughtUp: false, promoted });
    return;
  }
  if (phase.kind === 'stopped' && phase.recheck && event.role === 'main') {
    const { rung } = phase.recheck;
    goLive(d, { rung, why: why(rung), caughtUp: false, promoted: false });
    return;
  }
  if (phase.kind === 'live' && phase.candidate && event.role === 'candidate') {
    patchLive(d, { candidate: { ...phase.candidate, openedAt: d.now.at } });
  }
}

function ended(d: Draft, event: Of<'ended'>): void {
  const { phase } = d.m;
  const openMs = phase.kind === 'live' ? d.now.at - phase.since : 0;
  if (phase.kind === 'opening' && phase.role === event.role) {
    const failure = event.end(false, 0);
    if (phase.role === 'control') {
      controlFailed(d, failure, event.portal);
      return;
    }
    openingFailed(d, phase.rung, failure, event.portal);
    return;
  }
  if (phase.kind === 'stopped' && phase.recheck && event.role === 'main') {
    recheckFailed(d, event.end(false, 0));
    return;
  }
  if (phase.kind !== 'live') return;
  if (event.role === 'main') {
    lost(d, event.end(true, openMs), event.portal);
    return;
  }
  if (event.role === 'candidate' && phase.candidate) {
    candidateFailed(d, phase, phase.candidate, event.end(phase.candidate.openedAt !== null, 0));
    return;
  }
  if (event.role === 'proof' && phase.proof && phase.proof.undelivered === null) {
    acquit(d, d.settings.timing.probeMs);
  }
}

/** The look failed: stopped as before, until the next one. */
function recheckFailed(d: Draft, failure: Failure): void {
  const { phase } = d.m;
  if (phase.kind !== 'stopped' || !phase.recheck) return;
  const asked = Math.min(failure.floorMs ?? 0, d.settings.timing.floorLimitMs);
  const recheckAt = d.now.at + Math.max(d.settings.timing.recheckMs, asked);
  move(d, { ...phase, recheck: null, recheckAt }, plain(failure), phase.recheck.rung);
}

/** What an open session tells. */
function told(
  d: Draft,
  event: Of<
    | 'heard'
    | 'attached'
    | 'terms'
    | 'goodbye'
    | 'floor'
    | 'answered'
    | 'flushed'
    | 'learnt'
    | 'caught-up'
    | 'proof'
    | 'suspected'
  >,
): void {
  const live = d.m.phase;
  if (live.kind !== 'live') return;
  const { timing } = d.settings;
  switch (event.type) {
    case 'heard':
      if (event.role === 'main' && !live.heard) heard(d, live);
      return;
    case 'attached':
      attached(d, event);
      return;
    case 'terms':
      if (event.role === 'proof') return;
      if (event.spreadMs !== null) patch(d, { spreadMs: Math.min(Math.max(0, event.spreadMs), timing.floorLimitMs) });
      if (event.heartbeatMs !== null && event.heartbeatMs > 0) patch(d, { promisedMs: event.heartbeatMs });
      return;
    case 'goodbye':
      if (event.role !== 'main') return;
      patch(d, { spreadMs: Math.min(Math.max(0, event.spreadMs), timing.floorLimitMs) });
      patchLive(d, { goodbye: { reason: event.reason, retryAfterMs: Math.max(0, event.retryAfterMs) } });
      return;
    case 'floor':
      if (event.role !== 'main') return;
      patchLive(d, {
        floorMs: Math.max(event.ms, live.heart.kind === 'answers' ? live.heart.intervalMs : 0),
        heart: slowed(live.heart, event.ms, rungFacts(d.settings, live.rung)),
      });
      return;
    case 'answered':
      if (event.role === 'main') setHeart(d, answered(live.heart, d.now.at));
      return;
    case 'flushed':
      setHeart(d, flushed(live.heart, d.now.at, timing));
      return;
    case 'learnt':
      patch(d, { learntMs: event.ms });
      return;
    case 'caught-up':
      if (event.role === 'main') {
        caughtUp(d, live);
        return;
      }
      if (event.role === 'candidate' && live.candidate?.openedAt != null) promote(d, live.candidate, null);
      return;
    case 'proof':
      if (live.proof && live.proof.undelivered === null) proofAnswered(d, live.proof, event.undelivered);
      return;
    case 'suspected':
      suspect(d, live, [{ kind: 'count', what: 'late bursts', count: event.bursts, withinMs: event.lagMs }]);
      return;
  }
}

/** An attach answer names an epoch: a new one ends a promotion, since the two sessions no longer share a numbering. */
function attached(d: Draft, event: Of<'attached'>): void {
  const live = d.m.phase;
  if (live.kind !== 'live') return;
  const known = live.epochs[event.stream];
  if (event.role === 'main') {
    if (known === event.epoch) return;
    patchLive(d, { epochs: { ...live.epochs, [event.stream]: event.epoch } });
    if (known !== undefined) breakOff(d, 'a new epoch began');
  } else if (event.role === 'candidate' && known !== undefined && known !== event.epoch) {
    breakOff(d, 'it serves another epoch');
  }
}

/** Other origins answer with pages too: what was taken for a wrong address is this network. */
function portal(d: Draft): void {
  const { phase } = d.m;
  const fooled = (phase.kind === 'stopped' || phase.kind === 'waiting') && phase.cause === 'not-a-feed';
  if (fooled) waitForPortal(d, d.m.home, d.m.reason.evidence);
}
