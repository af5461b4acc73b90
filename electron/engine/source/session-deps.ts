import type { Clock } from '../core/clock';
import type { Frame } from '../core/frame';
import type { Message, Protocol } from '../core/protocol';
import type { RungPurpose } from '../core/rung';
import type { Sequencer } from '../delivery/sequencer';
import type { Findings } from './findings';

/** When the sequencer is flushed: frames that are read together become one step of delivery. */
export interface Flushes {
  /** Grows with each flush: frames of the same turn were read together. */
  readonly turn: number;
  now(): void;
  /** Once what is being read has been read. */
  soon(): void;
  /** Calls back behind the next one, which comes soon. */
  behind(act: () => void): void;
}

export interface SessionDeps {
  readonly protocol: Protocol;
  readonly sequencer: Sequencer;
  readonly clock: Clock;
  readonly flushes: Flushes;
  readonly holdMs: number;
  /** Requests or messages on open carry a credential. */
  readonly credentialed: boolean;
  /** What a connection may send, messages and pings a second. */
  readonly sendsPerSecond: number;
  /** A delivering session has had the greeting that the feed begins with. */
  greeted(): boolean;
  /** What is known of the feed beside its events. */
  readonly findings: Findings;
  /** Every frame of a delivering session, for counters. */
  onFrame(frame: Frame): void;
  /** Numbers that came beside events. */
  onMeasured?(measured: Extract<Message, { readonly kind: 'measured' }>): void;
  /** Calls back once all that was delivered so far is on disk; false: it never will be. Absent: nothing is kept. */
  whenStored?(done: (stored: boolean) => void): void;
  /** A delivering session can take messages: it is attached, or its budget has room again. */
  onReady?(): void;
  /** What a two-way feed says of a message of ours. */
  onSendAnswer?(answer: Extract<Message, { readonly kind: 'published' | 'send-refused' }>): void;
  /** It is over, by whichever end. Called once, after the sequencer knows. */
  onLeft(session: { readonly id: number; readonly purpose: RungPurpose }): void;
}
