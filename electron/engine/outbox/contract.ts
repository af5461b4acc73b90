import type { OutboxItem, OutboxView } from '../../../shared/outbox';
import type { Clock } from '../core/clock';
import type { OutboxStore } from '../core/outbox';
import type { KeyMemory } from '../core/protocol';
import type { Random } from '../core/random';
import type { Unsendable } from '../core/said';
import type { ServerPlace } from './key-memory';

/** What came of handing a message over by a request of its own. */
export type PostOutcome =
  | { readonly kind: 'acknowledged'; readonly note: string }
  | { readonly kind: 'refused'; readonly note: string }
  /** Not now: ask again, and not before `floorMs` have passed. `answered`: by an answer that says that it was not taken. */
  | { readonly kind: 'later'; readonly floorMs: number; readonly answered?: boolean };

/** A request under way. */
export interface Posting {
  readonly outcome: Promise<PostOutcome>;
  /** Ends it at once: no timer and no exchange is left. The outcome may never come then. */
  cancel(): void;
}

/** The way to the feed just now. */
export interface OutboxLink {
  /**
   * Hands over by the open WebSocket; the number of the session that took it. Null where there is none, or where its
   * budget is used up: `ready` is called when it can take more.
   */
  send(item: OutboxItem): number | Unsendable | null;
  /** Calls back when the session has shown that it got everything sent before; never when it ends before that. */
  confirm(session: number, done: () => void): void;
  /** Hands over by a POST meant for the log of that epoch; null where there is no such way. */
  post(item: OutboxItem, epoch: string): Posting | null;
  /** Whether there may be a way at all just now: nothing is written of a message that leaves where there is none. */
  open(): boolean;
  /** Where the log of the feed is that `send` and `post` reach; null while there is no way, or it is not known. */
  place(): ServerPlace | null;
}

export interface OutboxDeps {
  readonly source: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly store: OutboxStore;
  readonly link: OutboxLink;
  /** How the feed says of each message that it has it, and takes one key once; null where it says nothing. */
  readonly keys: KeyMemory | null;
  /** It knows no key again, and yet answers each message: one without an answer in time is unknown. */
  readonly answers?: boolean;
  /** Where messages go: what was written for another place is not sent by itself. Null: wherever the source is. */
  readonly to: string | null;
  readonly promise: string;
  /** Something of the view changed. */
  onChange(): void;
}

/** Messages from us to one feed: durable, bounded, in order. */
export interface Outbox {
  /** Takes over what an earlier run left. To be called once, before anything else; resolves when that was tried. */
  open(): Promise<void>;
  /** Takes a message; resolves when it is durable. Rejects with a sentence when it cannot be taken: then it never goes. */
  add(type: string, body: string): Promise<OutboxItem>;
  /** A session can take messages, or a lower rung answers. */
  ready(): void;
  /** The feed has the message of this key: also where it says so late, of one that was taken for sent or for unknown. */
  acknowledged(key: string, note: string): void;
  /** The feed does not take it: for good, or (`floorMs`) not before that many ms have passed. */
  refused(key: string, note: string, floorMs: number | null): void;
  sessionEnded(session: number): void;
  /** A person decides about one whose fate is unknown: again with the same key, or no more. Rejects with a sentence. */
  again(number: number): Promise<void>;
  dismiss(number: number): Promise<void>;
  view(): OutboxView;
  /** Ends it: no timer and no exchange is left. */
  close(): void;
}
