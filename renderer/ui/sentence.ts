import { reasons } from '../../shared/reasons';
import { partsOf, type Sentence } from '../../shared/sentence';
import { transportNames } from '../../shared/transport';
import type { SourceView } from '../../shared/view';
import { grouped } from './format/number';

/**
 * A part of a sentence. `until` parts are countdowns to an instant of main's clock, `ago` parts how long ago one was, `at`
 * parts clock times.
 */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bold'; readonly text: string }
  | { readonly kind: 'until'; readonly at: number }
  | { readonly kind: 'ago'; readonly at: number }
  | { readonly kind: 'at'; readonly at: number };

const text = (value: string): Part => ({ kind: 'text', text: value });

/** A sentence of the engine: the figure that matters stands in bold. `brief`: without what cards have no room for. */
function said(sentence: Sentence, brief: boolean): readonly Part[] {
  const parts = partsOf(sentence).filter(({ as }) => !(brief && as === 'detail'));
  return parts.map((part) => (part.as === 'figure' ? { kind: 'bold', text: part.text } : text(part.text)));
}

/** The same for cards and tables: with how long it is down, without whose certificate it is. Its page has it all. */
export function briefSentenceOf(view: SourceView): readonly Part[] {
  return [...downParts(view), ...sentenceOf(view, true)];
}

function downParts({ state, downSince }: SourceView): readonly Part[] {
  if (downSince == null || state.kind === 'live') return [];
  return [text('Down '), { kind: 'ago', at: downSince }, text(' since '), { kind: 'at', at: downSince }, text('. ')];
}

/** Why a source is as it is, in a sentence or two; empty where all is well. */
export function sentenceOf(view: SourceView, brief = false): readonly Part[] {
  const { state, badge, reason, advice } = view;
  const why = said(reason, brief);
  switch (badge) {
    case 'silent':
      // What helps is worth its room once it is silent for too long to be the beginning.
      return view.openSilent ? [text(`Open, and nothing that was expected comes. ${advice}`)] : why;
    case 'live':
    case 'quiet':
      return badge === 'quiet' ? [text('Silent, and the feed promises no heartbeat: liveness unproven.')] : [];
    case 'waiting':
      if (state.kind !== 'waiting') return why;
      return [...why, text(` Attempt ${grouped(state.attempt)} in `), { kind: 'until', at: state.until }, text('.')];
    case 'stopped': {
      const recheck = state.kind === 'stopped' ? state.recheckAt : null;
      // What happens by itself is the countdown. On a card it is worth more than what to do: that stands on the page.
      const toDo = recheck === null ? advice : reasons[reason.code].advice;
      const what = brief && recheck !== null ? why : [...why, text(` ${toDo}`)];
      if (recheck === null) return what;
      return [...what, text(' Checked again in '), { kind: 'until', at: recheck }, text('.')];
    }
    case 'degraded':
      return [...blockedParts(view, why, brief), ...probeParts(view)];
    case 'catching-up':
      return view.catchingUp === null ? why : catchingUpParts(why, view.catchingUp);
    case 'offline':
      return offlineParts(view);
    case 'stale':
      return [text('Connected, but no event for longer than this feed has ever been silent.')];
    case 'throttled':
      return [text('Events arrive faster than they can be kept, so Wirewatch holds the socket back.')];
    case 'connecting':
    case 'recording':
    case 'paused':
      return why;
  }
}

function blockedParts({ ladder }: SourceView, why: readonly Part[], brief: boolean): readonly Part[] {
  const blocked = ladder.find((rung) => rung.status === 'blocked' && rung.reason !== null);
  if (blocked === undefined || blocked.reason === null) return why;
  return [{ kind: 'bold', text: `${transportNames[blocked.transport]}: ` }, ...said(blocked.reason, brief)];
}

function probeParts({ ladder }: SourceView): readonly Part[] {
  const times = ladder.flatMap((rung) => (rung.nextProbeAt === null ? [] : [rung.nextProbeAt]));
  if (times.length === 0) return [];
  return [text(' Next try upward in '), { kind: 'until', at: Math.min(...times) }, text('.')];
}

function catchingUpParts(why: readonly Part[], progress: NonNullable<SourceView['catchingUp']>): readonly Part[] {
  const of = progress.total === null ? '' : ` of ${grouped(progress.total)}`;
  return [
    ...why,
    text(' '),
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
