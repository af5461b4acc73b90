import { sayReason } from '../../../shared/reasons';
import { later, latest } from '../core/clock';
import { type Draft, drop, move, patch, patchLive, patchRung, plain, rungName } from './draft';
import { type Failure, failureOf, tenths } from './failure';
import { lost } from './lost';
import type { Candidate, Live } from './model';
import { nextProbeTarget, scheduleProbe } from './probe';

/** A candidate that does not make it. */

/** The candidate did not make it: the next better rung of this round, or the next round later. */
export function candidateFailed(d: Draft, live: Live, candidate: Candidate, failure: Failure): void {
  drop(d, 'candidate');
  if (candidate.why === 'recycle') {
    recycleFailed(d, live, failure);
    return;
  }
  const transport = rungName(d, candidate.rung);
  const record = d.m.ladder[candidate.rung];
  patchRung(d, candidate.rung, { blocked: { ...plain(failure), since: record?.blocked?.since ?? d.now.at } });
  if (failure.floorMs !== null) {
    const floor = Math.min(failure.floorMs, d.settings.timing.floorLimitMs);
    patch(d, { floorUntilUp: latest(d.m.floorUntilUp, later(d.now.up, floor)) });
  }
  const next = failure.floorMs === null ? nextProbeTarget(d, candidate.rung) : null;
  if (next === null) {
    patch(d, { probe: { ...d.m.probe, rung: 0, failures: d.m.probe.failures + 1 } });
    scheduleProbe(d);
  } else {
    patch(d, { probe: { ...d.m.probe, rung: next, at: later(d.now.at, d.settings.timing.paceMs) } });
  }
  const why = sayReason('probe-failed', { transport, why: failure }, failure.evidence);
  move(d, { ...live, candidate: null }, why, candidate.rung);
}

/** A fresh session could not be had: if nothing gets through any more, the silent one is not believed either. */
function recycleFailed(d: Draft, live: Live, failure: Failure): void {
  patchLive(d, { candidate: null, renewAt: later(d.now.at, d.settings.timing.probeMs) });
  const unreachable = failure.class === 'silence' || failure.class === 'same-way' || failure.class === 'cut';
  const why = failureOf('silence', 'recycle-failed', { why: failure }, failure.evidence, failure.floorMs);
  if (!unreachable) {
    move(d, { ...live, candidate: null, renewAt: later(d.now.at, d.settings.timing.probeMs) }, why, live.rung);
    return;
  }
  drop(d, 'main');
  lost(d, why, false);
}

/** The deadline of a promotion has passed. */
export function candidateDue(d: Draft, candidate: Candidate): void {
  const live = d.m.phase;
  if (live.kind !== 'live') return;
  const transport = rungName(d, candidate.rung);
  const opened = candidate.openedAt !== null;
  const { promotionMs, openTimeoutMs } = d.settings.timing;
  const waited = opened || candidate.openBy === null ? promotionMs : openTimeoutMs;
  const failure = failureOf(
    // A session that opened proves that the host answers, however slow it is to catch up.
    opened ? 'ours' : 'silence',
    opened ? 'promotion-timeout' : 'open-timeout',
    { transport, seconds: tenths(waited) },
    [{ kind: 'timer', name: 'promotion', afterMs: waited, lastByteAgoMs: null }],
  );
  candidateFailed(d, live, candidate, failure);
}
