import { type ReasonedEvidence, reasonText } from '../../../shared/reasons';
import {
  type Draft,
  drop,
  dropAll,
  heartContext,
  move,
  patch,
  patchRung,
  reason,
  rungName,
  rungRecord,
  transportOf,
} from './draft';
import { type Failure, failureOf, tenths } from './failure';
import { noteLoss } from './flap';
import { beat, type Heart, nextBeat, pingSoon } from './heartbeat';
import { beginRound, busy, endedOutright, openingFailed } from './ladder';
import type { Candidate, Live, Pulse } from './model';
import { scheduleProbe } from './probe';
import { candidateDue, promote, startProbe, startRecycle } from './promote';
import { proofDue, suspectLateHeartbeat, suspicionAt } from './proof';
import { isOffline, wait } from './rest';

/** Silence that is a time-out of something on the way is at least this long, ms. */
const leastIdleMs = 4_000;

/** Changes some fields of `live`; nothing is told outside. */
export function patchLive(d: Draft, fields: Partial<Live>): void {
  if (d.m.phase.kind === 'live') patch(d, { phase: { ...d.m.phase, ...fields } });
}

export function setHeart(d: Draft, heart: Heart): void {
  patchLive(d, { heart });
}

/** Monotonic ms of the next moment `live` must be looked at. */
export function nextInLive(d: Pick<Draft, 'm' | 'settings'>, live: Live): number {
  const { timing } = d.settings;
  const context = heartContext(d.m, d.settings, live.rung);
  const times = [nextBeat(live.heart, context)];
  if (!live.stable && live.heard) times.push(live.since + timing.stableMs);
  if (live.candidate) times.push(live.candidate.deadline, live.candidate.openBy ?? live.candidate.deadline);
  else if (!d.m.held) times.push(probeAt(d, live), renewAt(d, live));
  if (d.m.probe.promotedAt !== null && d.m.probe.failures > 0) times.push(d.m.probe.promotedAt + timing.probeHoldMs);
  if (live.proof) times.push(live.proof.deadline);
  else times.push(suspicionAt(d, live));
  return Math.min(...times);
}

/** When the next probe upward may start: not into a catch-up, unless that one takes suspiciously long. */
function probeAt(d: Pick<Draft, 'm' | 'settings'>, live: Live): number {
  const { at } = d.m.probe;
  if (at === null) return Number.POSITIVE_INFINITY;
  return live.resync === 'current' ? at : Math.max(at, live.since + 2 * d.settings.timing.promotionMs);
}

/** A stream that promises no heartbeat is renewed after long silence, since nothing else tells it from a dead one. */
function renewAt(d: Pick<Draft, 'm' | 'settings'>, live: Live): number {
  const { facts, cadenceMs, timing } = heartContext(d.m, d.settings, live.rung);
  if (facts.transport !== 'sse' || cadenceMs !== null || live.heart.kind !== 'listen') return Number.POSITIVE_INFINITY;
  return live.doubted ? live.since : Math.max(live.renewAt, live.heart.lastByteAt + timing.recycleMs);
}

/** Looks at everything that may have fallen due while live. */
export function liveDue(d: Draft, pulse: Pulse): void {
  const at = d.now.at;
  const { timing } = d.settings;
  let live = d.m.phase;
  if (live.kind !== 'live') return;
  const context = heartContext(d.m, d.settings, live.rung);
  // While a proof runs, a late heartbeat is what the proof is about.
  const verdict = live.proof
    ? { kind: 'fine' as const, heart: live.heart }
    : beat(live.heart, { at, ...pulse }, context);
  if (verdict.kind === 'dead') {
    drop(d, 'main');
    lost(d, verdict.failure, false, pulse.lastByteAt);
    return;
  }
  setHeart(d, verdict.heart);
  if (verdict.kind === 'ping') d.effects.push({ do: 'ping' });
  if (!live.stable && live.heard && at >= live.since + timing.stableMs) becomeStable(d);
  if (d.m.probe.promotedAt !== null && at >= d.m.probe.promotedAt + timing.probeHoldMs) {
    patch(d, { probe: { ...d.m.probe, failures: 0, promotedAt: null } });
  }
  live = d.m.phase;
  if (
    live.kind === 'live' &&
    live.candidate &&
    at >= Math.min(live.candidate.deadline, live.candidate.openBy ?? live.candidate.deadline)
  ) {
    candidateDue(d, live.candidate);
    return;
  }
  if (live.kind === 'live' && live.proof && at >= live.proof.deadline) {
    proofDue(d, live.proof, pulse);
    return;
  }
  if (live.kind === 'live' && !live.proof && at >= suspicionAt(d, live)) suspectLateHeartbeat(d, live);
  live = d.m.phase;
  if (live.kind !== 'live' || live.candidate || d.m.held) return;
  if (at >= probeAt(d, live)) startProbe(d, live, null);
  else if (at >= renewAt(d, live)) startRecycle(d, live);
}

/** Live long enough and heard from: earlier failures are forgotten. */
function becomeStable(d: Draft): void {
  patchLive(d, { stable: true });
  patch(d, { failures: 0, refreshUsed: false });
}

/** A frame was heard for the first time in this session. */
export function heard(d: Draft, live: Live): void {
  patchLive(d, { heard: true });
  patchRung(d, live.rung, { youngAt: [] });
  if (d.now.at >= live.since + d.settings.timing.stableMs) becomeStable(d);
}

/** Whether it still lives is tested at once, where there is a way to. */
export function testLife(d: Draft): void {
  const { phase } = d.m;
  if (phase.kind !== 'live') return;
  setHeart(d, pingSoon(phase.heart, d.now.at));
  d.effects.push({ do: 'ask' });
  if (phase.heart.kind === 'listen') patchLive(d, { doubted: true });
}

/**
 * The main session is gone. A candidate that is open takes over at once; else what the loss means is decided by how
 * it went. The session's slot is empty by now.
 */
export function lost(d: Draft, failure: Failure, portal: boolean, lastByteAt: number): void {
  const live = d.m.phase;
  if (live.kind !== 'live') return;
  const final = failure.class === 'policy' || failure.class === 'stop';
  if (live.candidate && canTakeOver(d, live.candidate) && !final) {
    promote(d, live.candidate, failure);
    return;
  }
  const interrupted = live.candidate?.why === 'probe';
  dropAll(d);
  if (d.m.probe.promotedAt !== null) patch(d, { probe: { ...d.m.probe, promotedAt: null } });
  if (interrupted) scheduleProbe(d);
  if (live.goodbye) {
    afterGoodbye(d, live, failure);
    return;
  }
  if (isOffline(d, live.rung)) {
    // The machine lost its network: no evidence against the rung, no flapping of the feed.
    wait(d, live.rung, failure, { floorMs: live.floorMs });
    return;
  }
  patch(d, { losses: noteLoss(d.m.losses, d.now.at, d.settings.timing) });
  if (endedOutright(d, live.rung, failure, portal)) return;
  switch (failure.class) {
    case 'auth':
    case 'proxy-auth':
    case 'refusal':
    case 'wrong-content':
    case 'certificate':
      // Only a rung that asks again and again can be refused while it is live.
      openingFailed(d, live.rung, failure, portal);
      return;
    case 'busy':
      busy(d, live.rung, failure, live.floorMs);
      return;
    case 'cut':
      cut(d, live, failure, lastByteAt);
      return;
    case 'silence':
      if (failure.code === 'hold-cut' || failure.code === 'hold-overdue') {
        beginRound(d, live.rung, failure, 'hold', live.floorMs);
        return;
      }
      wait(d, live.rung, failure, { floorMs: live.floorMs });
      return;
    default:
      wait(d, live.rung, failure, { floorMs: live.floorMs });
      return;
  }
}

/** A candidate that opened long ago and says nothing is no better than what was lost. */
function canTakeOver(d: Draft, { openedAt, heard: spoke }: Candidate): boolean {
  return openedAt !== null && (spoke || d.now.at - openedAt <= d.settings.timing.youngMs);
}

function afterGoodbye(d: Draft, live: Live, failure: Failure): void {
  const said = live.goodbye ?? { reason: '', retryAfterMs: 0 };
  const evidence = [
    { kind: 'protocol' as const, message: 'goodbye', detail: `${said.reason}, retry after ${said.retryAfterMs} ms` },
    ...failure.evidence,
  ];
  const planned = failureOf('closed', 'goodbye', { why: said.reason || 'no reason given' }, evidence);
  wait(d, live.rung, planned, { floorMs: Math.max(said.retryAfterMs, live.floorMs) });
}

/** An open connection went without a word: evidence against its rung, of three kinds. */
function cut(d: Draft, live: Live, failure: Failure, lastByteAt: number): void {
  const { timing } = d.settings;
  const rung = live.rung;
  const openMs = d.now.at - live.since;
  const kind = transportOf(d, rung);
  if (kind === 'long-poll') {
    beginRound(d, rung, failure, 'hold', live.floorMs);
    return;
  }
  if (kind === 'poll') {
    wait(d, rung, failure, { floorMs: live.floorMs });
    return;
  }
  if (openMs <= timing.youngMs && !live.heard) {
    const values = { transport: rungName(d, rung), seconds: tenths(openMs), how: howOf(failure) };
    const young = { ...failure, code: 'cut-young' as const, text: reasonText('cut-young', values) };
    beginRound(d, rung, young, 'young', live.floorMs);
    return;
  }
  const idleMs = d.now.at - lastByteAt;
  const before = rungRecord(d, rung).cuts.filter((other) => other.at > d.now.at - timing.evidenceMs);
  const sameIdle = before.filter((other) => sameSilence(other.idleMs, idleMs));
  if (sameIdle.length > 0) {
    // The same silence before each cut: a timer of something on the way, which only wants traffic.
    patchRung(d, rung, { cuts: [...before, { at: d.now.at, idleMs }].slice(-10), youngAt: [] });
    if (kind === 'websocket') patch(d, { idleCutMs: Math.min(idleMs, d.m.idleCutMs ?? idleMs) });
    const why = failureOf('cut', 'idle-timeout', { seconds: tenths(idleMs) }, failure.evidence);
    wait(d, rung, why, { floorMs: live.floorMs });
    return;
  }
  const cuts = [...before, { at: d.now.at, idleMs }].slice(-10);
  patchRung(d, rung, { cuts, youngAt: [] });
  const unexplained = cuts.filter(
    (one) => !cuts.some((other) => other !== one && sameSilence(other.idleMs, one.idleMs)),
  );
  if (unexplained.length < timing.evidenceCount) {
    wait(d, rung, failure, { floorMs: live.floorMs });
    return;
  }
  const count = { kind: 'count' as const, what: 'cuts', count: unexplained.length, withinMs: timing.evidenceMs };
  beginRound(d, rung, { ...failure, evidence: [...failure.evidence, count] }, 'later', live.floorMs);
}

function sameSilence(a: number, b: number): boolean {
  return a >= leastIdleMs && b >= leastIdleMs && Math.abs(a - b) <= Math.max(1_000, 0.1 * Math.max(a, b));
}

function howOf(failure: Failure): string {
  for (const piece of failure.evidence) {
    if (piece.kind === 'close' || piece.kind === 'errno') return String(piece.code);
  }
  return 'end of body';
}

/** Delivery wants the source attached again, once, under backoff. */
export function reattach(d: Draft, why: string): void {
  const { phase } = d.m;
  if (phase.kind !== 'live') return;
  const evidence = [{ kind: 'protocol' as const, message: 're-attach', detail: why }];
  wait(d, phase.rung, failureOf('ours', 'reattach', { why }, evidence), { floorMs: phase.floorMs });
}

/** The feed is caught up with. */
export function caughtUp(d: Draft, live: Live): void {
  if (live.resync === 'current') return;
  const took = d.now.at - live.since;
  const why: ReasonedEvidence = reason('caught-up', {}, [
    { kind: 'timer', name: 'catching up', afterMs: took, lastByteAgoMs: null },
  ]);
  move(d, { ...live, resync: 'current' }, why, live.rung);
}
