import type { Evidence } from '../../../shared/evidence';
import { type ReasonCode, type ReasonedEvidence, sayReason } from '../../../shared/reasons';
import { later } from '../core/clock';
import { attempt } from './attempt';
import { backoffDelay } from './backoff';
import { type Draft, drop, dropAll, move, patch, say, setHeart } from './draft';
import { tenths } from './failure';
import { excused, pingSoon } from './heartbeat';
import { testLife } from './live';
import type { MachineEvent } from './model';
import { scheduleProbe } from './probe';
import { breakOff } from './promote';
import { goOffline, isOffline, signal } from './rest';

type Of<Type extends MachineEvent['type']> = Extract<MachineEvent, { type: Type }>;

/** What the machine below says: hints, never proof. Sleep is the exception: no socket survives it. */

/** One attempt at once, at most one per 10 s, never before a running floor; else the wait it would have had. */
export function immediately(d: Draft, why: ReasonedEvidence): void {
  const { timing } = d.settings;
  dropAll(d);
  const floor = d.m.floorUntilUp - d.now.up;
  const rung = d.m.pinned ?? d.m.home;
  if (floor <= 0 && d.now.up - d.m.immediateUp >= timing.immediateMs) {
    patch(d, { immediateUp: d.now.up });
    attempt(d, why, rung);
    return;
  }
  const roll = d.now.rolls[0];
  const backoff = { failures: d.m.failures, spreadMs: d.m.spreadMs, floorMs: Math.max(0, floor), roll };
  const until = later(d.now.at, backoffDelay(backoff, timing));
  const before = d.m.phase;
  const cause: ReasonCode = before.kind === 'waiting' ? before.cause : why.code;
  patch(d, { round: null });
  move(d, { kind: 'waiting', from: d.now.at, until, attempt: d.m.failures + 1, cause, next: 'attempt' }, why, rung);
}

/** The machine is about to sleep. */
export function suspend(d: Draft): void {
  const { phase } = d.m;
  if (phase.kind === 'idle' || phase.kind === 'closed') return;
  if (phase.kind === 'stopped') {
    cancelRecheck(d);
    return;
  }
  if (phase.kind === 'offline' && phase.cause === 'asleep') return;
  endProbe(d);
  goOffline(d, 'asleep', sayReason('asleep', {}, [signal('suspend', 'said by the system')]));
}

/** The machine was asleep: whatever the sockets say, they are of another time. */
export function woke(d: Draft, event: Of<'woke'>): void {
  const { phase } = d.m;
  if (phase.kind === 'idle' || phase.kind === 'closed') return;
  const asleep = phase.kind === 'offline' && phase.cause === 'asleep';
  // The system says so, but no clock noticed and nobody went to sleep: worth a look, no more.
  if (event.sleptMs === null && !asleep) {
    lookAgain(d, 'woke-up', [signal('resume', 'no clock noticed a sleep')]);
    return;
  }
  patch(d, { noNetwork: !event.online });
  const detail = event.sleptMs === null ? 'said by the system' : `asleep for ${tenths(event.sleptMs)} s`;
  const why = sayReason('woke-up', {}, [signal('resume', detail)]);
  if (phase.kind === 'stopped') {
    recheckNow(d, why);
    return;
  }
  if (!asleep) {
    endProbe(d);
    goOffline(d, 'asleep', sayReason('asleep', {}, [signal('sleep', detail)]), event.lastWall);
  }
  if (isOffline(d)) {
    goOffline(d, 'no-network', sayReason('no-network', {}, [signal('offline', 'after waking')]));
    return;
  }
  immediately(d, why);
}

/** We did nothing for a while: the sockets may be well, and what we did not ask for was not refused. It is said, and tested. */
export function stoodStill(d: Draft, ms: number): void {
  const { phase } = d.m;
  if (phase.kind !== 'live') return;
  setHeart(d, pingSoon(excused(phase.heart, ms, d.now.at), d.now.at));
  d.effects.push({ do: 'ask' });
  const detail = `our turn came ${tenths(ms)} s late`;
  say(d, sayReason('stood-still', { seconds: tenths(ms) }, [signal('stood-still', detail)]), phase.rung);
}

/** Nothing certain happened: the connection's life is tested, a stopped one looked at. */
export function lookAgain(d: Draft, code: ReasonCode, evidence: readonly Evidence[], seconds = ''): void {
  const { phase } = d.m;
  if (phase.kind === 'live') {
    testLife(d);
    return;
  }
  if (phase.kind === 'stopped') recheckNow(d, sayReason(code, { seconds }, evidence));
}

/** The system says there is no network: believed where nothing is heard, and never for loopback. */
export function systemOffline(d: Draft): void {
  if (d.m.noNetwork) return;
  // What broke just before the system noticed was the network's doing, not the rung's.
  const recent = d.now.at - d.settings.timing.sleepMs;
  const ladder = d.m.ladder.map((record) => ({
    ...record,
    cuts: record.cuts.filter((cut) => cut.at < recent),
    youngAt: record.youngAt.filter((at) => at < recent),
  }));
  patch(d, { noNetwork: true, ladder, losses: d.m.losses.filter((at) => at < recent) });
  const { phase } = d.m;
  if (phase.kind === 'live') {
    testLife(d);
    return;
  }
  if (phase.kind === 'stopped') {
    cancelRecheck(d);
    return;
  }
  if (phase.kind !== 'opening' && phase.kind !== 'waiting' && phase.kind !== 'refreshing') return;
  if (isOffline(d)) goOffline(d, 'no-network', sayReason('no-network', {}, [signal('offline', 'said by the system')]));
}

/** The network is back. */
export function systemOnline(d: Draft): void {
  const { phase } = d.m;
  if (!d.m.noNetwork && phase.kind !== 'offline') return;
  patch(d, { noNetwork: false });
  const why = sayReason('network-back', {}, [signal('online', 'said by the system')]);
  if (phase.kind === 'stopped') {
    recheckNow(d, why);
    return;
  }
  if (phase.kind === 'waiting' || (phase.kind === 'offline' && phase.cause === 'no-network')) immediately(d, why);
}

/** Another network: what was learnt of rungs on the old one says nothing about it. */
export function networkChanged(d: Draft, event: Of<'network-changed'>): void {
  const { phase } = d.m;
  if (phase.kind === 'idle' || phase.kind === 'closed') return;
  patch(d, { noNetwork: !event.online });
  const why = sayReason('network-changed', {}, [signal('network-changed', event.network)]);
  breakOff(d, 'another network');
  forgetEvidence(d);
  if (phase.kind === 'live') {
    patch(d, { probe: { ...d.m.probe, failures: 0, rung: 0, at: null } });
    scheduleProbe(d);
    // A better rung may get through here: asked as soon as the old session has shown whether it still lives.
    if (d.m.probe.at !== null) patch(d, { probe: { ...d.m.probe, at: later(d.now.at, d.settings.timing.pongMs) } });
    testLife(d);
    return;
  }
  recall(d, event.recalled);
  if (phase.kind === 'stopped') {
    recheckNow(d, why);
    return;
  }
  if (phase.kind === 'offline' && phase.cause === 'asleep') return;
  if (isOffline(d)) {
    goOffline(d, 'no-network', sayReason('no-network', {}, [signal('network-changed', event.network)]));
    return;
  }
  immediately(d, why);
}

/** Starts on the rung that worked here within the last hour. */
export function recall(d: Draft, recalled: Of<'network-changed'>['recalled']): void {
  const found = recalled ? d.settings.rungs.findIndex((facts) => facts.transport === recalled.transport) : -1;
  const home = Math.max(0, found);
  const ladder = d.m.ladder.map((record, index) =>
    recalled && index < home ? { ...record, blocked: { ...recalled.why, since: d.now.at } } : record,
  );
  patch(d, {
    home,
    remembered: home > 0,
    moved: null,
    ladder,
    probe: { ...d.m.probe, rung: 0, failures: 0, at: null },
  });
  scheduleProbe(d);
}

function forgetEvidence(d: Draft): void {
  const ladder = d.m.ladder.map((record) => ({
    ...record,
    blocked: null,
    suspected: null,
    busyAt: [],
    youngAt: [],
    cuts: [],
    controlTurn: 0,
  }));
  patch(d, { ladder, idleCutMs: null });
}

function endProbe(d: Draft): void {
  if (d.m.phase.kind === 'live' && d.m.phase.candidate) scheduleProbe(d);
  if (d.m.probe.promotedAt !== null) patch(d, { probe: { ...d.m.probe, promotedAt: null } });
}

/** The single look from `stopped`. It leaves it only when the rung opens. */
export function recheckNow(d: Draft, why: ReasonedEvidence): void {
  const { phase } = d.m;
  if (phase.kind !== 'stopped' || phase.recheckAt === null || phase.recheck || isOffline(d)) return;
  const count = d.settings.rungs.length;
  const rung = d.m.pinned ?? (d.m.home + d.m.recheckTurn) % count;
  patch(d, { recheckTurn: d.m.recheckTurn + 1 });
  move(d, { ...phase, recheck: { rung, deadline: null } }, why, rung);
  d.effects.push({ do: 'open', role: 'main', rung, purpose: 'recheck' });
}

function cancelRecheck(d: Draft): void {
  const { phase } = d.m;
  if (phase.kind !== 'stopped' || !phase.recheck) return;
  drop(d, 'main');
  const recheckAt = later(d.now.at, d.settings.timing.recheckMs);
  const why = sayReason('asleep', {}, [signal('recheck', 'broken off')]);
  move(d, { ...phase, recheck: null, recheckAt }, why, phase.recheck.rung);
}
