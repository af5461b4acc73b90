import type { AlertRule } from '../../../shared/alert';
import type { Transition } from '../../../shared/connection';
import type { FramesView } from '../../../shared/frame';
import type { Gap } from '../../../shared/gap';
import type { SeriesName } from '../../../shared/meters';
import type { SourceConfig } from '../../../shared/source';
import type { SnapshotAnswer, StateView } from '../../../shared/state';
import type { TransportKind } from '../../../shared/transport';
import type { SourceView, WayView } from '../../../shared/view';
import type { Governor } from '../connection/governor';
import type { RungMemory } from '../connection/memory';
import type { PortalWatch } from '../connection/portals';
import type { Timing } from '../connection/timing';
import type { Clock } from '../core/clock';
import type { CredentialPort } from '../core/credential';
import type { DeliveredEvent, Pressure } from '../core/delivery';
import type { LivePoint, SourceCommand } from '../core/facade';
import type { JournalEntry, RestoredSource } from '../core/journal';
import type { HostSignals, HttpPort } from '../core/network';
import type { OutboxStore } from '../core/outbox';
import type { Random } from '../core/random';
import type { Rounds } from '../core/rounds';
import type { RungPurpose } from '../core/rung';
import type { Transport } from '../core/transport';
import type { Reading } from './discovery';
import type { SourceOutbox } from './outbox';
import type { SourceState } from './state';

/** What every source of the application shares, and what belongs to this one. */
export interface SourceDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly host: HostSignals;
  readonly governor: Governor;
  readonly memory: RungMemory;
  readonly portals: PortalWatch;
  /** A tick of all. */
  readonly ticks: Rounds;
  /** In which what was collected for the journal is handed over. */
  readonly handOvers: Rounds;
  readonly transports: Readonly<Record<TransportKind, Transport>>;
  /** For requests beside the connection: missing ranges, snapshots. */
  readonly http: HttpPort;
  readonly credential: CredentialPort | null;
  /** How the last connection came about, where the ports know it. */
  way?(): WayView | null;
  readonly restored: RestoredSource | null;
  /** All alert rules; none where left out. */
  readonly alertRules?: readonly AlertRule[];
  /** Where messages to the feed wait; without it nothing can be sent. */
  readonly outboxStore?: OutboxStore | null;
  /** Takes what belongs into one transaction; `wait` holds the connection back until `pressure('go')`. */
  append(entry: JournalEntry): Pressure;
  /** Sessions as they open and end, for checks from outside. */
  onSession?(session: { readonly id: number; readonly purpose: RungPurpose; readonly open: boolean }): void;
  /** How the feed is read where its address was a wrong hint; null as the configuration says. */
  readonly reading?: Reading | null;
  /** The address was a wrong hint: the source is to be begun again under this reading. */
  onReading?(reading: Reading): void;
  /** Waits and limits of the connection that differ from the shipped ones. */
  readonly timing?: Partial<Timing>;
}

export interface SourceSink {
  /** Something in the view changed. */
  onChange(): void;
  onEvents(events: readonly DeliveredEvent[]): void;
  onGaps(gaps: readonly Gap[]): void;
  onTransition(transition: Transition): void;
}

/** One watched feed: a connection, a sequencer, meters, and what goes to the journal. */
export interface Source {
  start(): void;
  /** Puts a new name in force; anything else needs a new source. */
  rename(config: SourceConfig): void;
  command(command: SourceCommand): SourceConfig;
  config(): SourceConfig;
  view(): SourceView;
  /** The journal's word on whether it can take more. */
  pressure(pressure: Pressure): void;
  /** Entry `number` and all before it are durable. */
  committed(number: number): void;
  credentialChanged(): void;
  /** The journal is back after a pause: what it did not store is fetched again. */
  reopenSince(stored: RestoredSource | null): void;
  /** Once a second: what becomes so by time alone. Whether what is shown of it may read otherwise since the last call. */
  tick(): boolean;
  setAlertRules(rules: readonly AlertRule[]): void;
  /** The one-second buckets that ended with the last full second. */
  points(): readonly LivePoint[];
  seriesNames(): readonly SeriesName[];
  readonly outbox: Pick<SourceOutbox, 'send' | 'again' | 'dismiss' | 'view'>;
  /** The newest event of each type of a stream, snapshots merged in. */
  latest(stream: string): ReturnType<SourceState['latest']>;
  state(): StateView;
  /** Asks the feed for a snapshot, where it offers one. */
  refreshState(): Promise<SnapshotAnswer>;
  /** The newest raw frames, oldest first. */
  frames(limit: number): FramesView;
  /** Ends sockets, timers and listeners and hands the last entry over. */
  close(): void;
}
