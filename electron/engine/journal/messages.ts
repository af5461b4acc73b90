import type { Alert } from '../../../shared/alert';
import type { Transition } from '../../../shared/connection';
import type { EventRow } from '../../../shared/event';
import type { Gap } from '../../../shared/gap';
import type { EventPage } from '../../../shared/ipc';
import type { SeriesHistory, SeriesName, StateSpan } from '../../../shared/meters';
import type { MatchBar } from '../../../shared/search';
import type { SourceCounters } from '../../../shared/view';
import type { AlertEntry, AlertMark } from '../core/alerts';
import type { CheckpointStep } from '../core/delivery';
import type { PageQuery, RestoredSource, RollupIncrement } from '../core/journal';
import type { EncodedBlock } from './block';
import type { EventQuery } from './event-query';

/** What passes between the engine's side of the journal and the worker that holds the database. */

/** How much of a source is kept. */
export interface Retention {
  /** Events older than this are evicted, ms. */
  readonly ageMs: number;
  /** Bytes that the events take in the file above which the oldest are evicted. */
  readonly bytes: number;
}

/** 30 days, 1 GiB. */
export const defaultRetention: Retention = { ageMs: 30 * 86_400_000, bytes: 1024 ** 3 };

/** Everything of one source in one group commit, bodies apart. */
export interface SourceCommit {
  readonly source: string;
  readonly checkpoint: CheckpointStep | null;
  /** Null where only transitions are kept of entries that were dropped. */
  readonly counters: SourceCounters | null;
  /** When the newest event in it was received, wall clock, epoch ms; null without events. */
  readonly eventAt: number | null;
  readonly gaps: readonly Gap[];
  readonly rollups: readonly RollupIncrement[];
  readonly transitions: readonly Transition[];
  readonly alerts: AlertEntry | null;
}

export interface SourceBlock extends EncodedBlock {
  readonly source: string;
}

/** One transaction. */
export interface Group {
  readonly number: number;
  /** Wall clock when it was handed over, epoch ms. */
  readonly at: number;
  readonly blocks: readonly SourceBlock[];
  /** `SourceCommit[]` as JSON: cheaper to hand to another thread than thousands of small objects. */
  readonly sources: string;
}

/** What is stored of a source, and what no longer is. */
export interface StoredAmount {
  readonly events: number;
  readonly bytes: number;
  readonly evictedEvents: number;
  readonly evictedBytes: number;
  /** Wall clock, epoch ms, of the oldest stored event; null when there is none. */
  readonly oldestAt: number | null;
}

/** What can be asked; each reads, changes nothing and has one answer. */
export interface Queries {
  restore: { readonly args: { readonly source: string }; readonly answer: RestoredSource | null };
  page: { readonly args: PageQuery; readonly answer: EventPage };
  find: { readonly args: EventQuery; readonly answer: EventPage };
  count: { readonly args: EventQuery; readonly answer: number };
  histogram: {
    readonly args: { readonly query: EventQuery; readonly bars: number };
    readonly answer: readonly MatchBar[];
  };
  event: {
    readonly args: { readonly source: string; readonly ordinal: number };
    readonly answer: EventRow & { readonly whole: string };
  };
  history: {
    readonly args: {
      readonly source: string;
      readonly series: readonly SeriesName[];
      readonly from: number;
      readonly to: number;
      readonly points: number;
      readonly now: number;
    };
    readonly answer: readonly SeriesHistory[];
  };
  states: {
    readonly args: { readonly source: string; readonly from: number; readonly to: number; readonly now: number };
    readonly answer: readonly StateSpan[];
  };
  transitions: {
    readonly args: { readonly source: string; readonly limit: number };
    readonly answer: readonly Transition[];
  };
  seriesNames: { readonly args: { readonly source: string }; readonly answer: readonly SeriesName[] };
  stored: { readonly args: { readonly source: string }; readonly answer: StoredAmount };
  alertPage: {
    readonly args: { readonly before: number | null; readonly limit: number };
    readonly answer: readonly Alert[];
  };
  openAlerts: { readonly args: { readonly limit: number }; readonly answer: readonly Alert[] };
}

/** What can be ordered; each is carried out in one transaction before it is answered. */
export interface Orders {
  /** Somebody was told of these alerts. */
  markSent: { readonly marks: readonly AlertMark[] };
  /** A person saw these alerts at `at`; null: all of them. */
  acknowledge: { readonly ids: readonly string[] | null; readonly at: number };
  /** Forgets a source and all that is stored of it. */
  forget: { readonly source: string };
  /** How much of a source is kept from now on. */
  retention: { readonly source: string; readonly retention: Retention };
}

export type QueryKind = keyof Queries;
export type QueryArgs<Kind extends QueryKind> = Queries[Kind]['args'];
export type QueryAnswer<Kind extends QueryKind> = Queries[Kind]['answer'];
export type OrderKind = keyof Orders;

/** Both are answered by `answer` or `refused` with their id. */
export type Query = {
  [Kind in QueryKind]: {
    readonly kind: 'query';
    readonly id: number;
    readonly query: Kind;
    readonly args: QueryArgs<Kind>;
  };
}[QueryKind];
export type Order = {
  [Kind in OrderKind]: {
    readonly kind: 'order';
    readonly id: number;
    readonly order: Kind;
    readonly args: Orders[Kind];
  };
}[OrderKind];

/** Engine → worker. The first one is `open`. */
export type ToWorker =
  | { readonly kind: 'open'; readonly folder: string; readonly at: number; readonly retention: Retention }
  | { readonly kind: 'commit'; readonly group: Group }
  /** Try again what could not be stored (or opened). */
  | { readonly kind: 'retry'; readonly at: number }
  /** The application runs; written so that a later run knows until when. */
  | { readonly kind: 'alive'; readonly at: number }
  | { readonly kind: 'close'; readonly at: number }
  /** Nothing more comes: the thread ends. */
  | { readonly kind: 'end' }
  /** To a worker of its own, instead of `open`: `quick_check` of the whole file beside the flow. */
  | { readonly kind: 'check'; readonly folder: string }
  /** The file was found damaged: move it away and begin a new one. */
  | { readonly kind: 'set-aside'; readonly at: number; readonly why: string }
  | Query
  | Order;

/** Why nothing can be stored just now. */
export type PauseCause = 'disk-full' | 'read-only' | 'newer-version' | 'unreadable' | 'failed';

/** Worker → engine. */
export type FromWorker =
  /** `unclean`: the last run did not end by itself. */
  | { readonly kind: 'opened'; readonly unclean: boolean }
  | { readonly kind: 'committed'; readonly group: number }
  /** The group cannot be stored and never will be; those after it can. */
  | { readonly kind: 'given-up'; readonly group: number }
  /** Groups not yet committed are kept; `retry` tries again. */
  | { readonly kind: 'paused'; readonly cause: PauseCause; readonly text: string }
  | { readonly kind: 'resumed' }
  /** `whole`: nothing that was stored is gone, and nobody has to ask for it again. */
  | { readonly kind: 'set-aside'; readonly at: number; readonly text: string; readonly whole?: true }
  | { readonly kind: 'checked'; readonly sound: boolean; readonly text: string }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  /** `unreadable`: what was asked for may be there, it only cannot be read just now. */
  | { readonly kind: 'refused'; readonly id: number; readonly message: string; readonly unreadable: boolean }
  /** A row cannot be read although the file can: it may be damaged and is to be checked. */
  | { readonly kind: 'suspect' }
  | { readonly kind: 'closed' };

/** The worker as the engine's side sees it: a thread, or the same code in this one. */
export interface JournalWorker {
  post(message: ToWorker, transfer: readonly ArrayBuffer[]): void;
  /** Set once, before the first `post`. */
  listen(onMessage: (message: FromWorker) => void, onExit: (why: string) => void): void;
  /** Nothing is called back afterwards. It ends once what runs in it is over; resolves then. */
  terminate(): Promise<void>;
}
