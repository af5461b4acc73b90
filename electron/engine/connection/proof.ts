import type { Evidence } from '../../../shared/evidence';
import { sayReason } from '../../../shared/reasons';
import { later, latest, type MonotonicMs, never } from '../core/clock';
import type { Undelivered } from '../core/rung';
import { attempt } from './attempt';
import { type Draft, drop, patch, patchLive, patchRung, plain, transportOf } from './draft';
import { failureOf, tenths } from './failure';
import { lost } from './lost';
import type { Live, Proof, Pulse } from './model';
import { scheduleProbe } from './probe';

/**
 * Buffered SSE. Suspicion (bursts that arrive late, a promised heartbeat that does not come) accuses nobody: a
 * producer may batch. Proof is a parallel poll from the cursor that returns what the open stream has not delivered.
 */

/** When a promised heartbeat is so late that buffering is suspected; Infinity where nothing was promised. */
export function suspicionAt(d: Pick<Draft, 'm' | 'settings'>, live: Live): MonotonicMs {
  const { promisedMs } = d.m;
  if (promisedMs === null || live.heart.kind !== 'listen') return never;
  if (d.settings.rungs[live.rung]?.transport !== 'sse' || proofRung(d, live.rung) === null) {
    return never;
  }
  return latest(live.trustedUntil, later(live.heart.lastByteAt, promisedMs + d.settings.timing.suspicionMs));
}

export function suspectLateHeartbeat(d: Draft, live: Live): void {
  const silent = d.now.at - live.heart.lastByteAt;
  // Buffers hold back from the start: a stream that kept its promise for a while has rather died.
  const wasInTime = live.heart.lastByteAt - live.since >= 2 * (d.m.promisedMs ?? 0);
  suspect(d, live, wasInTime, [{ kind: 'timer', name: 'promised heartbeat', afterMs: silent, lastByteAgoMs: silent }]);
}

/** Notes a suspicion and asks for the proof, where there is a poll rung to ask. */
export function suspect(d: Draft, live: Live, wasInTime: boolean, evidence: readonly Evidence[]): void {
  if (live.proof || d.now.at < live.trustedUntil || transportOf(d, live.rung) !== 'sse') return;
  const suspicion = sayReason('sse-suspected', {}, evidence);
  patchRung(d, live.rung, { suspected: { ...suspicion, since: d.now.at } });
  const rung = proofRung(d, live.rung);
  if (rung === null) {
    patchLive(d, { trustedUntil: later(d.now.at, d.settings.timing.suspicionRestMs) });
    return;
  }
  const proof: Proof = {
    rung,
    deadline: later(d.now.at, d.settings.timing.proofTimeoutMs),
    undelivered: null,
    bytesThen: 0,
    suspicion,
    wasInTime,
  };
  patchLive(d, { proof });
  d.effects.push({ do: 'open', role: 'proof', rung, purpose: 'proof' });
}

/** Which rung can prove it: a poll, at best a plain one. */
function proofRung(d: Pick<Draft, 'settings'>, current: number): number | null {
  for (const transport of ['poll', 'long-poll'] as const) {
    const rung = d.settings.rungs.findIndex((facts, index) => index !== current && facts.transport === transport);
    if (rung >= 0) return rung;
  }
  return null;
}

/** The poll has answered. */
export function proofAnswered(d: Draft, proof: Proof, undelivered: Undelivered): void {
  drop(d, 'proof');
  if (undelivered === 'unclear') {
    // The suspicion stands, and nobody is left for it.
    patchLive(d, { proof: null, trustedUntil: later(d.now.at, d.settings.timing.suspicionRestMs) });
    return;
  }
  if (undelivered === 0) {
    acquit(d, d.settings.timing.suspicionRestMs);
    return;
  }
  // What was published just now may still be on its way over the stream.
  const deadline = later(d.now.at, d.settings.timing.proofGraceMs);
  patchLive(d, { proof: { ...proof, undelivered, deadline, bytesThen: d.now.pulse?.bytesRead ?? 0 } });
}

/** Nothing proven: no further suspicion for a while. */
export function acquit(d: Draft, restMs: number): void {
  const live = d.m.phase;
  if (live.kind !== 'live') return;
  drop(d, 'proof');
  patchRung(d, live.rung, { suspected: null });
  patchLive(d, { proof: null, trustedUntil: later(d.now.at, restMs) });
}

/** The proof's deadline: it never answered, or the stream had its last chance. */
export function proofDue(d: Draft, proof: Proof, pulse: Pulse): void {
  const live = d.m.phase;
  if (live.kind !== 'live') return;
  if (proof.undelivered === null || pulse.bytesRead > proof.bytesThen) {
    acquit(d, d.settings.timing.probeMs);
    return;
  }
  const silent = d.now.at - pulse.lastByteAt;
  const what = whatOf(proof.undelivered);
  const why = sayReason('sse-buffered', { what }, [
    ...proof.suspicion.evidence,
    { kind: 'control', transport: transportOf(d, proof.rung), outcome: 'opened', detail: 'a poll from the cursor' },
    { kind: 'count', ...countOf(proof.undelivered), withinMs: d.settings.timing.proofGraceMs },
    { kind: 'timer', name: 'silence of the stream', afterMs: silent, lastByteAgoMs: silent },
  ]);
  if (proof.wasInTime) {
    const values = { seconds: tenths(silent), cadence: tenths(d.m.promisedMs ?? 0) };
    drop(d, 'main');
    lost(d, failureOf('silence', 'silence-too-long', values, why.evidence), false);
    return;
  }
  const next = d.m.pinned === null ? (live.rung + 1 < d.settings.rungs.length ? live.rung + 1 : proof.rung) : live.rung;
  if (next === live.rung) {
    acquit(d, d.settings.timing.suspicionRestMs);
    patchRung(d, live.rung, { suspected: { ...plain(why), since: d.now.at } });
    return;
  }
  patchRung(d, live.rung, { suspected: null, blocked: { ...plain(why), since: d.now.at } });
  const moved = { from: live.rung, evidence: why.evidence };
  patch(d, { home: next, remembered: false, moved });
  d.effects.push({ do: 'remember', rung: next, why });
  scheduleProbe(d);
  attempt(d, why, next);
}

function countOf(undelivered: Undelivered): { readonly what: string; readonly count: number } {
  if (typeof undelivered !== 'number') return { what: 'undelivered greeting', count: 1 };
  return { what: 'undelivered events', count: undelivered };
}

function whatOf(undelivered: Undelivered): string {
  if (typeof undelivered !== 'number') return 'the greeting';
  return undelivered === 1 ? '1 event' : `${undelivered} events`;
}
