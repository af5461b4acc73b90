import type { Appended, Backplane, Draft } from '../backplane/backplane';
import type { GatewayConfig, GatewayLogLine } from '../config';
import type { Hub } from '../delivery/hub';
import type { Outlets } from '../delivery/outlets';
import type { Roster } from '../delivery/roster';

/** What the routes share. */
export interface RouteContext {
  readonly config: GatewayConfig;
  readonly backplane: Backplane;
  readonly roster: Roster;
  readonly outlets: Outlets;
  readonly instance: string;
  /** Monotonic, ms. */
  readonly now: () => number;
  readonly log: (line: GatewayLogLine) => void;
  /** Logs what should not have been thrown. */
  readonly report: (error: unknown) => void;
  readonly counters: Counters;
  /** A clean end has begun: nobody new is let in. */
  isClosing(): boolean;
  /**
   * Finds the stream to attach to; asking makes none. `returning`: who asks knows it from before.
   * @throws RefusedError `no-stream`, or `not-yet` for who returns
   */
  hub(stream: string, returning: boolean): Promise<Hub>;
  /** Publishes for a client of the network. @throws RefusedError `read-only`, `rate`, `full`, `stream-limit` */
  publish(stream: string, draft: Draft): Promise<Appended>;
}

/** What happened since the start; for /healthz and tests. */
export interface Counters {
  published: number;
  /** Clients cut as slow. */
  cut: number;
  refused: number;
}
