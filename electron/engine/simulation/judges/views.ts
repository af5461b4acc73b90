import { journalLimits } from '../sim-journal';
import type { Watch } from '../watch';
import type { World } from '../world';
import type { LiveJudge } from './politeness';

/** A calm of so long, ms, and what was published before the last part of it must be there. */
const calmMs = 60_000;
const arrivalMs = 25_000;
/** Held back for so long, ms, nothing more is delivered. */
const holdMs = 2_000;
/** What the view says is so: `current` is caught up, `throttled` is held back, counters count. */
export function watchViews(world: World, complain: (text: string) => void): LiveJudge {
  const { clock } = world;
  const liveSince = new Map<Watch, number>();
  const throttled = new Map<Watch, { readonly at: number; readonly delivered: number | null }>();
  const overFull = new Map<Watch, number>();

  world.onTransition((watch, { from, to }) => {
    if (to.kind !== 'live') return;
    const wasCurrent = from.kind === 'live' && from.resync === 'current';
    if (from.kind !== 'live') liveSince.set(watch, clock.now());
    if (to.resync === 'current' && !wasCurrent) judgeCurrent(watch);
  });

  const openedBefore = (watch: Watch): number => (watch.opened.at(-1) ?? clock.now()) - 100;

  /** Where a feed names its newest event, `current` means that everything up to the attach is here or in a gap. */
  function judgeCurrent(watch: Watch): void {
    if (watch.feed.kind !== 'gateway' || watch.damaged) return;
    const missing = watch.jury.behind(watch.since(), openedBefore(watch));
    if (missing !== null) complain(`${watch.id}: says it has caught up, but ${missing}`);
  }

  /** In a long calm, live and current means that what was published is here. */
  function judgeArrival(watch: Watch): void {
    const { state, badge } = watch.view() ?? {};
    if (watch.damaged || state?.kind !== 'live' || state.resync !== 'current') return;
    if (badge === 'throttled') return;
    // A way that died without a word is the matter of those who watch for silence, see bounds.
    if ((world.heardAt(watch) ?? 0) < clock.now() - arrivalMs) return;
    const calmSince = Math.max(
      watch.host.changedAt,
      liveSince.get(watch) ?? 0,
      watch.commandedAt(),
      watch.opened.at(-1) ?? 0,
    );
    if (watch.host.active.size > 0 || clock.now() - calmSince < calmMs) return;
    const missing = watch.jury.behind(watch.since(), clock.now() - arrivalMs);
    if (missing === null) return;
    complain(`${watch.id} (${watch.feed.kind}): says ${badge} and current, but ${missing}`);
    liveSince.set(watch, clock.now());
  }

  function judgeHold(watch: Watch): void {
    const view = watch.view();
    if (view?.badge !== 'throttled') {
      throttled.delete(watch);
      judgeRoom(watch, view?.state.kind === 'live');
      return;
    }
    const { delivered } = view.counters;
    const since = throttled.get(watch) ?? { at: clock.now(), delivered: null };
    const held = clock.now() - since.at >= holdMs;
    throttled.set(watch, { at: since.at, delivered: held ? (since.delivered ?? delivered) : null });
    if (since.delivered !== null && delivered > since.delivered)
      complain(`${watch.id} (${watch.feed.kind}): held back, but ${delivered - since.delivered} events came meanwhile`);
  }

  /** When the disk cannot keep up, sockets are paused before memory grows. */
  function judgeRoom(watch: Watch, live: boolean): void {
    const journal = world.engine().journal.view();
    const behind = live && journal.kind === 'ok' && journal.behind > journalLimits.waitEvents;
    if (!behind) overFull.delete(watch);
    else if (!overFull.has(watch)) overFull.set(watch, clock.now());
    const since = overFull.get(watch);
    if (since === undefined || clock.now() - since < holdMs) return;
    complain(
      `${watch.id}: ${journal.kind === 'ok' ? journal.behind : 0} events wait for the disk, and nothing is held back`,
    );
    overFull.delete(watch);
  }

  function judgeWords(watch: Watch): void {
    const view = watch.view();
    if (!view) return;
    for (const text of [view.reason.text, view.advice, view.promise])
      if (/\{\w+\}|undefined|NaN|null/.test(text)) complain(`${watch.id}: shows a broken sentence: ${text}`);
    const { counters } = view;
    for (const [name, count] of Object.entries(counters))
      if (!(Number.isSafeInteger(count) && count >= 0)) complain(`${watch.id}: counter ${name} is ${count}`);
    if (view.notYetStored < 0) complain(`${watch.id}: ${view.notYetStored} events are not yet stored`);
  }

  return {
    look() {
      for (const watch of world.watches) {
        judgeArrival(watch);
        judgeHold(watch);
        judgeWords(watch);
      }
    },
    slept() {},
  };
}
