import type { Evidence } from '../../../shared/evidence';
import { type ReasonedEvidence, sayReason, withNote } from '../../../shared/reasons';
import { later, type WallMs } from '../core/clock';
import { backoffDelay } from './backoff';
import { type Draft, dropAll, move, patch, plain, rungFacts } from './draft';
import { type Failure, tenths } from './failure';
import { flapFloor, isFlapping, recent } from './flap';
import type { Next } from './model';
import type { Timing } from './timing';

/** Where a connection rests: waiting, stopped, offline. Every way there ends all sessions. */

interface WaitOptions {
  readonly next?: Next;
  /** Hint remembered from the session that ended, ms. */
  readonly floorMs?: number;
  /** Whether this counts as a failure: grows the delay. */
  readonly counts?: boolean;
}

/** Waits before the next request to `rung`, under backoff and every floor. */
export function wait(d: Draft, rung: number, failure: Failure, options: WaitOptions = {}): void {
  const { timing } = d.settings;
  dropAll(d);
  const next = options.next ?? 'attempt';
  if (next === 'attempt') patch(d, { round: null });
  const counts = options.counts ?? true;
  const asked = Math.max(failure.floorMs ?? 0, options.floorMs ?? 0, pollFloor(d, rung));
  const running = Math.max(0, d.m.floorUntilUp - d.now.up);
  const floor = Math.max(Math.min(asked, timing.floorLimitMs), running);
  if (goOfflineInstead(d, rung, failure)) {
    if (counts) patch(d, { failures: d.m.failures + 1 });
    if (floor > 0) patch(d, { floorUntilUp: later(d.now.up, floor) });
    return;
  }
  const delay = backoffDelay(
    {
      failures: d.m.failures,
      spreadMs: d.m.spreadMs,
      floorMs: Math.max(floor, flapFloor(d.m.losses, d.now.at, timing)),
      roll: d.now.rolls[0],
    },
    timing,
  );
  const why = named(d, failure, asked);
  const attempt = d.m.failures + 1;
  patch(d, {
    failures: d.m.failures + (counts ? 1 : 0),
    floorUntilUp: floor > 0 ? later(d.now.up, floor) : d.m.floorUntilUp,
  });
  move(
    d,
    { kind: 'waiting', from: d.now.at, until: later(d.now.at, delay), attempt, cause: why.code, next },
    why,
    rung,
  );
}

/** A sick server is never asked more often than a healthy one. */
function pollFloor(d: Draft, rung: number): number {
  const facts = rungFacts(d.settings, rung);
  return facts.transport === 'poll' ? facts.pollIntervalMs : 0;
}

/** The reason to show: flapping has a name of its own, and a wait beyond the limit is said. */
function named(d: Draft, failure: Failure, asked: number): ReasonedEvidence {
  const { timing } = d.settings;
  let said = plain(failure);
  if (isFlapping(d.m.losses, d.now.at, timing)) {
    const count = recent(d.m.losses, d.now.at, timing);
    const evidence = { kind: 'count' as const, what: 'connections lost', count, withinMs: timing.flapWindowMs };
    const values = { count, minutes: timing.flapWindowMs / 60_000, why: said };
    said = sayReason('flapping', values, [...said.evidence, evidence]);
  }
  return askedLong(said, asked, timing);
}

/** A wait that is longer than floors count is said. */
export function askedLong(
  said: ReasonedEvidence,
  asked: number,
  timing: Pick<Timing, 'floorLimitMs'>,
): ReasonedEvidence {
  if (asked <= timing.floorLimitMs) return said;
  const evidence = { kind: 'protocol' as const, message: 'wait asked for', detail: `${tenths(asked)} s` };
  const told = { ...said, evidence: [...said.evidence, evidence] };
  return withNote(told, 'asked-hourly', { hours: (asked / 3_600_000).toFixed(1) });
}

/** The system's word that there is no network counts once a request failed, never for loopback. */
function goOfflineInstead(d: Draft, rung: number, failure: Failure): boolean {
  if (!isOffline(d, rung)) return false;
  goOffline(d, 'no-network', sayReason('no-network', {}, [signal('offline', failure.text), ...failure.evidence]));
  return true;
}

/** Whether the system's word means this rung: no network, and not our own machine. */
export function isOffline(d: Draft, rung = d.m.pinned ?? d.m.home): boolean {
  return d.m.noNetwork && !rungFacts(d.settings, rung).loopback;
}

/** No network, or asleep. */
export function goOffline(
  d: Draft,
  cause: 'no-network' | 'asleep',
  why: ReasonedEvidence,
  wall: WallMs = d.now.wall,
): void {
  dropAll(d);
  patch(d, { round: null });
  const lookAt = later(d.now.at, cause === 'asleep' ? 30_000 : d.settings.timing.offlineLookMs);
  move(d, { kind: 'offline', cause, lookAt }, why, null, wall);
}

/** Pages answer in place of feeds: asked again every minute, and nothing is learnt about rungs. */
export function waitForPortal(d: Draft, rung: number, evidence: readonly Evidence[]): void {
  dropAll(d);
  const why = sayReason('captive-portal', {}, evidence);
  const until = later(d.now.at, d.settings.timing.portalRetryMs);
  const attempt = d.m.failures + 1;
  patch(d, { round: null });
  move(d, { kind: 'waiting', from: d.now.at, until, attempt, cause: 'captive-portal', next: 'attempt' }, why, rung);
}

/** Stops; `rechecked`: it is looked at again by itself. */
export function stop(d: Draft, rung: number, why: ReasonedEvidence, rechecked: boolean): void {
  dropAll(d);
  patch(d, { round: null, refreshFirst: null, recheckTurn: 0 });
  const recheckAt = rechecked ? later(d.now.at, d.settings.timing.recheckMs) : null;
  move(d, { kind: 'stopped', cause: why.code, recheckAt, recheck: null }, why, rung);
}

/** Evidence of something the machine below said. */
export function signal(name: string, detail: string): Evidence {
  return { kind: 'signal', signal: name, detail };
}

/** Evidence of something a person asked for. */
export function command(name: string): Evidence {
  return { kind: 'command', command: name };
}
