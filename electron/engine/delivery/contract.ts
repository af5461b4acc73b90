import type { GapCause } from '../../../shared/gap';
import type { ResumePoint } from '../../../shared/position';
import type { Numbering } from '../../../shared/source';
import type { Clock } from '../core/clock';
import type { Delivery, DeliveryCheckpoint } from '../core/delivery';
import type { Attachment, DecodedEvent, Message, ThingsOfPage } from '../core/protocol';
import type { Random } from '../core/random';
import type { DeliveryCounters } from './counters';
import type { SequencerLimits } from './limits';
import type { RepairRequest } from './repair';
import type { NewestPlace, Unproven } from './resume-proof';
import type { CatchingUp } from './sessions';

/** What delivery must know of a protocol. */
export interface ProtocolFacts {
  readonly numbering: Numbering;
  readonly uniqueIds: boolean;
  readonly resumable: boolean;
  /** Below 0: place `a` lies before `b`; null when they cannot be compared. Absent: its places are opaque. */
  comparePlaces?(a: string, b: string): number | null;
  /** No evidence is wanted that a session went on behind its place: there can be none. */
  readonly opaquePlaces?: boolean;
}

/** How a session begins. */
export interface SessionOpening {
  /** Each of its answers is a page, asked for again and again; otherwise it pushes. */
  readonly polls: boolean;
  /** The place it asks to resume from, where only evidence can show that it did; null where it asks for none. */
  readonly resumedFrom: string | null;
}

export type CannotResume = Omit<Extract<Message, { readonly kind: 'cannot-resume' }>, 'kind'>;
export type Undecodable = Omit<Extract<Message, { readonly kind: 'undecodable' }>, 'kind'>;
export type Replayed = Omit<Extract<Message, { readonly kind: 'replayed' }>, 'kind'>;

/** Why one new attach is asked for, under the connection's backoff. */
export type ReattachReason =
  | { readonly kind: 'other-epoch'; readonly stream: string; readonly expected: string; readonly got: string }
  /** What the journal did not take is to be fetched again, and only a new attach can. */
  | { readonly kind: 'journal-paused' }
  /** Nothing came after the place that was asked for, though there is something newer: the way may be dead. */
  | { readonly kind: 'resume-silent' }
  /** The server never had the place that was asked for, and sends nothing from elsewhere. */
  | { readonly kind: 'resume-unknown' };

export interface EpochChange {
  readonly stream: string;
  readonly from: string;
  readonly to: string;
}

/** Something about the feed that a person should know. Each is said once a minute at most per stream. */
export type DeliveryDiagnosis =
  | { readonly kind: 'instances-do-not-share-a-log'; readonly stream: string; readonly epochs: readonly string[] }
  | { readonly kind: 'too-many-streams'; readonly limit: number }
  /** Its ids count its events, and after a break it went on further ahead than behind the id that was asked for. */
  | { readonly kind: 'did-not-resume'; readonly stream: string; readonly asked: string; readonly got: string }
  /** Ids that count events went back: its numbering began anew. */
  | { readonly kind: 'ids-went-back'; readonly stream: string; readonly from: string; readonly to: string }
  /** Numbers of the same epoch were given out a second time. */
  | { readonly kind: 'numbers-went-back'; readonly stream: string };

/** Where delivery goes. All of it is called from `flush` (or a timer), never from inside an input. */
export interface SequencerSink {
  /** One step: becomes one journal transaction. Not necessarily with events in it. */
  onDelivery(delivery: Delivery): void;
  /** Ask for a range again, over the socket or HTTP; answer with `event` and `replayed`, `repairAnswer` or `repairFailed`. */
  onRepair(request: RepairRequest): void;
  /** A repair is no longer wanted: its request may be cut. */
  onRepairEnded(ref: string): void;
  onReattach(reason: ReattachReason): void;
  /** Find the newest place without asking to resume from one; answer with `looked`. */
  onLook(session: number): void;
  /** What the getters say changed, with nothing delivered. */
  onChanged(): void;
  onSnapshotWanted(stream: string): void;
  /** Everything up to the head that a session named at its attach is delivered or in a declared gap. */
  onCaughtUp(session: number): void;
  /** A stream's numbering began anew. Ends a promotion. */
  onEpochChanged(change: EpochChange): void;
  /** Null: the one told last turned out not to be so. */
  onDiagnosis(diagnosis: DeliveryDiagnosis | null): void;
}

export interface SequencerDeps {
  readonly facts: ProtocolFacts;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits?: Partial<SequencerLimits>;
  /** What the journal kept; null for a new source (or another origin or subject). */
  readonly restored: DeliveryCheckpoint | null;
}

/**
 * How a session ended, for what may be missing behind it. `broken`: what the feed sent since, and how much that was, is not
 * known; so it is where it ended on purpose and goes on while nobody listens. `whole`: the feed had said everything, and what
 * the next session brings is an answer of its own. `refused`: it let us through and then did not take us, so that nothing can
 * have been missed since.
 */
export type SessionEnd = 'broken' | 'whole' | 'refused';

/**
 * Order and dedupe of one source. Inputs come in the order the frames did, each with the number of the session that
 * brought it (greater = newer); after every batch of frames the caller says `flush`. Never throws on what a feed sends.
 */
export interface Sequencer {
  /** A session that is meant to deliver is open. Any input with a new number says the same. */
  sessionOpened(session: number, opening?: SessionOpening): void;
  /** The server let it through. `place`: where the answer's own header says it resumes; null when it does not say. */
  answered(session: number, place: string | null): void;
  /** A poll session's answer does not end: from here on it pushes. */
  streams(session: number): void;
  sessionEnded(session: number, how?: SessionEnd): void;
  attached(session: number, attachment: Attachment): void;
  event(session: number, event: DecodedEvent): void;
  /**
   * An answer of a poll rung of a feed without numbers, oldest first: a whole list, or one thing as it is now. False, and
   * nothing is changed, where it is no list though the feed is known for one. `things`: what its entries are of.
   */
  page(session: number, events: readonly DecodedEvent[], list: boolean, things?: ThingsOfPage): boolean;
  cannotResume(session: number, refusal: CannotResume): void;
  /** The server names its newest number outside of an attach. */
  heartbeat(session: number, stream: string | null, epoch: string | null, head: number | null): void;
  token(session: number, token: string): void;
  /**
   * The feed refuses the place to resume from and serves without it: the place is dropped, and what lies between is a gap
   * of unknown size.
   */
  cursorRefused(session: number): void;
  undecodable(session: number, what: Undecodable): void;
  /**
   * A frame over the limit ended a session: what came next is lost, or it would end every session. `passed`: its own
   * place was read, and offered as a token.
   */
  tooLarge(session: number, stream: string | null, passed?: boolean): void;
  /** A repair over the socket is complete. */
  replayed(session: number, answer: Replayed): void;
  /** The decoded answer of a repair over HTTP, whole. Its attach answer is only compared, never adopted. */
  repairAnswer(ref: string, messages: readonly Message[]): void;
  /** `retryable`: it is asked for again, later. Otherwise the range is lost: `no-replay`, or `too-large` when it was one event. */
  repairFailed(ref: string, retryable: boolean, cause?: Extract<GapCause, 'no-replay' | 'too-large'>): void;
  /** What `onLook` found: the newest place; null when there was none to see. */
  looked(session: number, newest: NewestPlace | null): void;
  /** Nothing shows that the server knows the place that it was asked for; null where that is shown, or none was. */
  readonly resumeUnproven: Unproven | null;
  /** The journal is back after a pause: everything since what it last stored is fetched again. */
  reopenSince(stored: DeliveryCheckpoint | null): void;
  /** Emits what was collected, then asks for what is missing. */
  flush(): void;
  /** Where the next attach resumes: what was accepted, in memory. */
  resumePoint(): ResumePoint;
  /** Null when nobody is catching up. */
  catchingUp(): CatchingUp | null;
  readonly counters: Readonly<DeliveryCounters>;
  /** Ends every timer; nothing is emitted any more. */
  close(): void;
}
