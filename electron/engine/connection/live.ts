import { type ReasonedEvidence, sayReason } from '../../../shared/reasons';
import { earliest, later, latest, type MonotonicMs, never } from '../core/clock';
import { candidateDue } from './candidate';
import { type Draft, drop, heartContext, move, patch, patchLive, patchRung, setHeart } from './draft';
import { failureOf } from './failure';
import { beat, type HeartVerdict, nextBeat, pingSoon } from './heartbeat';
import { lost } from './lost';
import type { Live, Pulse, Silence } from './model';
import { startProbe, startRecycle } from './promote';
import { proofDue, suspectLateHeartbeat, suspicionAt } from './proof';
import { wait } from './rest';

/** Monotonic ms of the next moment `live` must be looked at. */
export function nextInLive(d: Pick<Draft, 'm' | 'settings'>, live: Live): MonotonicMs {
  const { timing } = d.settings;
  const context = heartContext(d.m, d.settings, live.rung);
  const times = [nextBeat(live.heart, context)];
  if (!live.stable && live.heard) times.push(later(live.since, timing.stableMs));
  if (live.candidate) times.push(live.candidate.deadline, live.candidate.openBy ?? live.candidate.deadline);
  else if (!d.m.held) times.push(probeAt(d, live), renewAt(d, live));
  if (d.m.probe.promotedAt !== null && d.m.probe.failures > 0)
    times.push(later(d.m.probe.promotedAt, timing.probeHoldMs));
  if (live.proof) times.push(live.proof.deadline);
  else times.push(suspicionAt(d, live));
  return earliest(...times);
}

/** When the next probe upward may start: not into a catch-up, unless that one takes suspiciously long. */
function probeAt(d: Pick<Draft, 'm' | 'settings'>, live: Live): MonotonicMs {
  const { at } = d.m.probe;
  if (at === null) return never;
  return live.resync === 'current' ? at : latest(at, later(live.since, 2 * d.settings.timing.promotionMs));
}

/** A stream that promises no heartbeat is renewed after long silence, since nothing else tells it from a dead one. */
function renewAt(d: Pick<Draft, 'm' | 'settings'>, live: Live): MonotonicMs {
  const { facts, cadenceMs, timing } = heartContext(d.m, d.settings, live.rung);
  const unproven =
    facts.transport === 'sse' || facts.transport === 'tcp'
      ? cadenceMs === null && live.heart.kind === 'listen'
      : d.m.pongs === 'never' && live.heart.kind === 'ping';
  if (!unproven) return never;
  return live.doubted ? live.since : latest(live.renewAt, later(live.heart.lastByteAt, timing.recycleMs));
}

/** Looks at everything that may have fallen due while live. */
export function liveDue(d: Draft, pulse: Pulse): void {
  const at = d.now.at;
  const { timing } = d.settings;
  let live = d.m.phase;
  if (live.kind !== 'live') return;
  const context = heartContext(d.m, d.settings, live.rung);
  // While a proof runs, a late heartbeat is what the proof is about.
  const seen = live.proof ? { kind: 'fine' as const, heart: live.heart } : beat(live.heart, { at, ...pulse }, context);
  const verdict = judged(d, live, seen);
  if (verdict.kind === 'dead') {
    drop(d, 'main');
    lost(d, verdict.failure, false);
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

/**
 * A missed pong proves nothing of a server that has never answered a ping: its data is its life. Until it has shown
 * either, one unanswered ping is believed, so that a connection that was dead from its first second is found out.
 */
function judged(d: Draft, live: Live, verdict: HeartVerdict): HeartVerdict {
  if (verdict.kind !== 'dead' || verdict.failure.code !== 'heartbeat-missed' || d.m.pongs === 'answers') return verdict;
  // Where a heartbeat is promised, two things that were due did not come.
  const { cadenceMs } = heartContext(d.m, d.settings, live.rung);
  if (cadenceMs !== null && d.now.at - live.heart.lastByteAt >= 1.5 * cadenceMs) return verdict;
  if (d.m.pongs === 'unknown' && !live.heard) {
    patch(d, { pongs: 'doubted' });
    return verdict;
  }
  patch(d, { pongs: 'never' });
  const { heart } = live;
  return { kind: 'fine', heart: heart.kind === 'ping' ? { ...heart, ping: null } : heart };
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
  move(d, { ...live, resync: 'current' }, sinceOpen(d, live, live.silent ?? 'caught-up'), live.rung);
}

/** What is expected on the open connection does not come, as `why` says, or comes again. */
export function silence(d: Draft, why: Silence | null): void {
  const live = d.m.phase;
  if (live.kind !== 'live') return;
  move(d, { ...live, silent: why }, sinceOpen(d, live, why ?? 'first-event'), live.rung);
}

function sinceOpen(d: Draft, live: Live, code: Silence | 'caught-up' | 'first-event'): ReasonedEvidence {
  const name = code === 'caught-up' ? 'catching up' : 'since it opened';
  return sayReason(code, {}, [{ kind: 'timer', name, afterMs: d.now.at - live.since, lastByteAgoMs: null }]);
}
