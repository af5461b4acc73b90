import type { Evidence } from '../../../shared/evidence';
import { type ReasonedEvidence, sayReason } from '../../../shared/reasons';
import { refresh } from './attempt';
import {
  type Draft,
  dropAll,
  move,
  patch,
  patchRung,
  plain,
  rungFacts,
  rungName,
  rungRecord,
  transportOf,
} from './draft';
import { goLive } from './enter';
import type { Failure, FailureClass } from './failure';
import type { Round } from './model';
import { isOffline, stop, wait, waitForPortal } from './rest';

/**
 * The ladder steps down only on evidence that this transport does not get through while the host does: after a
 * failure one control request asks on another rung. What its answer means depends on why it was asked.
 */

const refusing: ReadonlySet<FailureClass> = new Set(['refusal', 'wrong-content', 'certificate', 'policy', 'stop']);

/** An opening on `rung` failed, or an open poll rung was refused. */
export function openingFailed(d: Draft, rung: number, failure: Failure, portal: boolean): void {
  if (endedOutright(d, rung, failure, portal)) return;
  if (isOffline(d, rung)) {
    wait(d, rung, failure);
    return;
  }
  switch (failure.class) {
    case 'busy':
      busy(d, rung, failure);
      return;
    case 'ours':
    case 'closed':
      wait(d, rung, failure);
      return;
    case 'same-way':
      // Name and TCP are the same for every transport of an origin: asking there again proves nothing.
      if (oneOrigin(d)) {
        wait(d, rung, failure);
        return;
      }
      beginRound(d, rung, failure, 'open');
      return;
    default:
      beginRound(d, rung, failure, 'open');
      return;
  }
}

/** What ends the matter on any rung, whatever the others would say. */
export function endedOutright(d: Draft, rung: number, failure: Failure, portal: boolean): boolean {
  if (failure.class === 'portal' || (failure.html && portal)) {
    waitForPortal(d, rung, failure.evidence);
    return true;
  }
  if (failure.class === 'stop') {
    stop(d, rung, failure, false);
    return true;
  }
  if (failure.class === 'policy' || (failure.class === 'certificate' && oneOrigin(d))) {
    stop(d, rung, failure, true);
    return true;
  }
  return false;
}

/** 408, 425, 429, 5xx, close 1012 and 1013: the host's trouble, until the third time within the window. */
export function busy(d: Draft, rung: number, failure: Failure, floorMs = 0): void {
  const { timing } = d.settings;
  const busyAt = [...rungRecord(d, rung).busyAt, d.now.at].filter((at) => at > d.now.at - timing.evidenceMs).slice(-10);
  patchRung(d, rung, { busyAt });
  if (busyAt.length < timing.evidenceCount) {
    wait(d, rung, failure, { floorMs });
    return;
  }
  const evidence = [...failure.evidence, counted('server trouble', busyAt.length, timing.evidenceMs)];
  beginRound(d, rung, { ...failure, evidence }, 'busy', floorMs);
}

/** Asks on another rung whether the host answers there; where there is none to ask, does what remains. */
export function beginRound(d: Draft, rung: number, failure: Failure, kind: Round['kind'], floorMs = 0): void {
  const refusals = refusing.has(failure.class) ? [{ rung, failure }] : [];
  const control = nextControl(d, rung, refusals);
  if (control === null) {
    withoutControl(d, rung, failure, refusals.length > 0, floorMs);
    return;
  }
  patch(d, { round: { rung, failure, kind, control, refusals } });
  const floor = Math.max(failure.floorMs ?? 0, floorMs, d.m.floorUntilUp - d.now.up);
  if (floor > 0) {
    wait(d, rung, failure, { next: 'control', floorMs });
    return;
  }
  askControl(
    d,
    sayReason('control-request', { failed: rungName(d, rung), transport: rungName(d, control) }, failure.evidence),
  );
}

function withoutControl(d: Draft, rung: number, failure: Failure, refused: boolean, floorMs: number): void {
  if (failure.class === 'auth' || failure.class === 'proxy-auth') {
    unauthorized(d, rung, failure);
    return;
  }
  if (refused && (d.m.pinned !== null || d.settings.rungs.length === 1)) {
    refusedEverywhere(d, rung, failure, failure.evidence);
    return;
  }
  wait(d, rung, failure, { floorMs });
}

/**
 * Every rung that may be asked refuses. Where a feed was live before, a page in its place says something of what stands in
 * between, or of maintenance, and passes.
 */
function refusedEverywhere(d: Draft, rung: number, failure: Failure, evidence: readonly Evidence[]): void {
  if (failure.html && wasLive(d)) wait(d, rung, { ...failure, ...sayReason('page-instead', {}, evidence) });
  else stop(d, rung, { ...plain(failure), evidence }, true);
}

function wasLive(d: Draft): boolean {
  return d.m.ladder.some(({ opened }) => opened);
}

/**
 * Which rung answers for the host: the next below, in turns, so that two blocked rungs in a row are passed too. An
 * attempt above the ladder's place asks there first. A rung that refuses outright (4xx) is followed by every other.
 */
function nextControl(d: Draft, rung: number, refusals: Round['refusals']): number | null {
  if (d.m.pinned !== null) return null;
  const count = d.settings.rungs.length;
  const below = Array.from({ length: count - rung - 1 }, (_, index) => rung + 1 + index);
  const turn = below.length > 0 ? rungRecord(d, rung).controlTurn % below.length : 0;
  const order = [...below.slice(turn), ...below.slice(0, turn)];
  if (rung < d.m.home) order.unshift(d.m.home);
  if (refusals.length > 0) for (let above = 0; above < rung; above += 1) order.push(above);
  return order.find((other) => !refusals.some((refusal) => refusal.rung === other)) ?? null;
}

/** Puts the control request of the running round. */
export function askControl(d: Draft, why: ReasonedEvidence): void {
  const { round } = d.m;
  if (!round) return;
  dropAll(d);
  move(d, { kind: 'opening', role: 'control', rung: round.control, deadline: null }, why, round.control);
  d.effects.push({ do: 'open', role: 'control', rung: round.control, purpose: 'control' });
}

/** The host answers on the control's rung. */
export function controlOpened(d: Draft, opening: readonly Evidence[]): void {
  const { round } = d.m;
  if (!round) return;
  const { timing } = d.settings;
  const evidence: readonly Evidence[] = [
    ...round.failure.evidence,
    { kind: 'control', transport: transportOf(d, round.control), outcome: 'opened', detail: httpOf(opening) },
  ];
  if (round.kind === 'young') {
    const youngAt = [...rungRecord(d, round.rung).youngAt, d.now.at].filter((at) => at > d.now.at - timing.evidenceMs);
    patchRung(d, round.rung, { youngAt });
    if (youngAt.length < timing.evidenceCount) {
      wait(d, round.rung, { ...round.failure, evidence });
      return;
    }
    adoptControl(d, round, [...evidence, counted('cut young', youngAt.length, timing.evidenceMs)]);
    return;
  }
  adoptControl(d, round, evidence);
}

function adoptControl(d: Draft, round: Round, evidence: readonly Evidence[]): void {
  const names = { failed: rungName(d, round.rung), transport: rungName(d, round.control) };
  const down = round.control > round.rung;
  const why = sayReason(down ? 'stepped-down' : 'moved-up', names, evidence);
  const since = rungRecord(d, round.rung).blocked?.since ?? d.now.at;
  const blocked = { ...plain(round.failure), evidence, since };
  noteAbsent(d, round.rung, round.failure);
  patchRung(d, round.rung, { blocked, controlTurn: 0, youngAt: [], cuts: [], busyAt: [] });
  for (const { rung, failure } of round.refusals) {
    noteAbsent(d, rung, failure);
    if (rung !== round.rung) patchRung(d, rung, { blocked: { ...plain(failure), since: d.now.at } });
  }
  patch(d, { remembered: false });
  d.effects.push({ do: 'adopt', role: 'control' });
  goLive(d, { rung: round.control, why, caughtUp: false, promoted: false });
  // A page in place of a feed says more about this moment's network than about the rung.
  if (down && round.failure.class !== 'wrong-content') {
    d.effects.push({ do: 'remember', rung: round.control, why: { ...plain(round.failure), evidence } });
  }
}

/** A guessed rung that never opened, and whose host answers that it is no such feed, was no rung. */
function noteAbsent(d: Draft, rung: number, failure: Failure): void {
  const says = failure.class === 'wrong-content' ? !failure.html : failure.class === 'refusal';
  if (d.settings.guessed && says && !rungRecord(d, rung).opened) patchRung(d, rung, { absent: true });
}

/** The control request failed as well. */
export function controlFailed(d: Draft, failure: Failure, portal: boolean): void {
  const { round } = d.m;
  if (!round) return;
  if (failure.class === 'portal' || (failure.html && portal)) {
    waitForPortal(d, round.rung, failure.evidence);
    return;
  }
  if (failure.class === 'auth' || failure.class === 'proxy-auth') {
    unauthorized(d, round.control, failure);
    return;
  }
  const told: Evidence = {
    kind: 'control',
    transport: transportOf(d, round.control),
    outcome: refusing.has(failure.class) ? 'refused' : 'failed',
    detail: failure.text,
  };
  const evidence = [...round.failure.evidence, told];
  if (refusing.has(failure.class)) {
    const refusals = [...round.refusals, { rung: round.control, failure }];
    if (failure.html && round.failure.html && wasLive(d) && oneOrigin(d)) {
      // Two rungs with the same page: the others would bring it too. The next round asks another one.
      patchRung(d, round.rung, { controlTurn: rungRecord(d, round.rung).controlTurn + 1 });
      refusedEverywhere(d, round.rung, round.failure, evidence);
      return;
    }
    const next = nextControl(d, round.rung, refusals);
    if (next !== null) {
      patch(d, { round: { ...round, refusals, control: next, failure: { ...round.failure, evidence } } });
      if ((failure.floorMs ?? 0) > 0) {
        // What the host asks of us holds for the next rung too.
        wait(d, round.control, failure, { next: 'control' });
        return;
      }
      const names = { failed: rungName(d, round.control), transport: rungName(d, next) };
      askControl(d, sayReason('control-request', names, failure.evidence));
      return;
    }
    if (refusals.length === d.settings.rungs.length) {
      // Plain HTTP, lowest on the ladder, gives the truest answer, but for a poll that was answered as SSE is: the feed
      // is there, and what refused its own rung passes.
      const own = refusals.filter(({ failure }) => failure.code !== 'stream-instead');
      const last = (own.length > 0 ? own : refusals).reduce((low, one) => (one.rung > low.rung ? one : low));
      const all = [...last.failure.evidence, ...evidence];
      if (own.length === refusals.length || transportOf(d, last.rung) !== 'sse') {
        refusedEverywhere(d, last.rung, last.failure, all);
      } else wait(d, last.rung, { ...last.failure, evidence: all });
      return;
    }
  } else {
    patchRung(d, round.rung, { controlTurn: rungRecord(d, round.rung).controlTurn + 1 });
  }
  if (round.kind === 'young') patchRung(d, round.rung, { youngAt: [] });
  wait(d, round.rung, {
    ...round.failure,
    evidence,
    floorMs: Math.max(failure.floorMs ?? 0, round.failure.floorMs ?? 0),
  });
}

/** 401 or 407 where it counts: refresh once, ask again, and stop at the second time: a retry could lock an account. */
function unauthorized(d: Draft, rung: number, failure: Failure): void {
  if (d.m.refreshUsed || !d.settings.hasCredential) {
    stop(d, rung, failure, false);
    return;
  }
  const { round } = d.m;
  if (!round) {
    refresh(d, rung, failure, 'attempt');
    return;
  }
  // Where the upper rung was refused for the credential as well, it is the one to ask again.
  if (round.failure.class === failure.class) {
    refresh(d, round.rung, failure, 'attempt');
    return;
  }
  refresh(d, round.control, failure, 'control');
}

function oneOrigin(d: Draft): boolean {
  const { rungs } = d.settings;
  if (d.m.pinned !== null) return true;
  return rungs.every((rung) => rung.origin === rungFacts(d.settings, 0).origin);
}

function counted(what: string, count: number, withinMs: number): Evidence {
  return { kind: 'count', what, count, withinMs };
}

function httpOf(opening: readonly Evidence[]): string {
  const http = opening.find((piece) => piece.kind === 'http');
  return http?.kind === 'http' ? `answered ${http.status}` : 'opened';
}
