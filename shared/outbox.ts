/**
 * Where a message to a feed stands. `acknowledged`: the feed said it has it. `sent`: it left, and the feed showed life
 * behind it, but says nothing of messages. `unknown`: it was cut in flight, and sending it again could do it twice.
 * `held`: it was written for another address than the source has now, and never left.
 */
export type OutboxState = 'queued' | 'held' | 'sending' | 'acknowledged' | 'sent' | 'refused' | 'unknown';

/** One message to a feed. */
export interface OutboxItem {
  /** Grows by one within a source; the order they are sent in. */
  readonly number: number;
  /** The same for every try: a feed that knows keys takes it once. */
  readonly key: string;
  /** Epoch ms when it was handed over. */
  readonly at: number;
  readonly type: string;
  /** JSON text, or any text where the feed takes that. */
  readonly body: string;
  readonly state: OutboxState;
  /** Why it was refused, or what is known of it. */
  readonly note: string;
  /** Where it belongs: the addresses that messages of its source went to when it was written. Absent: none is known. */
  readonly to?: string;
  /** Where the feed's log stood when it first left without an answer since; absent while it cannot be there. */
  readonly left?: LogPlace;
}

/** How far a feed's log had come. */
export interface LogPlace {
  /** Null where it was not known. */
  readonly epoch: string | null;
  readonly head: number;
  /** Epoch ms. */
  readonly at: number;
}

/** What is asked for beside a message, and an example of each. */
export interface OutboxForm {
  /** Where it goes, or what it is called; null: nothing is asked. `choices`: one of these, the first unless said otherwise. */
  readonly to: {
    readonly label: string;
    readonly usual: string;
    readonly example: string;
    readonly choices?: readonly { readonly value: string; readonly text: string }[];
  } | null;
  /** An example of a message. */
  readonly body: string;
}

/** What a window shows of a source's outbox. */
export interface OutboxView {
  /** Whether messages can be sent, and what is known of them afterwards; null where the feed is one-way. */
  readonly promise: string | null;
  /** Absent: a message alone is asked for. */
  readonly form?: OutboxForm;
  /** What stands in the way of keeping messages, or was lost of those kept, in a sentence; null when nothing is. */
  readonly trouble: string | null;
  /** Those that go by themselves, those that a person must send here, and those of unknown fate. */
  readonly queued: number;
  readonly held: number;
  readonly unknown: number;
  /** Newest first, at most 200. */
  readonly items: readonly OutboxItem[];
}
