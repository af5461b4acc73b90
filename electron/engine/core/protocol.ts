import type { GapCause } from '../../../shared/gap';
import type { OutboxForm } from '../../../shared/outbox';
import type { Position, ResumePoint } from '../../../shared/position';
import type { ProtocolName } from '../../../shared/protocols';
import type { Recipe } from '../../../shared/recipe';
import type { Numbering, RungConfig } from '../../../shared/source';
import type { MonotonicMs, WallMs } from './clock';
import type { Frame } from './frame';
import type { HttpHead } from './network';
import type { Said, Unsendable } from './said';
import type { AttachRequest } from './transport';

/** A number of an event that is charted, as the protocol or a recipe names it. */
export interface Measure {
  /** What is measured, without the event's type: `price`, `p95`; empty where that is the type itself. */
  readonly name: string;
  /** What tells this series from others of that name, in a fixed order: `[['symbol', 'BTC']]`. Usually none. */
  readonly labels: readonly (readonly [string, string])[];
  readonly value: number;
  readonly unit: string | null;
}

/** Numbers of one type of events. */
export interface Measured {
  readonly type: string;
  readonly measures: readonly Measure[];
}

/** An event as decoded from a frame, before order and dedupe. */
export interface DecodedEvent {
  readonly stream: string;
  /** Where the feed numbers its events. */
  readonly position: Position | null;
  /** The feed's own id, where it has one. */
  readonly id: string | null;
  readonly type: string;
  /** Sender's time, epoch ms. */
  readonly sentAt: number | null;
  readonly receivedAt: number;
  /** Body exactly as received: JSON text or other text, or bytes of a binary frame. */
  readonly body: string | Uint8Array;
  /** Length of the body, bytes. */
  readonly bytes: number;
  /**
   * The parsed body where decoding had to parse it anyway (its numbers are floats: for meters, never for display), or
   * `BodyNumbers` where its numbers alone were read.
   */
  readonly value: unknown;
  /** Which thing of a list it is of, where its feed is a list of things that stay: the newest of each is the state. */
  readonly thing?: string;
  /** The numbers to chart, where the protocol knows them; absent: found in `value` by the meters. */
  readonly measures?: readonly Measure[];
  /** What the numbers that are found are of, where not the body says it: `['topic', 'home/kitchen']`. Each has series of its own. */
  readonly of?: readonly [string, string];
  /**
   * How a feed without ids tells what it sends once more: its `key` and its body are those of the first time, and `again`
   * says that this may be the second. Then it is a repeat where such an event was delivered lately, or where the protocol
   * knows that the first is `stored`: more may be sent again than delivery remembers.
   */
  readonly redelivery?: { readonly key: string; readonly again: boolean; readonly stored?: true };
}

/** The answer to an attach: the position that makes a drop before the first event resumable. */
export interface Attachment {
  readonly stream: string;
  readonly epoch: string;
  /** Number after which this answer's events begin. */
  readonly from: number;
  /** Newest number at attach; null where the feed does not say. Ends *catching-up*. */
  readonly head: number | null;
}

/** Of each event of a page: which thing it is of, and whether that is what it was. */
export interface ThingsOfPage {
  readonly of: readonly { readonly identity: string; readonly content: string }[];
  /** A thing that is no longer in the list has ended. */
  readonly endsWhenGone: boolean;
}

/** What a frame turns out to mean. */
export type Message =
  | { readonly kind: 'attached'; readonly attachment: Attachment }
  | { readonly kind: 'event'; readonly event: DecodedEvent }
  /** A whole poll answer of a feed without numbers, oldest first. `list`: of many things; otherwise one, as it is now. */
  | {
      readonly kind: 'page';
      readonly events: readonly DecodedEvent[];
      readonly list: boolean;
      /** What is in the list stays the same thing from answer to answer; absent: an entry is what it says. */
      readonly things?: ThingsOfPage;
    }
  /** A poll was answered, and what came says nothing: cut, or in another form. `found`: what was found, in words. */
  | { readonly kind: 'unusable'; readonly found: string }
  /**
   * Numbers as they are now, for charts and alerts, whether or not an event tells of them. `left`: further series that are
   * there and not measured.
   */
  | {
      readonly kind: 'measured';
      readonly receivedAt: number;
      readonly measured: readonly Measured[];
      readonly left: number;
    }
  /** Connection terms: spread of reconnects and promised heartbeat, ms. */
  | { readonly kind: 'terms'; readonly spreadMs: number | null; readonly heartbeatMs: number | null }
  | {
      readonly kind: 'heartbeat';
      readonly stream: string | null;
      readonly epoch: string | null;
      readonly head: number | null;
    }
  /** The feed took no login of ours, in its own words. */
  | { readonly kind: 'login-refused'; readonly message: string }
  /** Something went wrong, as the feed says; it may go on, or end behind it. */
  | { readonly kind: 'feed-error'; readonly message: string }
  /** It ends on purpose. `whole`: everything was said, and what another connection brings is an answer of its own. */
  | {
      readonly kind: 'goodbye';
      readonly reason: string;
      readonly retryAfterMs: number;
      readonly spreadMs: number;
      readonly whole?: true;
    }
  | {
      readonly kind: 'cannot-resume';
      readonly stream: string;
      readonly epoch: string;
      readonly cause: Extract<GapCause, 'retention' | 'epoch-changed' | 'no-replay'>;
      readonly requested: Position | null;
      /** Oldest number still there; null when unknown. */
      readonly oldest: number | null;
      readonly head: number | null;
    }
  /** A replay asked for over the socket is complete; `missing` = the server no longer has all of it. */
  | {
      readonly kind: 'replayed';
      readonly ref: string;
      readonly stream: string;
      readonly epoch: string;
      readonly after: number;
      readonly to: number;
      readonly missing: boolean;
      readonly oldest: number | null;
    }
  /** Connection-level cursor that covers everything before it. */
  | { readonly kind: 'token'; readonly token: string }
  /** A poll answer holds back more: ask again at once. */
  | { readonly kind: 'more' }
  | {
      readonly kind: 'published';
      readonly ref: string;
      readonly position: Position | null;
      readonly repeated: boolean;
      /** What the feed said with it, in a sentence. */
      readonly note?: string;
    }
  /** `laterMs`: not now; the same may be taken after that many ms (0 = it does not say when). Null: not ever. */
  | { readonly kind: 'send-refused'; readonly ref: string; readonly message: string; readonly laterMs: number | null }
  /** Not for us (acks, control frames we only count). */
  | { readonly kind: 'control'; readonly name: string }
  | {
      readonly kind: 'undecodable';
      readonly why: string;
      readonly stream: string | null;
      readonly position: Position | null;
    };

/**
 * Decodes one session's frames in order. Holds what its session has been told, bounded. Never throws on hostile input.
 */
export interface Decoder {
  decode(frame: Frame): readonly Message[];
  /**
   * What is said of our own accord in this session; absent or null: nothing. A frame is given to `heard` first and to
   * `decode` behind it: a protocol that has to read it for both reads it once.
   */
  readonly conversation?: Conversation | null;
  /**
   * The next request of a session whose requests follow from what it was told (Engine.IO's session id); null: as the
   * protocol attaches.
   */
  attach?(options: AttachOptions): AttachRequest | null;
  /**
   * A person's message as it is said in this session, where that has numbers of its own; absent: as the outlet has it. Asked
   * again with the same key it is the same. Null: not now, and an answer will make room. What is answered is a `published`
   * or `send-refused` by that key.
   */
  speak?(message: Outgoing): Said | Unsendable | null;
}

export type ConversationAct =
  /**
   * A text with places of secrets in it (`shared/secret-places.ts`): they are filled where it leaves. `step`: it is this
   * opening message, counted from 1, and `sent` is told when it has left; null: another one, which may be dropped.
   */
  | { readonly kind: 'send'; readonly said: Said; readonly step: number | null }
  /** Every opening message was answered as it should be, where an answer is waited for: events may be expected. */
  | { readonly kind: 'settled' }
  /** `login`: what was refused is a credential. */
  | { readonly kind: 'refused'; readonly login: boolean; readonly message: string }
  /**
   * The feed said that nothing more comes in this session, and leaves it to us to close. `planned`: as it does from time to
   * time; `whole`: everything was said that was asked for; `error`: of its own; `stop`: it does not want to be asked again by
   * itself. `afterMs`: not before.
   */
  | {
      readonly kind: 'ended';
      readonly how: 'planned' | 'whole' | 'error' | 'stop';
      readonly message: string;
      readonly afterMs: number;
    }
  /**
   * No answer came in time: which of the opening messages, counted from 1, and how long it was waited for. `unsaid`: it was
   * never said, since what it waits for did not come.
   */
  | { readonly kind: 'unanswered'; readonly step: number; readonly afterMs: number; readonly unsaid?: boolean };

/** A moment by both clocks: for deadlines, and for what is written into a message. */
export interface Moment {
  readonly now: MonotonicMs;
  readonly wall: WallMs;
}

/**
 * What is said in an open session beside a person's messages: opening messages and their answers, what is sent again and
 * again, answers to the feed's own pings. One per session; no timer of its own, no I/O. Says nothing any more once
 * something was refused, or not answered.
 */
export interface Conversation {
  /** So long at most it takes from here until it is settled, ms; 0: at once. */
  readonly openingMs: number;
  /** `resume`: where the session goes on behind. `head`: of the answer that opened it; null where there is none. */
  opened(at: Moment, resume: ResumePoint | null, head?: HttpHead | null): readonly ConversationAct[];
  /** An opening message has left: its answer is waited for from now on. */
  sent(step: number, at: Moment): void;
  /** A frame came, before it is decoded. */
  heard(frame: Frame, at: Moment): readonly ConversationAct[];
  /** `wakeAt` has come. */
  due(at: Moment): readonly ConversationAct[];
  /** When it is to be woken; null: not before something is heard. */
  readonly wakeAt: MonotonicMs | null;
  /** Something that was heard is to be answered once it is stored: then `stored` is told. Absent: never. */
  readonly awaitsStored?: boolean;
  /** All events of the first `frames` frames that were given to `heard` are on disk, or repeats of what is. */
  stored?(frames: number, at: Moment): readonly ConversationAct[];
  /** Of what was heard and is not on disk some never will be: it has to be sent once more. */
  dropped?(): readonly ConversationAct[];
  /** The feed closes with that code: what it means at this point of the talk; null or absent: what the code says. */
  closedWith?(code: number): Extract<ConversationAct, { readonly kind: 'ended' }> | null;
}

/** Which request of its session one is, counted from 1, and when it is made: for texts that say so. */
export interface Asking {
  readonly n: number;
  readonly wall: WallMs;
}

export interface AttachOptions {
  /** Long-poll: how long we ask the server to hold, ms. */
  readonly holdMs: number;
  /** A further request of a session whose first one has been answered: nothing needs to be proven again. */
  readonly again?: boolean;
  /** Absent: what the request says of it stays as it is written. */
  readonly asking?: Asking;
}

/** A message to a feed. `key` is the same for every try. */
export interface Outgoing {
  readonly key: string;
  readonly type: string;
  /** JSON text, or any text where the feed takes that. */
  readonly body: string;
}

/** How long a feed knows a key again: until its epoch ends, and the sooner of these. */
export interface KeyMemory {
  /** Newer events after which a key may be forgotten: no more keys than events are newer. */
  readonly events: number;
  readonly ms: number;
}

/** How a two-way feed is written to. */
export interface Outlet {
  /** How the feed says of each message that it has it, and takes one key once; null where it says nothing. */
  readonly keys: KeyMemory | null;
  /** It knows no key again, and yet answers each message. Absent: life behind a message is all that shows that it was sent. */
  readonly answers?: true;
  /** What is known of a message that was sent, in one sentence for people. */
  readonly promise: string;
  /** What a person is asked for beside a message: it becomes its type. */
  readonly form?: OutboxForm;
  /** What is wrong with a message, in words; null when nothing is. */
  problemOf(body: string, type: string): string | null;
  /** As it is sent in the open session; absent where each session says it in its own way (`Decoder.speak`). */
  spoken?(message: Outgoing): Said;
  /** Request for the rungs without a socket; null where there is none. */
  request(rung: RungConfig, message: Outgoing): { readonly url: string; readonly body: string } | null;
  /** Headers that make a request count only while the log is of that epoch; a server that does not know them ignores them. */
  onlyIn?(epoch: string): readonly (readonly [string, string])[];
  /** Whether the body of a 2xx answer to it is the server's own word that it has the message: a portal's page is none. */
  confirms(body: string): boolean;
}

/** How a feed's bytes become events, and how it is asked to resume. No I/O. */
export interface Protocol {
  readonly name: ProtocolName;
  readonly numbering: Numbering;
  /** Whether `id` is unique per event (dedupe by id alone) or needs the body hash beside it. */
  readonly uniqueIds: boolean;
  /** The feed can be asked again from a cursor. */
  readonly resumable: boolean;
  /** Each answer may be billed: one that ended on purpose is not asked again before a person says so. */
  readonly billed?: boolean;
  /** The feed never names its newest event: there is nothing to catch up with once a session is open. */
  readonly headless: boolean;
  /** What a person has to name before the feed sends anything, as an advice; absent where they have, or need not. */
  readonly unasked?: string;
  /** A promised heartbeat, ms; null = learn it. */
  readonly heartbeatMs: number | null;
  /** What the close codes of the protocol mean; a recipe that says otherwise of its feed is right. */
  readonly closes?: Recipe['closes'];
  /** What order and loss detection this feed allows, in one sentence for people. */
  readonly promise: string;
  /** The same as long as the feed has shown no place to resume from; absent where that changes nothing. */
  readonly promiseWithoutPlace?: string;
  /** The place in a token that an id of the feed can be compared with; null where there is none in it. Absent: numbers show it. */
  placeOf?(token: string): string | null;
  /** Below 0: place `a` lies before `b`; null when they cannot be compared. */
  comparePlaces?(a: string, b: string): number | null;
  /** Its places are no ids of events, so that nothing that comes can show that it went on behind one: it is taken at its word. */
  readonly opaquePlaces?: boolean;
  /** Its place is a session's own: another one goes on behind it only once that has ended, so no two run side by side. */
  readonly placesOneSession?: boolean;
  attach(rung: RungConfig, resume: ResumePoint | null, options: AttachOptions): AttachRequest;
  /** `resume` = what the session's first request attaches with, for protocols that must recognise a silent replay. */
  createDecoder(rung: RungConfig, resume?: ResumePoint | null): Decoder;
  /** Text that asks for a range again over the open socket of a rung; null where there is none for that stream. */
  replayMessage(rung: RungConfig, stream: string, after: Position, to: number, ref: string): string | null;
  /** Request that asks for a range again over HTTP; null where there is none. */
  replayRequest(rung: RungConfig, stream: string, after: Position, to: number): AttachRequest | null;
  /** Null or absent where the feed is one-way. */
  readonly outlet?: Outlet | null;
  /** Why nothing can be sent to a feed that people know as two-way, in a sentence. */
  readonly cannotSend?: string;
  /** Address of the snapshot; null where there is none. */
  snapshotUrl(rung: RungConfig, stream: string): string | null;
}
