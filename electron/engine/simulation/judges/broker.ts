import type { Gap } from '../../../../shared/gap';
import type { DeliveredEvent } from '../../core/delivery';
import type { Kept, MqttFeed } from '../feeds/mqtt';
import type { Judge } from './judge';
import { merge } from './merge';

const shown = (body: unknown): string => String(body).slice(0, 60);

/**
 * A broker that keeps what we did not acknowledge: of one topic each message once, in order, nothing left out but where a gap
 * stands, and nothing that was still owed to us, gap or not. No two messages say the same.
 */
export function createBrokerJudge(deps: {
  readonly feed: MqttFeed;
  readonly stream: string;
  readonly damaged: () => boolean;
  readonly complain: (text: string) => void;
}): Judge {
  const { feed, stream, damaged, complain } = deps;
  const seen = new Set<number>();
  let count = 0;
  let last: number | null = null;
  /** Also before the first: what the broker kept from an earlier source has holes of quality 0, which nobody was there for. */
  let gapSince = true;
  /** When the first was published that came with quality 0: before it has come nobody can know that there is any. */
  let firstUnkept = Number.POSITIVE_INFINITY;
  let begun = feed.begun();
  const mayMiss = ({ qos, at }: Kept): boolean => qos === 0 && at <= firstUnkept;

  /** All topics are of one session. Whoever begins anew knows nothing of what came to the source before it. */
  function notice({ stream: topic, body, type }: DeliveredEvent): void {
    if (begun !== feed.begun()) firstUnkept = Number.POSITIVE_INFINITY;
    begun = feed.begun();
    if (type === 'retained') return;
    const original = feed.kept(topic).find((one) => one.body === body);
    if (original?.qos === 0) firstUnkept = Math.min(firstUnkept, original.at);
  }

  function judge({ body, type }: DeliveredEvent): void {
    count += 1;
    const truth = feed.kept(stream);
    const at = truth.findIndex((one) => one.body === body);
    const original = truth[at];
    if (!original) {
      complain(`delivered ${shown(body)}, which nobody published`);
      return;
    }
    // How things stand, told to who subscribes anew: it may be known.
    if (seen.has(at) && (type === 'retained' || original.twice)) return;
    if (seen.has(at)) complain(`${shown(body)} was delivered twice`);
    else if (last !== null && at < last) complain(`${shown(body)} was delivered after ${shown(truth[last]?.body)}`);
    else if (last !== null && !gapSince) {
      const missing = truth.slice(last + 1, at).find((one) => !mayMiss(one));
      if (missing) complain(`${shown(missing.body)} was left out without a gap, before ${shown(body)}`);
    }
    seen.add(at);
    last = Math.max(last ?? at, at);
    // What it kept comes behind a gap that stands for what it did not keep, of quality 0: that is over with the next such.
    if (original.qos === 0 || !truth.some(({ qos }) => qos === 0)) gapSince = false;
  }

  return {
    delivered(events) {
      for (const event of events) {
        notice(event);
        if (event.stream === stream) judge(event);
      }
    },
    gaps(changed: readonly Gap[]) {
      // A break is told under one topic, and stands for all: where nothing is numbered, nobody knows of whom something is missing.
      for (const { cause } of changed) {
        gapSince = true;
        if (cause === 'retention' && !feed.forgot()) complain('the broker is said to have lost what it kept');
      }
    },
    declared() {},
    settle() {
      const first = Math.min(...seen);
      if (damaged()) return;
      feed.kept(stream).forEach(({ body, owed }, at) => {
        if (at > first && owed && !seen.has(at)) complain(`${shown(body)} was owed to us, and never came`);
      });
    },
    count: () => count,
    behind(since, at) {
      const truth = feed.kept(stream);
      const newest = truth.findLastIndex((one) => !mayMiss(one) && one.at <= at && one.at >= since);
      return newest < 0 || last === null || gapSince || (last ?? -1) >= newest
        ? null
        : `${shown(truth[newest]?.body)} never arrived`;
    },
    stored(events, gaps) {
      merge(this, events, gaps);
    },
    lost: () => 0,
  };
}
