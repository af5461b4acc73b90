import type { RecipeFeed } from '../feeds/recipe';
import type { Watch } from '../watch';
import type { World } from '../world';
import type { LiveJudge } from './politeness';

/**
 * What is said to feeds of our own accord: in the order that their recipe says, within their budget, on every connection anew,
 * and nothing is live that was not subscribed to.
 */
export function watchTalk(world: World, complain: (text: string) => void): LiveJudge {
  const told = new Map<Watch, number>();
  const feedOf = (watch: Watch): RecipeFeed | null =>
    watch.feed.kind === 'recipe' ? (watch.feed as RecipeFeed) : null;

  world.onTransition((watch, { from, to }) => {
    const feed = feedOf(watch);
    if (!feed || to.kind !== 'live' || from.kind === 'live') return;
    const opened = watch.opened.at(-1) ?? 0;
    if (!feed.grantedSince(opened)) complain(`${watch.id}: live, and nothing was subscribed to on this connection`);
  });

  return {
    look() {
      for (const watch of world.watches) {
        const wrongs = feedOf(watch)?.wrongs() ?? [];
        const before = told.get(watch) ?? 0;
        told.set(watch, wrongs.length);
        for (const wrong of wrongs.slice(before)) complain(`${watch.id}: ${wrong}`);
      }
    },
    slept() {},
  };
}
