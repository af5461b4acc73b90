import { type ReasonedEvidence, sayReason } from '../../../shared/reasons';
import { later } from '../core/clock';
import { attempt } from './attempt';
import { type Draft, drop, move, patch, rungName } from './draft';
import { goLive } from './enter';
import { type Failure, tenths } from './failure';
import type { Candidate, Live } from './model';
import { nextProbeTarget, scheduleProbe } from './probe';
import { command } from './rest';

/** Make before break: a better rung (or a fresh session of the same) is opened beside the running one. */

/** Tries a better rung; `asked` when a person did. */
export function startProbe(d: Draft, live: Live, asked: 'probe' | null): void {
  const rung = d.m.probe.rung < live.rung ? d.m.probe.rung : 0;
  if (live.rung === 0 || d.m.pinned !== null) {
    patch(d, { probe: { ...d.m.probe, at: null } });
    return;
  }
  const transport = rungName(d, rung);
  const why = asked
    ? sayReason('user-probe', { transport }, [command('probe')])
    : sayReason('probe-started', { transport }, [
        { kind: 'timer', name: 'probe', afterMs: d.now.at - live.since, lastByteAgoMs: null },
      ]);
  if (!overlaps(d)) {
    // Without numbers or unique ids an overlap would repeat events: break first, and let the seam be seen.
    patch(d, { probe: { ...d.m.probe, rung: nextProbeTarget(d, rung) ?? 0, failures: d.m.probe.failures + 1 } });
    scheduleProbe(d);
    attempt(d, asked ? why : sayReason('probe-breaks-first', { transport }, why.evidence), rung);
    return;
  }
  openCandidate(d, live, rung, 'probe', why);
}

/** Replaces a silent session of unknown cadence by a fresh one. */
export function startRecycle(d: Draft, live: Live): void {
  const silent = d.now.at - live.heart.lastByteAt;
  const why = sayReason('recycle-started', { seconds: tenths(silent) }, [
    { kind: 'timer', name: 'silence', afterMs: silent, lastByteAgoMs: silent },
  ]);
  // A session that was silent for minutes has nothing under way that could come out of order.
  if (!d.settings.overlap) {
    attempt(d, why, live.rung);
    return;
  }
  openCandidate(d, live, live.rung, 'recycle', why);
}

/**
 * Whether another session may run beside this one. Without numbers and without a place it would begin with what is
 * newest, ahead of what this one still has under way, which would come out of order or be taken for a repeat.
 */
function overlaps(d: Draft): boolean {
  return d.settings.overlap && d.now.pulse?.placed !== false;
}

function openCandidate(d: Draft, live: Live, rung: number, why: Candidate['why'], told: ReasonedEvidence): void {
  const deadline = later(d.now.at, d.settings.timing.promotionMs);
  const candidate: Candidate = { rung, why, deadline, openBy: null, openedAt: null, heard: false };
  move(d, { ...live, candidate, doubted: false }, told, rung);
  d.effects.push({ do: 'open', role: 'candidate', rung, purpose: 'candidate' });
}

/** The candidate takes over; the old session is closed politely. `gone`: the old one just failed by itself. */
export function promote(d: Draft, candidate: Candidate, gone: Failure | null): void {
  const transport = rungName(d, candidate.rung);
  const took = d.now.at - (candidate.openedAt ?? d.now.at);
  const evidence = [
    { kind: 'timer' as const, name: 'promotion', afterMs: took, lastByteAgoMs: null },
    ...(gone?.evidence ?? []),
  ];
  const recycled = candidate.why === 'recycle';
  const why = recycled ? sayReason('recycled', {}, evidence) : sayReason('promoted', { transport }, evidence);
  drop(d, 'proof');
  d.effects.push({ do: 'adopt', role: 'candidate' });
  const { openedAt, heard } = candidate;
  goLive(d, {
    rung: candidate.rung,
    why,
    caughtUp: gone === null,
    promoted: !recycled,
    heard,
    // What is known of its last byte: the next look takes the true one.
    lastByteAt: openedAt ?? d.now.at,
  });
  if (recycled) {
    return;
  }
  patch(d, { remembered: false });
  if (candidate.rung > 0) d.effects.push({ do: 'remember', rung: candidate.rung, why });
}

/** Breaks a promotion off for a reason that says nothing about the rung: not counted as a failed probe. */
export function breakOff(d: Draft, why: string): void {
  const live = d.m.phase;
  if (live.kind !== 'live' || !live.candidate) return;
  const { candidate } = live;
  drop(d, 'candidate');
  if (candidate.why === 'probe') scheduleProbe(d);
  const told = sayReason('promotion-ended', { transport: rungName(d, candidate.rung), why }, [
    { kind: 'protocol', message: 'promotion broken off', detail: why },
  ]);
  const renewAt = later(d.now.at, d.settings.timing.probeMs);
  move(d, { ...live, candidate: null, renewAt }, told, candidate.rung);
}
