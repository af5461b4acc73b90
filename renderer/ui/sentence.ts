import { transportNames } from '../../shared/transport';
import type { SourceView } from '../../shared/view';
import { grouped } from './format/number';

/** A part of a sentence. `until` parts are countdowns to an instant of main's clock, `at` parts clock times. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bold'; readonly text: string }
  | { readonly kind: 'until'; readonly at: number }
  | { readonly kind: 'at'; readonly at: number };

const text = (value: string): Part => ({ kind: 'text', text: value });

/** A number with what makes it matter: its unit, or a status or close code. */
const figure =
  /\b\d[\d\u2009 ]*(?:[.,]\d+)?\s?(?:ms|s|min|h|d|days?|hours?|minutes?|seconds?|%|[KMG]i?B|bytes?|events?|times)\b|\b[1-5]\d\d\b|\b[14]\d{3}\b/;

/** Splits a sentence so that the first number that matters stands in bold. */
export function emphasised(sentence: string): readonly Part[] {
  const match = figure.exec(sentence);
  if (match === null) return [text(sentence)];
  const end = match.index + match[0].length;
  return [text(sentence.slice(0, match.index)), { kind: 'bold', text: match[0] }, text(sentence.slice(end))];
}

/** The same without whose certificate it is: for cards and tables, whose page has it all. */
export function briefSentenceOf(view: SourceView): readonly Part[] {
  const text = view.reason.text.replace(/ \(certificate of [^()]*\)/g, '');
  return sentenceOf({ ...view, reason: { ...view.reason, text } });
}

/** Why a source is as it is, in a sentence or two; empty where all is well. */
export function sentenceOf(view: SourceView): readonly Part[] {
  const { state, badge, reason, advice } = view;
  switch (badge) {
    case 'live':
    case 'quiet':
      return badge === 'quiet' ? [text('Silent, and the feed promises no heartbeat: liveness unproven.')] : [];
    case 'waiting':
      if (state.kind !== 'waiting') return emphasised(reason.text);
      return [
        text(`${reason.text} Attempt ${grouped(state.attempt)} in `),
        { kind: 'until', at: state.until },
        text('.'),
      ];
    case 'stopped': {
      const recheck = state.kind === 'stopped' ? state.recheckAt : null;
      const what = [...emphasised(reason.text), text(recheck === null ? ` ${advice}` : ` ${firstSentence(advice)}`)];
      if (recheck === null) return what;
      return [...what, text(' Checked again in '), { kind: 'until', at: recheck }, text('.')];
    }
    case 'degraded':
      return [...blockedParts(view), ...probeParts(view)];
    case 'catching-up':
      return view.catchingUp === null ? emphasised(reason.text) : catchingUpParts(view, view.catchingUp);
    case 'offline':
      return offlineParts(view);
    case 'stale':
      return [text('Connected, but no event for longer than this feed has ever been silent.')];
    case 'throttled':
      return [text('Events arrive faster than they can be kept, so Wirewatch holds the socket back.')];
    case 'connecting':
    case 'recording':
    case 'paused':
      return emphasised(reason.text);
  }
}

/** What to do, without what happens by itself. */
function firstSentence(advice: string): string {
  return /^[^.]*\./.exec(advice)?.[0] ?? advice;
}

function blockedParts({ ladder, reason }: SourceView): readonly Part[] {
  const blocked = ladder.find((rung) => rung.status === 'blocked' && rung.reason !== null);
  if (blocked === undefined || blocked.reason === null) return emphasised(reason.text);
  return [{ kind: 'bold', text: `${transportNames[blocked.transport]}: ` }, ...emphasised(blocked.reason.text)];
}

function probeParts({ ladder }: SourceView): readonly Part[] {
  const times = ladder.flatMap((rung) => (rung.nextProbeAt === null ? [] : [rung.nextProbeAt]));
  if (times.length === 0) return [];
  return [text(' Next try upward in '), { kind: 'until', at: Math.min(...times) }, text('.')];
}

function catchingUpParts({ reason }: SourceView, progress: NonNullable<SourceView['catchingUp']>): readonly Part[] {
  const of = progress.total === null ? '' : ` of ${grouped(progress.total)}`;
  return [
    text(`${reason.text} `),
    { kind: 'bold', text: `${grouped(progress.fetched)}${of}` },
    text(' missed events fetched, in order.'),
  ];
}

function offlineParts({ state, since }: SourceView): readonly Part[] {
  const asleep = state.kind === 'offline' && state.cause === 'asleep';
  return [
    text(asleep ? 'This machine has been asleep since ' : 'This machine has no network since '),
    { kind: 'at', at: since },
    text('. Not counted as downtime.'),
  ];
}
