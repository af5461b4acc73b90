import type { ConnectionState, Reason } from '../../../shared/connection';
import type { Evidence } from '../../../shared/evidence';
import { adviceOf, type ReasonedEvidence, sayReason } from '../../../shared/reasons';
import type { RungView } from '../../../shared/view';
import type { MonotonicMs } from '../core/clock';
import { publicState } from './draft';
import { isFlapping } from './flap';
import type { Machine, Settings } from './model';

/** Numbers that change too often to be told one by one. */
export interface Readings {
  readonly lastByteAt: MonotonicMs | null;
  readonly lastHeartbeatAt: MonotonicMs | null;
  readonly roundTripMs: number | null;
  readonly attempts: number;
}

/** What a connection shows of itself. Times are wall-clock epoch ms, null where they do not exist. */
export interface ConnectionView {
  readonly state: ConnectionState;
  /** Since when the kind of state holds; in trouble, since when that began. */
  readonly since: number;
  /** Since when it is down; null where it is not, or at a first attempt that has not failed. */
  readonly downSince: number | null;
  readonly reason: Reason;
  readonly advice: string;
  readonly evidence: readonly Evidence[];
  readonly ladder: readonly RungView[];
  /** The rung was chosen from memory, not tried from the top. */
  readonly remembered: boolean;
  readonly pinned: number | null;
  readonly roundTripMs: number | null;
  readonly lastByteAt: number | null;
  readonly lastHeartbeatAt: number | null;
  /** Live, silent, and no heartbeat promised: liveness is unproven. */
  readonly quiet: boolean;
  /** We hold the socket back. */
  readonly throttled: boolean;
  readonly flapping: boolean;
  /** What is worth knowing of a connection that is live. */
  readonly notes: readonly Reason[];
  readonly nextProbeAt: number | null;
  readonly counters: {
    /** Times it came back after a loss: neither the first connection nor a break of our own making. */
    readonly reconnects: number;
    /** Sessions opened, of every purpose. */
    readonly attempts: number;
  };
}

/** `offset`: what makes a wall time of a monotonic one. */
export function viewOf(
  m: Machine,
  settings: Settings,
  now: MonotonicMs,
  offset: number,
  readings: Readings,
): ConnectionView {
  const wall = (at: MonotonicMs | null): number | null => (at === null ? null : Math.round(at + offset));
  const { code, evidence } = m.reason;
  return {
    state: publicState(m, offset),
    since: m.down?.since ?? m.since,
    downSince: m.down && (m.down.failed || m.down.kind === 'lost') ? m.down.since : null,
    reason: shown(m.reason),
    advice: adviceOf(code),
    evidence,
    ladder: ladderOf(m, settings, wall),
    remembered: m.remembered,
    pinned: m.pinned,
    roundTripMs: readings.roundTripMs,
    lastByteAt: wall(readings.lastByteAt),
    lastHeartbeatAt: wall(readings.lastHeartbeatAt),
    quiet: isQuiet(m, settings, now, readings),
    throttled: m.held && m.phase.kind === 'live',
    flapping: isFlapping(m.losses, now, settings.timing),
    notes: notesOf(m),
    nextProbeAt: m.phase.kind === 'live' ? wall(m.probe.at) : null,
    counters: { reconnects: m.reconnects, attempts: readings.attempts },
  };
}

function shown({ code, text, parts }: ReasonedEvidence): Reason {
  return { code, text, ...(parts ? { parts } : {}) };
}

function notesOf({ phase, pongs }: Machine): readonly Reason[] {
  if (phase.kind !== 'live') return [];
  const notes: Reason[] = [];
  if (pongs === 'never' && phase.heart.kind === 'ping') notes.push(shown(sayReason('pings-unanswered')));
  if (phase.rarelyMs !== null) {
    notes.push(shown(sayReason('polled-hourly', { hours: (phase.rarelyMs / 3_600_000).toFixed(1) })));
  }
  return notes;
}

function isQuiet(m: Machine, settings: Settings, now: MonotonicMs, readings: Readings): boolean {
  const { phase } = m;
  if (phase.kind !== 'live') return false;
  const unproven =
    phase.heart.kind === 'listen'
      ? settings.rungs[phase.rung]?.transport === 'sse' && m.promisedMs === null && m.learntMs === null
      : phase.heart.kind === 'ping' && m.pongs === 'never';
  if (!unproven) return false;
  return now - Math.max(phase.since, readings.lastByteAt ?? 0) >= settings.timing.quietMs;
}

function ladderOf(
  m: Machine,
  settings: Settings,
  wall: (at: MonotonicMs | null) => number | null,
): readonly RungView[] {
  const { phase } = m;
  const candidate = phase.kind === 'live' ? phase.candidate : null;
  const current = 'rung' in phase ? phase.rung : m.home;
  return settings.rungs.map((facts, rung): RungView => {
    const record = m.ladder[rung];
    const why = record?.blocked ?? record?.suspected ?? null;
    const probed = phase.kind === 'live' && rung < phase.rung && m.pinned === null;
    return {
      transport: facts.transport,
      url: facts.url,
      status: statusOf(),
      reason: why && shown(why),
      evidence: why?.evidence ?? [],
      since: wall(why?.since ?? null),
      nextProbeAt: probed ? wall(m.probe.at) : null,
    };

    function statusOf(): RungView['status'] {
      if (candidate?.rung === rung && rung !== current) return 'candidate';
      if (rung === current) return record?.suspected ? 'suspected' : 'current';
      if (record?.blocked) return 'blocked';
      return record?.suspected ? 'suspected' : 'ready';
    }
  });
}
