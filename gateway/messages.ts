import type { StreamInfo } from './backplane/backplane';
import { isForNow, type Refusal } from './errors';

/** Control messages of docs/protocol.md. Events are encoded by the backplane. */
export interface Hello {
  readonly kind: 'hello';
  readonly stream: string;
  readonly epoch: string;
  readonly from: number;
  readonly head: number;
  readonly spreadMs: number;
  readonly heartbeatMs: number;
  readonly instance: string;
  readonly time: number;
}

export type CannotResumeCause = 'retention' | 'epoch-changed' | 'ahead';

export interface CannotResume {
  readonly kind: 'cannot-resume';
  readonly stream: string;
  readonly epoch: string;
  readonly cause: CannotResumeCause;
  readonly requested: { readonly epoch: string; readonly seq: number };
  readonly oldest: number;
  readonly head: number;
}

export type GoodbyeReason = 'shutdown' | 'drain' | 'restart' | 'slow-consumer';

export interface Goodbye {
  readonly kind: 'goodbye';
  readonly reason: GoodbyeReason;
  readonly retryAfterMs: number;
  readonly spreadMs: number;
}

/** The least wait before coming back: a process that ends needs a moment to be replaced, a slow client one to breathe. */
export function goodbyeOf(reason: GoodbyeReason, spreadMs: number): Goodbye {
  const retryAfterMs = reason === 'shutdown' || reason === 'slow-consumer' ? 1_000 : 0;
  return { kind: 'goodbye', reason, retryAfterMs, spreadMs };
}

export function heartbeatJson(info: Pick<StreamInfo, 'epoch' | 'head'>, time: number): string {
  return JSON.stringify({ kind: 'heartbeat', epoch: info.epoch, head: info.head, time });
}

/** The answer to a message that is not taken; `ref` is the message's own, where it could be made out. */
export function refusedJson(ref: unknown, { kind, field, message, fix, retryAfter }: Refusal): string {
  const later = isForNow(kind) ? { later: true, retryAfterMs: Math.ceil((retryAfter ?? 0) * 1000) } : {};
  return JSON.stringify({ kind: 'refused', ref, error: kind, field, message, fix, ...later });
}
