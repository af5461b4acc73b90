import { defaultTiming } from '../../connection/timing';
import type { GatewayFeed } from '../feeds/gateway';
import type { Watch } from '../watch';
import type { World } from '../world';
import type { LiveJudge } from './politeness';

/** Looks come once a second, and a late timer is at most 2 s late. */
const slackMs = 3_200;
const lateMs = 2_000;
/** Each source may ask for so many ranges and snapshots again within a minute. */
const repairsPerMinute = 40;
const snapshotsPerMinute = 12;

/**
 * Bounds as the design has them: silence that ends `live` (15 s to a ping and 5 s for its answer; a promised or learnt
 * heartbeat twice and 5 s; a hold, or two intervals, and 10 s), what a goodbye asks for, and how often something is
 * asked for again.
 */
export function watchBounds(world: World, complain: (text: string) => void): LiveJudge {
  const { clock } = world;
  /** When silence may first be counted from: a wake, a hold that ended. */
  const countedFrom = new Map<Watch, number>();
  const liveSince = new Map<Watch, number>();
  /** When a silent session could not be renewed last, because somebody refused the fresh one. */
  const refusedAt = new Map<Watch, number>();
  const jammedAt = new Map<Watch, number>();
  const lateAt = new Map<Watch, number>();
  const snapshots = new Map<Watch, number[]>();
  const repairs = new Map<Watch, { readonly at: number; readonly count: number }[]>();

  world.onTransition((watch, { from, to, code }) => {
    if (to.kind === 'live' && code === 'recycle-failed') refusedAt.set(watch, clock.now());
    if (to.kind === 'live' && (from.kind !== 'live' || from.rung !== to.rung)) liveSince.set(watch, clock.now());
  });
  world.onAttempt((watch, { url }) => {
    if (!url.endsWith('/snapshot')) return;
    const recent = [...(snapshots.get(watch) ?? []), clock.now()].filter((at) => at > clock.now() - 60_000);
    snapshots.set(watch, recent);
    if (recent.length > snapshotsPerMinute) complain(`${watch.id}: ${recent.length} snapshots within a minute`);
  });
  world.onSession((watch) => judgeGoodbye(watch));

  /** Silence after which a rung must not be live any more, ms; null where silence proves nothing. */
  function limitOf(watch: Watch): number | null {
    const view = watch.view();
    if (view?.state.kind !== 'live') return null;
    const rung = view.config.ladder[view.state.rung];
    const { pingMs, pongMs, requestTimeoutMs, recycleMs, promotionMs } = defaultTiming;
    switch (rung?.transport) {
      case 'websocket':
        // A server that never answered a ping is believed dead no sooner than an event stream, and the view says so.
        if (view.notes?.some(({ code }) => code === 'pings-unanswered')) return recycleMs + promotionMs + 2 * pongMs;
        // A ping that cannot leave is waited for one interval longer.
        return (
          pingMs + pongMs + (clock.now() - (jammedAt.get(watch) ?? Number.NEGATIVE_INFINITY) < 60_000 ? pingMs : 0)
        );
      case 'sse':
        if (watch.feed.kind === 'gateway' || watch.feed.kind === 'multi') return 2 * 10_000 + pongMs;
        return recycleMs + promotionMs + 2 * pongMs;
      case 'long-poll':
        return 25_000 + requestTimeoutMs;
      case 'poll':
        return 2 * rung.intervalSeconds * 1000 + requestTimeoutMs;
      default:
        return null;
    }
  }

  function judgeLive(watch: Watch): void {
    const view = watch.view();
    if (!view || view.badge === 'throttled') countedFrom.set(watch, clock.now());
    if (watch.host.weather.jam) jammedAt.set(watch, clock.now());
    if (watch.host.active.has('late-timers')) lateAt.set(watch, clock.now());
    const limit = limitOf(watch);
    if (!view || limit === null) return;
    // Who answers a fresh session, and refuses it, is no silence: the old one stays until the next is tried.
    const refused = refusedAt.get(watch) ?? Number.NEGATIVE_INFINITY;
    if (clock.now() - refused < defaultTiming.probeMs + defaultTiming.promotionMs) return;
    const since = Math.max(world.heardAt(watch) ?? 0, countedFrom.get(watch) ?? 0, liveSince.get(watch) ?? 0);
    const silence = clock.now() - since;
    // A ping and the end of the wait for its answer are two timers, one after the other.
    const late = clock.now() - (lateAt.get(watch) ?? Number.NEGATIVE_INFINITY) < 60_000 ? lateMs : 0;
    if (silence <= limit + slackMs + late) return;
    complain(
      `${watch.id} (${watch.feed.kind}): live though nothing was heard for ${(silence / 1000).toFixed(1)} s; ${limit / 1000} s are allowed`,
    );
    countedFrom.set(watch, clock.now());
  }

  /** After a goodbye nobody comes back before the time it names, unless a person says so. */
  function judgeGoodbye(watch: Watch): void {
    const said = (watch.feed as Partial<GatewayFeed>).gateway?.lastGoodbye() ?? null;
    if (!said || watch.opened.at(-1) !== clock.now() || watch.commandedAt() >= said.at) return;
    const leftBy = watch.transitions.find(({ code }, index) => code === 'goodbye' && heardAt(watch, index) >= said.at);
    if (leftBy && clock.now() < said.at + said.retryAfterMs - 1)
      complain(
        `${watch.id}: asked ${Math.round(said.at + said.retryAfterMs - clock.now())} ms before the time that a goodbye named`,
      );
  }

  function heardAt(watch: Watch, index: number): number {
    return clock.now() - (clock.wall() - (watch.transitions[index]?.at ?? 0));
  }

  function judgeRepairs(watch: Watch): void {
    const { gateway } = watch.feed as Partial<GatewayFeed>;
    if (!gateway) return;
    const now = { at: clock.now(), count: gateway.asked().replays };
    const recent = [...(repairs.get(watch) ?? []), now].filter(({ at }) => at > now.at - 60_000);
    repairs.set(watch, recent);
    const asked = now.count - (recent[0]?.count ?? 0);
    if (asked <= repairsPerMinute) return;
    complain(`${watch.id}: ${asked} ranges asked for again within a minute`);
    repairs.delete(watch);
  }

  return {
    look() {
      for (const watch of world.watches) {
        judgeLive(watch);
        judgeRepairs(watch);
      }
    },
    slept() {
      for (const watch of world.watches) countedFrom.set(watch, clock.now());
    },
  };
}
