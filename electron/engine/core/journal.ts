import type { Alert } from '../../../shared/alert';
import type { Transition } from '../../../shared/connection';
import type { EventRow } from '../../../shared/event';
import type { Gap } from '../../../shared/gap';
import type { EventPage, JournalView } from '../../../shared/ipc';
import type { Bucket, SeriesHistory, SeriesName, StateSpan } from '../../../shared/meters';
import type { SourceCounters } from '../../../shared/view';
import type { AlertEntry, AlertMark, AlertRuleState } from './alerts';
import type { CheckpointStep, DeliveredEvent, DeliveryCheckpoint, Pressure } from './delivery';

/**
 * What a series grew by within one second (`start`). The journal adds it to its bucket of every width: counts and sums
 * add, min/max widen, last replaces.
 */
export interface RollupIncrement extends Bucket {
  readonly series: SeriesName;
}

/**
 * Everything one source hands over at once. It becomes part of exactly one SQL transaction: after a crash
 * either all of it is there or none of it.
 */
export interface JournalEntry {
  readonly source: string;
  /** Grows by one per entry of a source within a run, also over an edit (see `lastEntry`); named in `onCommitted`. */
  readonly number: number;
  readonly events: readonly DeliveredEvent[];
  /** Gaps new or changed. */
  readonly gaps: readonly Gap[];
  /** What moved of the cursor with these events (`CheckpointSum` adds up several steps); null when delivery did not move. */
  readonly checkpoint: CheckpointStep | null;
  readonly rollups: readonly RollupIncrement[];
  readonly transitions: readonly Transition[];
  /** Totals after this entry. */
  readonly counters: SourceCounters;
  /** Alerts and what their rules remember; absent where neither changed. */
  readonly alerts?: AlertEntry;
}

/** What a source finds again at start. */
export interface RestoredSource {
  readonly checkpoint: DeliveryCheckpoint | null;
  readonly counters: SourceCounters;
  readonly lastTransition: Transition | null;
  /** Wall clock of the last committed sign of life, epoch ms; null for a new source. */
  readonly lastSeenAt: number | null;
  readonly lastEventAt: number | null;
  /** What the rules that watch it remember. */
  readonly alertStates: readonly AlertRuleState[];
  /** Number of the newest entry handed over in this run, by the source before an edit; its successor goes on from it. */
  readonly lastEntry?: number;
  /** Gaps `journal-damaged`: what went with a damaged file that was set aside. They are stored, and said once in a run. */
  readonly damage?: readonly Gap[];
}

export interface PageQuery {
  readonly source: string;
  readonly from: number | null;
  readonly direction: 'before' | 'after';
  readonly limit: number;
  readonly text: string;
}

/** The local database, as the engine sees it. Production: SQLite in a worker thread. */
export interface Journal {
  /**
   * Everything known of a source's place, with what is handed over and not durable yet. `null` only when there is none:
   * the source is new. While the journal cannot be read this waits, and the view says why; nothing may be begun anew
   * before it answers. Rejects when the journal is closed.
   */
  restore(source: string): Promise<RestoredSource | null>;
  /** Takes an entry for the next group commit (50–100 ms). `wait` = behind: stop reading until `onPressure('go')`. */
  append(entry: JournalEntry): Pressure;
  /** Calls back with the highest entry number of a source that is durable. Returns its own unsubscribe. */
  onCommitted(listener: (source: string, number: number) => void): () => void;
  onPressure(listener: (pressure: Pressure) => void): () => void;
  /**
   * Storing goes on after entries of a source were dropped (a long pause, a worker that died): says what is stored of
   * it. What the source collected and has not handed over is dropped by it too; counters and gaps go back to what is
   * stored, and everything since the stored cursor is an open gap `journal-paused`. What is appended from inside this
   * call on is stored. While nobody listens, such a source stays unstored until the next start, which resumes from the
   * stored cursor.
   */
  onResumed(listener: (source: string, stored: RestoredSource | null) => void): () => void;
  /** State for people; calls back on change. */
  view(): JournalView;
  onView(listener: (view: JournalView) => void): () => void;
  /** Resolves when everything appended so far is durable (or the journal is paused). */
  flush(): Promise<void>;
  /** With what was handed over and is not durable yet. */
  page(query: PageQuery): Promise<EventPage>;
  event(source: string, ordinal: number): Promise<EventRow & { readonly whole: string }>;
  history(query: {
    readonly source: string;
    readonly series: readonly SeriesName[];
    readonly from: number;
    readonly to: number;
    readonly points: number;
  }): Promise<readonly SeriesHistory[]>;
  states(source: string, from: number, to: number): Promise<readonly StateSpan[]>;
  transitions(source: string, limit: number): Promise<readonly Transition[]>;
  seriesNames(source: string): Promise<readonly SeriesName[]>;
  /** Alerts raised before `before` (null: the newest), newest first. More than `limit` only where several were raised at once. */
  alertPage(before: number | null, limit: number): Promise<readonly Alert[]>;
  /** Alerts that last, were not acknowledged or not told to anybody: the newest, newest first. */
  openAlerts(limit: number): Promise<readonly Alert[]>;
  /** Somebody was told of these. Rejects while nothing can be written; of what is not stored nothing is marked. */
  markSent(marks: readonly AlertMark[]): Promise<void>;
  /** A person saw these at `at`; null: all of them. Rejects while nothing can be written. */
  acknowledge(ids: readonly string[] | null, at: number): Promise<void>;
  /** Forgets a source and all that is stored of it. */
  forget(source: string): Promise<void>;
  close(): Promise<void>;
}
