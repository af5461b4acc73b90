/** A server of events 1, 2, 3, … that keeps everything it published, across its own restarts. */
export interface FeedServer {
  readonly port: number;
  /** Publishes the next `count` events. */
  publish(count: number): void;
  /** The next `count` events that go out live go out twice. */
  repeatNext(count: number): void;
  /** The next `count` events that go out live change places, two by two. */
  reorderNext(count: number): void;
  /** Resets everyone, listens to nobody for `ms`, comes back without its sessions. Resolves when it is back. */
  restart(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** The body of an event, about 200 bytes on the wire. */
export function bodyOf(n: number) {
  return {
    n,
    host: `web-${n % 20}`,
    percent: ((n * 7919) % 10_007) / 100,
    request: (n * 2_654_435_761) % 4_294_967_296,
    note: 'nothing to report, as on most days',
  };
}
