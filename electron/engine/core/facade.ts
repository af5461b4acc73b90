import type { AlertRule } from '../../../shared/alert';
import type { Transition } from '../../../shared/connection';
import type { FramesView } from '../../../shared/frame';
import type { Gap } from '../../../shared/gap';
import type { Bucket, SeriesName } from '../../../shared/meters';
import type { OutboxItem, OutboxView } from '../../../shared/outbox';
import type { Playback } from '../../../shared/recording';
import type { SourceConfig } from '../../../shared/source';
import type { SnapshotAnswer, StateView } from '../../../shared/state';
import type { SourceView } from '../../../shared/view';
import type { AlertNews } from './alerts';
import type { DeliveredEvent } from './delivery';
import type { Journal } from './journal';

/** What a person can ask of a source's connection. `pin` fixes a rung (index into the ladder) or releases it with null. */
export type SourceCommand =
  | 'pause'
  | 'resume'
  | 'retry'
  | 'probe'
  | { readonly pin: number | null }
  /** Of a recording; nothing happens to other sources. */
  | { readonly playback: Playback };

/** A finished one-second bucket, for charts that move. */
export interface LivePoint {
  readonly series: SeriesName;
  readonly seconds: 1;
  readonly bucket: Bucket;
}

/**
 * Calls back until the returned function is called. Listeners run at once, in the step that has the news and before what
 * caused it returns; they may call back into the engine. What one throws is reported and holds up nobody.
 */
type Subscribe<Args extends readonly unknown[]> = (listener: (...args: Args) => void) => () => void;

/**
 * The whole engine as the application, the relay and the command line see it. It runs sources and keeps no
 * configuration of its own: whoever drives it stores the `SourceConfig`s (settings) and hands them over at start.
 */
export interface EngineFacade {
  /**
   * Starts watching a source: restores its cursor from the journal, then connects (unless `paused`).
   * Resolves when it has a view. Rejects when the id is taken or the engine is closed.
   */
  addSource(config: SourceConfig): Promise<void>;
  /**
   * Puts a changed configuration in force under the same id. A change of address, protocol or ladder reconnects;
   * a change of name does not. Rejects when there is no such source.
   */
  editSource(config: SourceConfig): Promise<void>;
  /**
   * Closes a source and forgets what the journal has of it. Resolves when no socket, timer or listener of it is
   * left. Nothing happens when there is no such source.
   */
  removeSource(id: string): Promise<void>;
  /** Carries out a command; answers the configuration now in force (`paused`, `pinnedRung` changed), null when there is no such source. */
  command(id: string, command: SourceCommand): SourceConfig | null;

  view(id: string): SourceView | null;
  /** The newest raw frames of a source that are kept, oldest first; null when there is no such source. */
  frames(id: string, limit: number): FramesView | null;
  /** What a source's feed says is so; null when there is no such source. */
  state(id: string): StateView | null;
  /** Asks a source's feed for a snapshot; null when there is no such source. */
  refreshState(id: string): Promise<SnapshotAnswer> | null;
  /** In the order the sources were added. */
  views(): readonly SourceView[];

  /** A dirty mark: something in the view of this source changed, or the source came or went. May come often; read `view` at your own pace. */
  readonly onChange: Subscribe<[source: string]>;
  /** Events as delivered, in order, ahead of the journal. */
  readonly onEvents: Subscribe<[source: string, events: readonly DeliveredEvent[]]>;
  readonly onGaps: Subscribe<[source: string, gaps: readonly Gap[]]>;
  readonly onTransition: Subscribe<[source: string, transition: Transition]>;
  /** Alerts once they are durable; while nothing can be stored, at once. */
  readonly onAlerts: Subscribe<[news: AlertNews]>;
  readonly onPoints: Subscribe<[source: string, points: readonly LivePoint[]]>;

  /** For queries (`page`, `history`, …) and its health; nobody but the engine appends. */
  readonly journal: Journal;

  /** Puts alert rules in the place of all there were, at every source, running or started later. */
  setAlertRules(rules: readonly AlertRule[]): void;

  /** Names the sources that some window looks at just now: dearer measuring may be left out for the others. */
  setWatched(sources: readonly string[]): void;

  /**
   * Ends everything: sockets closed politely (at most 3 s), journal flushed and closed. Idempotent; resolves when
   * nothing of the engine is left running.
   */
  close(): Promise<void>;
}

/** What is sent to two-way feeds. Rejections are sentences for people. */
export interface OutboxFacade {
  /** Resolves when the message is durable; it leaves by itself. */
  send(source: string, type: string, body: string): Promise<OutboxItem>;
  /** What a person decides about a message whose fate is unknown. */
  decide(source: string, number: number, decision: 'again' | 'dismiss'): Promise<void>;
  /** Null when there is no such source. */
  view(source: string): OutboxView | null;
}
