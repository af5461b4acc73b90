import type { StateSpan } from '../../shared/meters';
import { isLive } from './cells';

/** A time that was not live. `down`: the server's or the way's fault; `own`: ours (asleep, no network, paused); `absent`: not running. */
export interface Hole {
  readonly kind: 'down' | 'own' | 'absent';
  readonly from: number;
  readonly to: number;
}

/** Most holes drawn in one chart; the widest are kept. */
const maxHoles = 60;

function kindOf({ state, excused }: StateSpan): Hole['kind'] | null {
  if (isLive(state)) return null;
  if (excused) return 'own';
  switch (state) {
    case 'offline':
    case 'paused':
      return 'own';
    case 'not-running':
      return 'absent';
    default:
      return 'down';
  }
}

/** Joins neighbouring spans of one kind and cuts them to the range, epoch ms. */
export function holesOf(spans: readonly StateSpan[], from: number, to: number, now: number): readonly Hole[] {
  const holes: Hole[] = [];
  for (const span of spans) {
    const kind = kindOf(span);
    const start = Math.max(from, span.start);
    const end = Math.min(to, span.end ?? now);
    if (kind === null || end <= start) continue;
    const last = holes.at(-1);
    if (last !== undefined && last.kind === kind && start - last.to < 50)
      holes[holes.length - 1] = { ...last, to: end };
    else holes.push({ kind, from: start, to: end });
  }
  if (holes.length <= maxHoles) return holes;
  const widest = new Set(holes.toSorted((a, b) => b.to - b.from - (a.to - a.from)).slice(0, maxHoles));
  return holes.filter((hole) => widest.has(hole));
}

/** How much of a range was up and down, ms; own sleep, own network and pauses count as neither. */
export interface Uptime {
  readonly up: number;
  readonly down: number;
}

/** Sums up a range of spans. */
export function uptimeOf(spans: readonly StateSpan[], from: number, to: number, now: number): Uptime {
  let up = 0;
  let down = 0;
  for (const span of spans) {
    const length = Math.max(0, Math.min(to, span.end ?? now) - Math.max(from, span.start));
    const kind = kindOf(span);
    if (kind === null) up += length;
    else if (kind === 'down') down += length;
  }
  return { up, down };
}
