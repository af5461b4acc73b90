import type { TransportKind } from '../../../shared/transport';
import type { Attachment } from './protocol';
import type { TransportEnd, TransportSink } from './transport';

/**
 * Why a rung is opened.
 * `attach`: to be the source's connection. `control`: to learn whether the host answers on the next rung; it may
 * be adopted as the connection. `candidate`: make-before-break on the way up. `recheck`: the single look from `stopped`.
 * `proof`: a parallel poll that shows whether an open SSE is being buffered; its events are compared, never delivered.
 */
export type RungPurpose = 'attach' | 'control' | 'candidate' | 'recheck' | 'proof';

/**
 * What a proof's answer has that the delivering session has not delivered: so many events, the greeting that every
 * stream begins with, or, where events have no numbers, something that may or may not have come: no proof.
 */
export type Undelivered = number | 'greeting' | 'unclear';

/** What the connection hears from an open rung: the transport's story and what the protocol understood of it. */
export interface RungSink {
  /**
   * The handshake is done, and opening messages have to be answered before it counts as open: `ms` at most. `onOpen` or
   * `onEnd` follows, and no frame is told before.
   */
  onTalking(ms: number): void;
  onOpen: TransportSink['onOpen'];
  /** Any frame at all was heard. Called before what it means. */
  onFrame(): void;
  onHeartbeat: TransportSink['onHeartbeat'];
  onFloor: TransportSink['onFloor'];
  onStream: TransportSink['onStream'];
  onAnswer: TransportSink['onAnswer'];
  onAttached(attachment: Attachment): void;
  onTerms(terms: { readonly spreadMs: number | null; readonly heartbeatMs: number | null }): void;
  onGoodbye(goodbye: { readonly reason: string; readonly retryAfterMs: number; readonly spreadMs: number }): void;
  /** An event was decoded: its sender's time (null when none) and when its bytes were read, epoch ms. */
  onEvent(sentAt: number | null, receivedAt: number): void;
  /** Everything this session promised at attach has been delivered (immediately where the feed names no head). */
  onCaughtUp(): void;
  /** `proof` only: what it returned. */
  onProof(undelivered: Undelivered): void;
  onEnd(end: TransportEnd): void;
}

/** A rung being opened or open. `close` and `destroy` are final: no callback follows. */
export interface RungSession {
  bytesRead(): number;
  bytesQueued(): number;
  /** There is a place from which a session beside this one would go on, so that it begins no later than this one is. */
  placed(): boolean;
  ping(flushed: () => void): boolean;
  askNow(): void;
  pause(): void;
  resume(): void;
  close(): void;
  destroy(): void;
}

/** Opens rungs for a connection: composes transport, protocol and delivery. Supplied by `source.ts` and the simulation. */
export interface RungOpener {
  open(rung: number, purpose: RungPurpose, sink: RungSink): RungSession;
}

/** What the connection must know of each rung. */
export interface RungFacts {
  readonly transport: TransportKind;
  /** scheme://host:port, http and ws counted as one. */
  readonly origin: string;
  /** Host is 127.0.0.0/8, ::1 or localhost: the system's `offline` never applies. */
  readonly loopback: boolean;
  readonly url: string;
  readonly pollIntervalMs: number;
  readonly holdMs: number;
}
