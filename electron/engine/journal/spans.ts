import type { ConnectionState, Transition } from '../../../shared/connection';
import { badgeOf } from '../../../shared/connection';
import type { StateSpan } from '../../../shared/meters';

/** A time the application ran; wall clock, epoch ms. `end`: the last sign of life; null = it still runs. */
export interface Run {
  readonly start: number;
  readonly end: number | null;
}

/** A pause between two runs shorter than this is a restart, not a hole, ms. */
const restartMs = 1_000;

/**
 * The spans of a source's state in [from, to), oldest first, without overlap. A state lasts until the next transition
 * of the same run; what lies between two runs is `not-running`. `transitions` must reach back to the last one before
 * `from`, if there is one. Pinned or throttled, stale and quiet are not journaled: a pinned lower rung shows as degraded.
 */
export function stateSpans(
  transitions: readonly Transition[],
  runs: readonly Run[],
  range: { readonly from: number; readonly to: number; readonly now: number },
): readonly StateSpan[] {
  const spans: StateSpan[] = [];
  const push = (span: StateSpan): void => {
    const last = spans[spans.length - 1];
    if (
      last &&
      last.state === span.state &&
      last.rung === span.rung &&
      last.text === span.text &&
      last.since === span.since &&
      last.excused === span.excused &&
      last.end === span.start
    ) {
      spans[spans.length - 1] = { ...last, end: span.end };
    } else if (span.end === null || span.end > span.start) spans.push(span);
  };
  let at = 0;
  runs.forEach((run, index) => {
    const next = runs[index + 1];
    const until = next ? next.start : Number.POSITIVE_INFINITY;
    const mine: Transition[] = [];
    for (let step = transitions[at]; step && step.at < until; step = transitions[++at]) mine.push(step);
    mine.forEach((transition, place) => {
      const end = mine[place + 1]?.at ?? run.end;
      push({ start: transition.at, end, ...shown(transition) });
    });
    // Nothing is said of a source before its first transition ever: it was not there yet.
    const known = spans.length > 0;
    if (next && known && run.end !== null && next.start - run.end >= restartMs) {
      push({ start: run.end, end: next.start, state: 'not-running', rung: null, text: 'Wirewatch was not running.' });
    }
  });
  return clip(spans, range);
}

function shown(transition: Transition): Omit<StateSpan, 'start' | 'end'> {
  const state = badgeOf({ state: transition.to, pinnedRung: null, throttled: false, stale: false, quiet: false });
  if (state === 'throttled' || state === 'stale' || state === 'quiet')
    throw new Error(`derived badge ${state} in a span`);
  return {
    state,
    rung: rungOf(transition.to),
    text: transition.text,
    ...(transition.since === undefined ? {} : { since: transition.since }),
    ...(transition.excused && transition.to.kind !== 'live' ? { excused: true } : {}),
  };
}

function rungOf(state: ConnectionState): number | null {
  return state.kind === 'live' || state.kind === 'connecting' ? state.rung : null;
}

function clip(
  spans: readonly StateSpan[],
  { from, to, now }: { readonly from: number; readonly to: number; readonly now: number },
): readonly StateSpan[] {
  return spans
    .filter((span) => span.start < to && (span.end ?? Number.POSITIVE_INFINITY) > from)
    .map((span) => ({
      ...span,
      start: Math.max(span.start, from),
      end: span.end === null ? (to >= now ? null : to) : Math.min(span.end, to),
    }));
}
