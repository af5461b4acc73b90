/**
 * The feeds a run can watch, each behind a fake server of its own.
 * `gateway`: our own. `multi`: several streams over one connection. `json-ws`: a WebSocket of JSON without numbers.
 * `sse`: events with ids. `nchan`: nginx's push module, one channel or joined ones. `unnumbered`: events without ids
 * or numbers. `list`: a page of the newest entries, polled.
 */
export const feedKinds = ['gateway', 'multi', 'json-ws', 'sse', 'nchan', 'unnumbered', 'list'] as const;

export type FeedKind = (typeof feedKinds)[number];

/**
 * Feeds on which the engine is known to keep its promises: watched unless others are asked for. Not yet: `list`, which
 * gives a page's news a second time where it is edited within the moment in which they are handed to the journal
 * (`--one 7000041 --feeds all`), and `sse` and `unnumbered`, where about one run in 300 misses an event after a way that
 * was lost (`--one 7000189`, `--one 7000272`, both with `--feeds all`).
 */
export const mendedFeeds: readonly FeedKind[] = ['gateway', 'multi', 'json-ws', 'nchan'];
