import type { ConnectionState, Transition } from '../../../shared/connection';
import { badgeOf } from '../../../shared/connection';
import type { StateSpan } from '../../../shared/meters';

/** A time the application ran; wall clock, epoch ms. `end`: the last sign of life; null = it still runs. */
export interface Run {
  readonly start: number;
  readonly end: number | null;
  /** It ended by itself; one that did not may have gone on for as long as nothing could be stored. */
  readonly ended: boolean;
}

/** A pause between two runs shorter than this is a restart, not a hole, ms. */
const restartMs = 1_000;

/**
 * The spans of a source's state in [from, to), oldest first, without overlap. A state lasts until the next transition
 * of the same run; what lies between two runs is `not-running`. Trouble begins with the last sign of life before it.
 * `transitions` must reach back to the last one before `from`, if there is one. Pinned or throttled, stale and quiet are
 * not journaled: a pinned lower rung shows as degraded.
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
      const start = beganAt(transition, spans);
      const what = shown(transition);
      push({ start, end, ...what, since: sinceOf(transition, start, what.state, spans.at(-1)) });
    });
    // Nothing is said of a source before its first transition ever: it was not there yet.
    const known = spans.length > 0;
    if (next && known && run.end !== null && next.start - run.end >= restartMs) {
      const text = run.ended
        ? 'Wirewatch was not running.'
        : 'Wirewatch was not running, or could not store what it saw: it ended without a word.';
      push({ start: run.end, end: next.start, state: 'not-running', rung: null, text, since: run.end });
    }
  });
  return clip(spans, range);
}

/** When a transition's span begins: trouble with the last sign of life, which shortens the live time before it. */
function beganAt({ at, to, since }: Transition, spans: StateSpan[]): number {
  const last = spans[spans.length - 1];
  if (last === undefined || last.end !== at || to.kind === 'live' || since === undefined || since >= at) return at;
  if (!isUp(last.state)) return at;
  if (since <= last.start) return at;
  spans[spans.length - 1] = { ...last, end: since };
  return since;
}

function sinceOf({ at, from, to, since }: Transition, start: number, state: Word, last: StateSpan | undefined): number {
  if (to.kind !== 'live') return since ?? start;
  if (last?.state === state && last.end === start) return last.since;
  // The one before is not known here; the state itself knows since when it is live.
  return last === undefined && word(from) === state ? Math.min(to.since, at) : start;
}

type Word = StateSpan['state'];

/** Connected, whatever comes over it. */
function isUp(state: Word): boolean {
  return state === 'live' || state === 'degraded' || state === 'catching-up' || state === 'silent';
}

function word(state: ConnectionState): Word {
  const badge = badgeOf({ state, pinnedRung: null, throttled: false, stale: false, quiet: false });
  if (badge === 'throttled' || badge === 'stale' || badge === 'quiet')
    throw new Error(`derived badge ${badge} in a span`);
  return badge;
}

function shown(transition: Transition): Omit<StateSpan, 'start' | 'end' | 'since'> {
  return {
    state: word(transition.to),
    rung: rungOf(transition.to),
    text: transition.text,
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
