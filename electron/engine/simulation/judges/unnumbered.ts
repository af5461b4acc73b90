import type { Gap } from '../../../../shared/gap';
import type { DeliveredEvent } from '../../core/delivery';
import type { FakeFeed, Published } from '../feeds/feed';
import type { Judge } from './judge';
import { merge } from './merge';

interface Deps {
  readonly feed: FakeFeed;
  readonly stream: string;
  readonly complain: (text: string) => void;
}

const shown = (body: unknown): string => String(body).slice(0, 60);

/** Feeds whose events have ids: each at most once, in order, and nothing skipped without a gap between its neighbours. */
export function createIdJudge({ feed, stream, complain }: Deps): Judge {
  const seen = new Set<Published>();
  /** Look the same as one that was seen, and came after it: one of them was. */
  const mistakable = new Set<Published>();
  /** Index of the newest event that came in its turn, and whether a gap was told since. */
  let last: number | null = null;
  let gapSince = false;
  /** Gaps that were told, by what they stand for: one that shrinks as events come after all excuses nothing new. */
  const told = new Set<string>();
  const filled: Gap[] = [];
  const covered: { readonly from: number; readonly to: number }[] = [];

  const excused = (event: Published | undefined, at: number): boolean =>
    event?.mayMiss === true ||
    (event !== undefined && mistakable.has(event)) ||
    covered.some(({ from, to }) => at >= from && at <= to);

  /** Ids that count begin anew with their server: of two that look the same the first that is still to come. */
  function placeOf(truth: readonly Published[], { id, body }: DeliveredEvent): number {
    const same = (one: Published): boolean => one.id === id && one.body === body;
    const next = truth.findIndex((one, at) => at > (last ?? -1) && !seen.has(one) && same(one));
    if (next < 0) return truth.findLastIndex(same);
    // Nothing tells which of them it is before the first event, nor where the one that comes first may have been left out.
    if (last === null || truth[next]?.mayMiss)
      for (const one of truth.slice(next + 1)) if (same(one)) mistakable.add(one);
    return next;
  }

  function judge(event: DeliveredEvent): void {
    const truth = feed.truth(stream);
    const at = placeOf(truth, event);
    const original = truth[at];
    if (!original) {
      complain(`delivered ${event.id} ${shown(event.body)}, which the server never published`);
      return;
    }
    if (original.trouble && seen.size > 0) complain(`${shown(event.body)} was taken for an event`);
    if (seen.has(original)) complain(`${event.id} ${shown(event.body)} was delivered twice`);
    seen.add(original);
    if (event.late || original.change || original.trouble) return;
    if (last !== null && at <= last) complain(`${event.id} was delivered after ${truth[last]?.id}`);
    // A gap before the first event covers everything until then.
    if (gapSince) covered.push({ from: (last ?? -1) + 1, to: at - 1 });
    last = Math.max(last ?? at, at);
    gapSince = false;
  }

  /** What is said to be missing by its ids was published, and not delivered; what is said to have come was. */
  function judgeCount({ from, to, status }: Gap): void {
    const truth = feed.truth(stream);
    for (let id = from; to !== null && id <= to; id += 1) {
      if (truth.some((one) => one.id === String(id) && seen.has(one) === (status === 'filled'))) continue;
      complain(`${id} of ${from}–${to} was said to be ${status}, and is not`);
      return;
    }
  }

  return {
    delivered(events) {
      for (const event of events) if (event.stream === stream) judge(event);
    },
    gaps(changed) {
      for (const gap of changed) {
        if (gap.stream !== stream) continue;
        if (gap.cause === 'not-resumed' && gap.status === 'filled') filled.push(gap);
        else if (gap.cause === 'not-resumed') judgeCount(gap);
        if (gap.cause === 'not-resumed' && told.has(gap.id)) continue;
        told.add(gap.id);
        gapSince = true;
      }
    },
    declared() {},
    settle() {
      for (const gap of filled) judgeCount(gap);
      let begun = false;
      feed.truth(stream).forEach((event, at) => {
        begun ||= seen.has(event);
        if (begun && !seen.has(event) && !excused(event, at))
          complain(`${event.id} ${shown(event.body)} was published and neither delivered nor inside a gap`);
      });
    },
    count: () => seen.size,
    behind(since, at) {
      const truth = feed.truth(stream);
      const index = truth.findLastIndex((one) => one.at <= at && !one.mayMiss);
      const newest = truth[index];
      return !newest || newest.at < since || seen.has(newest) || gapSince || excused(newest, index)
        ? null
        : `${newest.id} ${shown(newest.body)} never arrived`;
    },
    stored(events, all) {
      merge(this, events, all);
    },
    lost: () => 0,
  };
}

/** How far ahead a body is looked for. */
const reach = 50;

/**
 * Feeds that have neither numbers nor ids: what is delivered must be what was published, in order, without anything
 * left out but where a gap stands. Bodies repeat, so all places where a body can belong are followed at once.
 */
export function createBodyJudge({ feed, stream, complain }: Deps): Judge {
  /** Indexes that the newest delivered event may have. Null: anywhere, as at the beginning. */
  let places: readonly number[] | null = null;
  let gapSince = false;
  let count = 0;

  function judge(event: DeliveredEvent): void {
    count += 1;
    const truth = feed.truth(stream);
    const next: number[] = [];
    const anywhere = places === null || gapSince;
    const last = places?.at(-1) ?? -1;
    for (let at = (places?.[0] ?? -1) + 1; at < truth.length; at += 1) {
      if (!anywhere && at > last + reach) break;
      if (truth[at]?.body !== event.body) continue;
      if (anywhere || places?.some((place) => follows(truth, place, at))) next.push(at);
    }
    if (next.length > 0) {
      // Who was not let in begins with what comes once they are.
      const outside = places === null && next.every((at) => truth[at]?.refusal === true);
      if (!outside) places = next;
      gapSince = false;
      return;
    }
    const known = truth.some(({ body }) => body === event.body);
    const why = known
      ? 'does not come next: something before it was left out without a gap, or it was delivered before'
      : 'was never published';
    complain(`${shown(event.body)} (ordinal ${event.ordinal}) ${why}`);
    // From here on again, so that one mistake is told once.
    places = null;
  }

  /** Whether `at` comes next after `place`, but for what may be missing without a word. */
  function follows(truth: readonly Published[], place: number, at: number): boolean {
    for (let between = place + 1; between < at; between += 1) if (!truth[between]?.mayMiss) return false;
    return at > place;
  }

  return {
    delivered(events) {
      for (const event of events) if (event.stream === stream) judge(event);
    },
    gaps(changed: readonly Gap[]) {
      for (const gap of changed) if (gap.stream === stream) gapSince = true;
    },
    declared() {},
    settle() {},
    count: () => count,
    behind(since, at) {
      const newest = feed.truth(stream).findLastIndex((one) => one.at <= at && one.at >= since);
      if (newest < 0 || places === null || gapSince || places.some((place) => place >= newest)) return null;
      return `${shown(feed.truth(stream)[newest]?.body)} never arrived`;
    },
    stored(events, all) {
      merge(this, events, all);
    },
    lost: () => 0,
  };
}
