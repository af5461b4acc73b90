import type { ReasonedEvidence } from '../../../shared/reasons';
import { later, longAgo, type MonotonicMs } from '../core/clock';
import { type Draft, heartContext, move, patch, patchRung, rungFacts } from './draft';
import { type Heart, holdHeart, startHeart } from './heartbeat';
import type { Live } from './model';
import { scheduleProbe } from './probe';

interface Arrival {
  readonly rung: number;
  readonly why: ReasonedEvidence;
  /** It has delivered all it promised at attach. */
  readonly caughtUp: boolean;
  readonly promoted: boolean;
  /** A frame was heard on it before. */
  readonly heard?: boolean;
  /** When its last byte came; now, where it has just opened. */
  readonly lastByteAt?: MonotonicMs;
}

/** The one way into `live`: a session in the main slot is open. */
export function goLive(d: Draft, arrival: Arrival): void {
  const { rung, why, caughtUp, promoted } = arrival;
  const { at } = d.now;
  const lastByteAt = arrival.lastByteAt ?? at;
  const facts = rungFacts(d.settings, rung);
  const context = heartContext(d.m, d.settings, rung);
  const heart: Heart = d.m.held ? holdHeart(at, { lastByteAt }) : startHeart(at, context, lastByteAt);
  const live: Live = {
    kind: 'live',
    rung,
    since: at,
    resync: caughtUp ? 'current' : 'catching-up',
    // One that takes over from another goes on where that was.
    silent: d.m.phase.kind === 'live' ? d.m.phase.silent : null,
    heard: caughtUp || arrival.heard === true,
    stable: false,
    heart,
    floorMs: facts.transport === 'poll' ? facts.pollIntervalMs : 0,
    rarelyMs: null,
    goodbye: null,
    epochs: {},
    candidate: null,
    proof: null,
    trustedUntil: at,
    renewAt: later(at, d.settings.timing.recycleMs),
    doubted: false,
  };
  patch(d, {
    home: rung,
    round: null,
    moved: null,
    // A pinned rung that opens has shown that it works: without the pin the ladder need not go below it.
    unpinned: Math.min(d.m.unpinned, rung),
    // It let us in: what it once asked us to wait is past.
    floorUntilUp: longAgo,
    // A promotion is no reconnect: it never went down.
    timesLive: d.m.timesLive + (d.m.phase.kind === 'live' ? 0 : 1),
    probe: { ...d.m.probe, rung: 0, promotedAt: promoted ? at : null },
  });
  patchRung(d, rung, { opened: true, absent: false, blocked: null, suspected: null, controlTurn: 0 });
  if (rung === 0) d.effects.push({ do: 'forget' });
  // A probe already due, or due soon, stays: an outage must not push the way up further off.
  if (rung === 0 || d.m.probe.at === null || d.m.probe.at <= at) scheduleProbe(d);
  move(d, live, why, rung);
  if (d.m.held) d.effects.push({ do: 'hold', on: true });
  // Asked once at the start and without a deadline: a server that shows that it answers pings is judged by them from then
  // on; otherwise one that falls silent before its first ping would pass for one that never answers any.
  else if (heart.kind === 'ping' && d.m.pongs === 'unknown') d.effects.push({ do: 'ping' });
}
