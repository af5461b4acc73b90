import { itemSize, type TailItem } from './tail-items';

/** Most items, and characters of bodies, that one tail keeps. What goes beyond leaves memory and stays fetchable. */
export const tailLimits = { items: 4_000, chars: 8_000_000, pending: 2_000, page: 250 } as const;

/** How many of the items, from the first on, fit the limits. A little slack keeps eviction rare. */
export function kept(items: readonly TailItem[]): number {
  if (items.length <= tailLimits.items + tailLimits.page) {
    const all = items.reduce((sum, item) => sum + itemSize(item), 0);
    if (all <= tailLimits.chars) return items.length;
  }
  let chars = 0;
  let count = 0;
  for (const item of items) {
    chars += itemSize(item);
    if (count >= tailLimits.items || chars > tailLimits.chars * 0.9) break;
    count += 1;
  }
  return Math.max(1, count);
}
