import type { Evidence } from '../../../shared/evidence';
import { type ReasonedEvidence, sayReason } from '../../../shared/reasons';
import { later } from '../core/clock';
import type { RefreshResult } from '../core/credential';
import { type Draft, dropAll, move, patch, plain, rungName } from './draft';
import { failureOf } from './failure';
import type { Next } from './model';
import { nextProbeTarget, scheduleProbe } from './probe';
import { stop, wait } from './rest';

/** Begins an attempt. Whatever else was under way is ended: one attempt at a time. */
export function attempt(d: Draft, why: ReasonedEvidence, rung = pickRung(d)): void {
  dropAll(d);
  patch(d, { round: null });
  if (d.m.refreshFirst) {
    refresh(d, rung, d.m.refreshFirst, 'attempt');
    return;
  }
  move(d, { kind: 'opening', role: 'main', rung, deadline: null }, why, rung);
  d.effects.push({ do: 'open', role: 'main', rung, purpose: 'attach' });
}

/** The wait is over. What it was for is still the reason why there is no connection: it stays in sight. */
export function retryDue(d: Draft): void {
  const rung = pickRung(d);
  const before = d.m.reason;
  const values = { attempt: d.m.failures + 1, transport: rungName(d, rung), why: before };
  const waited = d.m.phase.kind === 'waiting' ? d.now.at - d.m.phase.from : 0;
  const timer: Evidence = { kind: 'timer', name: 'wait', afterMs: waited, lastByteAgoMs: null };
  const why = sayReason('retry-due', values, [timer, ...before.evidence]);
  attempt(d, why, rung);
}

/**
 * The rung of the next attempt: the pinned one, else the one the ladder stands on. When a probe upward has come
 * due while nothing is open there is nothing to make before the break: the attempt itself goes up, and its control
 * request comes back here.
 */
function pickRung(d: Draft): number {
  if (d.m.pinned !== null) return d.m.pinned;
  if (d.m.home > 0 && d.m.probe.at !== null && d.now.at >= d.m.probe.at) {
    const rung = d.m.probe.rung;
    const next = nextProbeTarget(d, rung);
    patch(d, { probe: { ...d.m.probe, rung: next ?? 0, failures: d.m.probe.failures + (next === null ? 1 : 0) } });
    scheduleProbe(d);
    return rung;
  }
  return d.m.home;
}

/** Asks for another credential; one deadline, so that a provider that hangs wedges nothing. */
export function refresh(d: Draft, rung: number, why: ReasonedEvidence, next: Next): void {
  dropAll(d);
  const deadline = later(d.now.at, d.settings.timing.refreshTimeoutMs);
  const told = sayReason('credential-refreshing', {}, why.evidence);
  move(d, { kind: 'refreshing', rung, deadline, next, why: plain(why) }, told, rung);
  d.effects.push({ do: 'refresh' });
}

/** A refresh came to an end. `askControl` puts the round's control request again. */
export function refreshed(d: Draft, result: RefreshResult, askControl: (why: ReasonedEvidence) => void): void {
  const { phase } = d.m;
  if (phase.kind !== 'refreshing') return;
  switch (result.kind) {
    case 'refreshed': {
      patch(d, { refreshUsed: true, refreshFirst: null });
      const why = sayReason('credential-refreshed', {}, [
        { kind: 'protocol', message: 'credential refreshed', detail: phase.why.text },
      ]);
      if (phase.next === 'control' && d.m.round) {
        askControl(why);
        return;
      }
      attempt(d, why, phase.rung);
      return;
    }
    case 'nothing-to-refresh':
      stop(d, phase.rung, phase.why, false);
      return;
    case 'failed': {
      patch(d, { refreshFirst: phase.why });
      const failure = failureOf('ours', 'credential-failed', { message: result.message }, [
        { kind: 'protocol', message: 'credential refresh failed', detail: result.message },
        ...phase.why.evidence,
      ]);
      wait(d, phase.rung, failure);
      return;
    }
  }
}
