import { type ReasonedEvidence, sayReason } from '../../../shared/reasons';
import { later } from '../core/clock';
import { refreshed, retryDue } from './attempt';
import { candidateFailed } from './candidate';
import { type Draft, drop, move, patch, patchLive, plain, rungFacts, rungName, setHeart } from './draft';
import { readEnd } from './ends';
import { goLive } from './enter';
import { type Failure, failureOf, tenths } from './failure';
import { answered, flushed, slowed } from './heartbeat';
import { immediately, recheckNow } from './host';
import { askControl, controlFailed, controlOpened, openingFailed } from './ladder';
import { caughtUp, heard, liveDue, reattach } from './live';
import { lost } from './lost';
import type { MachineEvent, Role, Settings } from './model';
import { breakOff, promote } from './promote';
import { acquit, proofAnswered, suspect } from './proof';
import { askedLong, signal, waitForPortal } from './rest';

type Of<Type extends MachineEvent['type']> = Extract<MachineEvent, { type: Type }>;

/** What sessions and deadlines mean, state by state. */

/** A deadline of the machine has passed. */
export function due(d: Draft): void {
  const { phase } = d.m;
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
      liveDue(d, d.now.pulse ?? { bytesRead: 0, bytesQueued: 0, lastByteAt: phase.heart.lastByteAt, placed: false });
      return;
    case 'waiting':
      if (phase.next === 'control' && d.m.round) {
        const { round } = d.m;
        const names = { failed: rungName(d, round.rung), transport: rungName(d, round.control) };
        askControl(d, sayReason('control-request', names, round.failure.evidence));
        return;
      }
      retryDue(d);
      return;
    case 'offline':
      if (phase.cause === 'asleep') {
        immediately(d, sayReason('woke-up', {}, [signal('tick', 'still running, so not asleep')]));
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
        sayReason('recheck-due', {}, [
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
    { kind: 'address', url: rungFacts(d.settings, rung).url },
  ]);
}

/** The session's turn has come: its handshake runs from now. */
export function begun(d: Draft, role: Role): void {
  openWithin(d, role, (rung) => openTimeoutMs(d.settings, rung));
}

/** The handshake is done. What is said then has deadlines of its own, so that this one is only there for what goes wrong. */
export function talking(d: Draft, role: Role, ms: number): void {
  openWithin(d, role, () => ms + d.settings.timing.openTimeoutMs);
  const { phase } = d.m;
  if (phase.kind !== 'live' || !phase.candidate || role !== 'candidate') return;
  patchLive(d, { candidate: { ...phase.candidate, deadline: later(phase.candidate.deadline, ms) } });
}

function openWithin(d: Draft, role: Role, msOf: (rung: number) => number): void {
  const { phase } = d.m;
  if (phase.kind === 'opening' && phase.role === role) {
    patch(d, { phase: { ...phase, deadline: later(d.now.at, msOf(phase.rung)) } });
  } else if (phase.kind === 'stopped' && phase.recheck && role === 'main') {
    const deadline = later(d.now.at, msOf(phase.recheck.rung));
    patch(d, { phase: { ...phase, recheck: { ...phase.recheck, deadline } } });
  } else if (phase.kind === 'live' && phase.candidate && role === 'candidate') {
    const openBy = later(d.now.at, msOf(phase.candidate.rung));
    patchLive(d, { candidate: { ...phase.candidate, openBy } });
  }
}

export function opened(d: Draft, event: Of<'opened'>): void {
  const { phase } = d.m;
  const why = (rung: number): ReasonedEvidence => {
    const { moved } = d.m;
    if (moved && rung === d.m.home) {
      const names = { failed: rungName(d, moved.from), transport: rungName(d, rung) };
      return sayReason('stepped-down', names, [...moved.evidence, ...event.evidence]);
    }
    const code = d.m.remembered && rung === d.m.home ? 'remembered-rung' : 'opened';
    return sayReason(code, { transport: rungName(d, rung) }, event.evidence);
  };
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
    patchLive(d, { candidate: { ...phase.candidate, openedAt: d.now.at, openBy: null } });
  }
}

export function ended(d: Draft, event: Of<'ended'>): void {
  const { phase } = d.m;
  const read = (rung: number, opened: boolean, openMs: number): Failure => {
    const { timing, stopCodes, closes, bare } = d.settings;
    const { transport, url } = rungFacts(d.settings, rung);
    const failure = readEnd(event.end, {
      ...{ transport, opened, openMs, stopCodes, closes, bare, timing },
      wall: d.now.wall,
    });
    return { ...failure, evidence: [...failure.evidence, { kind: 'address', url }] };
  };
  if (phase.kind === 'opening' && phase.role === event.role) {
    const failure = read(phase.rung, false, 0);
    if (phase.role === 'control') {
      controlFailed(d, failure, event.portal);
      return;
    }
    openingFailed(d, phase.rung, failure, event.portal);
    return;
  }
  if (phase.kind === 'stopped' && phase.recheck && event.role === 'main') {
    recheckFailed(d, read(phase.recheck.rung, false, 0));
    return;
  }
  if (phase.kind !== 'live') return;
  if (event.role === 'main') {
    // A pong within it was traffic on the way: then it was no silence.
    const idleMs = event.lastByteAt > event.lastFeedAt ? 0 : d.now.at - event.lastByteAt;
    lost(d, read(phase.rung, true, d.now.at - phase.since), event.portal, idleMs);
    return;
  }
  if (event.role === 'candidate' && phase.candidate) {
    const { candidate } = phase;
    candidateFailed(d, phase, candidate, read(candidate.rung, candidate.openedAt !== null, 0));
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
  const { timing } = d.settings;
  const asked = failure.floorMs ?? 0;
  const recheckAt = later(d.now.at, Math.max(timing.recheckMs, Math.min(asked, timing.floorLimitMs)));
  move(d, { ...phase, recheck: null, recheckAt }, askedLong(plain(failure), asked, timing), phase.recheck.rung);
}

/** What an open session tells. */
export function told(
  d: Draft,
  event: Of<
    | 'heard'
    | 'attached'
    | 'terms'
    | 'goodbye'
    | 'floor'
    | 'answered'
    | 'streams'
    | 'flushed'
    | 'ponged'
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
      if (event.role === 'candidate' && live.candidate) {
        patchLive(d, { candidate: { ...live.candidate, heard: true } });
      }
      return;
    case 'attached':
      attached(d, event);
      return;
    case 'terms':
      if (event.role === 'proof') return;
      if (event.spreadMs !== null) patch(d, { spreadMs: Math.min(Math.max(0, event.spreadMs), timing.floorLimitMs) });
      if (event.heartbeatMs !== null && event.heartbeatMs > 0) {
        patch(d, { promisedMs: Math.min(Math.max(event.heartbeatMs, timing.tickMs), timing.recycleMs) });
      }
      return;
    case 'goodbye':
      if (event.role !== 'main') return;
      patch(d, { spreadMs: Math.min(Math.max(0, event.spreadMs), timing.floorLimitMs) });
      patchLive(d, { goodbye: { reason: event.reason, retryAfterMs: Math.max(0, event.retryAfterMs) } });
      return;
    case 'floor':
      if (event.role !== 'main') return;
      {
        // A floor counts up to its limit, on a good answer as on a bad one: a poll rung that asks in a day is not live.
        // What was asked for is kept as it is: whoever waits by it bounds it, and says so.
        const ms = Math.min(event.ms, timing.floorLimitMs);
        const answers = live.heart.kind === 'answers';
        patchLive(d, {
          floorMs: Math.max(event.ms, live.heart.kind === 'answers' ? live.heart.intervalMs : 0),
          rarelyMs: answers && event.ms > timing.floorLimitMs ? event.ms : null,
          heart: slowed(live.heart, ms, rungFacts(d.settings, live.rung)),
        });
      }
      return;
    case 'answered':
      if (event.role === 'main') setHeart(d, answered(live.heart, d.now.at));
      return;
    case 'streams':
      if (event.role === 'main') setHeart(d, { kind: 'listen', lastByteAt: live.heart.lastByteAt });
      return;
    case 'flushed':
      setHeart(d, flushed(live.heart, d.now.at, timing));
      return;
    case 'ponged':
      patch(d, { pongs: 'answers' });
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
      suspect(d, live, false, [{ kind: 'count', what: 'late bursts', count: event.bursts, withinMs: event.lagMs }]);
      return;
  }
}

/** Streams whose epochs are noted: what an attach costs must not grow with the number of streams. */
const notedEpochs = 64;

/** An attach answer names an epoch: a new one ends a promotion, since the two sessions no longer share a numbering. */
function attached(d: Draft, event: Of<'attached'>): void {
  const live = d.m.phase;
  if (live.kind !== 'live') return;
  const known = Object.hasOwn(live.epochs, event.stream) ? live.epochs[event.stream] : undefined;
  if (event.role === 'main') {
    if (known === event.epoch) return;
    // A server that begins anew does so with all its streams, or with one that delivery finds by its own means.
    if (known === undefined && Object.keys(live.epochs).length >= notedEpochs) return;
    patchLive(d, { epochs: { ...live.epochs, [event.stream]: event.epoch } });
    if (known !== undefined) breakOff(d, 'a new epoch began');
  } else if (event.role === 'candidate' && known !== undefined && known !== event.epoch) {
    // The newest attach answer is the truth: the running session follows a log that is no more.
    breakOff(d, 'it serves another epoch');
    reattach(d, 'the server began a new epoch');
  }
}

/** Other origins answer with pages too: what was taken for a wrong address is this network. */
export function portal(d: Draft): void {
  const { phase } = d.m;
  const fooled = (phase.kind === 'stopped' || phase.kind === 'waiting') && phase.cause === 'not-a-feed';
  if (fooled) waitForPortal(d, d.m.home, d.m.reason.evidence);
}
