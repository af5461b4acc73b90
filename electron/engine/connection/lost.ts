import { type ReasonCode, sayReason } from '../../../shared/reasons';
import { type Draft, dropAll, patch, patchRung, rungName, rungRecord, transportOf } from './draft';
import { type Failure, failureOf, tenths } from './failure';
import { noteLoss } from './flap';
import { beginRound, busy, endedOutright, openingFailed } from './ladder';
import type { Candidate, Live } from './model';
import { scheduleProbe } from './probe';
import { promote } from './promote';
import { isOffline, wait } from './rest';

/** Silence that is a time-out of something on the way is at least this long, ms. */
const leastIdleMs = 4_000;

/** What breaks the protocol, or its coding, has just come: there was traffic. */
const brokenCodes: ReadonlySet<ReasonCode> = new Set<ReasonCode>(['protocol-broken', 'encoding-broken']);

/**
 * The main session is gone. A candidate that is open takes over at once; else what the loss means is decided by how
 * it went. The session's slot is empty by now. `idleMs`: for how
 * long nothing at all had come.
 */
export function lost(d: Draft, failure: Failure, portal: boolean, idleMs = 0): void {
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
  const planned = plannedOf(d, live, failure);
  if (planned !== null) {
    wait(d, live.rung, planned, { floorMs: live.floorMs, counts: false });
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
      cut(d, live, failure, idleMs);
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

/**
 * An end in good order after a time of service: servers renew streams so, and where they said when to come back they have
 * planned it. No flapping, and no failure that would grow the delay.
 */
function plannedOf(d: Draft, live: Live, failure: Failure): Failure | null {
  const { youngMs, stableMs } = d.settings.timing;
  const served = d.now.at - live.since;
  // One that comes at once, again and again, is no plan.
  if (failure.code === 'planned-end') return served > youngMs ? failure : null;
  if ((failure.class === 'closed' || failure.class === 'cut') && isOfAge(d, live)) {
    return { ...failure, ...sayReason('planned-end', { how: '' }, failure.evidence) };
  }
  if (failure.code !== 'stream-ended' && failure.code !== 'closed-normally') return null;
  return live.heard && (served >= stableMs || (served > youngMs && live.floorMs > 0)) ? failure : null;
}

/** The age at which the feed ends connections on purpose, within a tenth of it. */
function isOfAge(d: Draft, live: Live): boolean {
  const { plannedEndMs } = d.settings;
  return plannedEndMs !== null && Math.abs(d.now.at - live.since - plannedEndMs) <= plannedEndMs / 10;
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
function cut(d: Draft, live: Live, failure: Failure, silentMs: number): void {
  const { timing } = d.settings;
  const rung = live.rung;
  const openMs = d.now.at - live.since;
  const broken = brokenCodes.has(failure.code);
  const idleMs = broken ? 0 : silentMs;
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
    const values = { transport: rungName(d, rung), seconds: tenths(openMs), how: failure.how ?? failure.code };
    // What broke was heard: that is the reason, however young it was.
    const young = broken ? failure : { ...failure, ...sayReason('cut-young', values, failure.evidence) };
    beginRound(d, rung, young, 'young', live.floorMs);
    return;
  }
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
