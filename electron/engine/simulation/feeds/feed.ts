import type { Position } from '../../../../shared/position';
import type { SourceConfig } from '../../../../shared/source';
import type { Clock } from '../../core/clock';
import type { FakeServer } from '../fake-server';
import type { FaultKind } from '../fault-kinds';
import type { SeededRandom } from '../seeded-random';
import type { FeedKind } from './kinds';

/** One event as a server published it: what the truth log holds. */
export interface Published {
  /** As the engine names it. */
  readonly stream: string;
  /** Body exactly as it must be delivered. */
  readonly body: string;
  readonly id: string | null;
  readonly position: Position | null;
  /** Monotonic ms. */
  readonly at: number;
  /**
   * It may be missing without a word, because nothing that the feed sends could show it: a version that was replaced
   * between two polls, what an evicting server skipped in silence.
   */
  mayMiss: boolean;
  /** It is larger than any client takes. */
  readonly large?: boolean;
  /** No event of the feed's: only who never had anything of it may take it for one. */
  readonly trouble?: boolean;
  /** A login was not taken: who was only ever told that has not begun to watch. */
  readonly refusal?: boolean;
  /** It takes the place of an older version: its turn is not its place. */
  readonly change?: boolean;
}

/** What a judge may demand of a feed. */
export interface FeedPromises {
  /** What tells one event from another. */
  readonly identity: 'position' | 'id' | 'body' | 'broker';
  /** After a break everything that the server still has must come: a loss needs a gap only where the server has none. */
  readonly resumes: boolean;
}

/** A server of one kind of feed, seen from its own side. It keeps everything it ever published, for judgement. */
export interface FakeFeed {
  readonly kind: FeedKind;
  readonly promises: FeedPromises;
  readonly server: FakeServer;
  readonly streams: readonly string[];
  /** A source that watches it, under this address prefix (`example.test/prefix`). */
  config(id: string, place: string): SourceConfig;
  /** One more event. */
  publish(): void;
  /** Everything ever published, per stream, in order. */
  truth(stream: string): readonly Published[];
  /** A fault of the server begins or ends; what it does not know is passed over. */
  fault(kind: FaultKind, on: boolean, size: number): void;
  /** Requests must carry this bearer token; null = open. */
  token(): string | null;
  setToken(token: string): void;
  /** Ends its timers. */
  close(): void;
}

export interface FeedDeps {
  readonly clock: Clock;
  readonly random: SeededRandom;
}

/** The parts of a `SourceConfig` that do not differ between feeds. */
export function configOf(
  id: string,
  url: string,
  protocol: SourceConfig['protocol'],
  ladder: readonly (readonly [SourceConfig['ladder'][number]['transport'], string])[],
  intervalSeconds = 5,
): SourceConfig {
  return {
    id,
    name: id,
    url,
    protocol,
    ladder: ladder.map(([transport, at]) => ({ transport, url: at, intervalSeconds })),
    pinnedRung: null,
    paused: false,
    builtIn: false,
  };
}

/** Whether a request carries the bearer token a server wants. */
export function authorised(token: string | null, headers: readonly (readonly [string, string])[]): boolean {
  if (token === null) return true;
  return headers.some(([name, value]) => name.toLowerCase() === 'authorization' && value === `Bearer ${token}`);
}

/** Value of a request's header. */
export function headerIn(headers: readonly (readonly [string, string])[], wanted: string): string | null {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? null;
}
