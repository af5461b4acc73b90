/** A bucket of a histogram: how many were at most `le`, those of smaller buckets included. */
export interface CumulativeBucket {
  readonly le: number;
  readonly count: number;
}

/**
 * A quantile of a histogram's buckets, as Prometheus reckons it: linear inside a bucket, the lowest of which begins at 0;
 * above the last bound nothing is known, and the last bound is given. Null where nothing was observed. `buckets` ascend.
 */
export function quantileOf(q: number, buckets: readonly CumulativeBucket[]): number | null {
  const top = buckets.at(-1);
  if (top === undefined || top.le !== Number.POSITIVE_INFINITY || buckets.length < 2 || !(top.count > 0)) return null;
  const rank = q * top.count;
  const at = buckets.findIndex(({ count }) => count >= rank);
  const bucket = buckets[at];
  if (bucket === undefined || at === buckets.length - 1) return buckets[buckets.length - 2]?.le ?? null;
  if (at === 0 && bucket.le <= 0) return bucket.le;
  const below = buckets[at - 1] ?? { le: 0, count: 0 };
  const inside = bucket.count - below.count;
  return inside > 0 ? below.le + ((bucket.le - below.le) * (rank - below.count)) / inside : bucket.le;
}
