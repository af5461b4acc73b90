import type { HttpHead, NetworkFailure } from '../core/network';

/** What one look at an address brought: facts, without any judgement. */
export type Seen = HttpSeen | SocketSeen | StreamSeen | NothingSeen;

/** An HTTP answer, up to where it was let go of. */
export interface HttpSeen {
  readonly kind: 'http';
  /** As it was asked: with places of secrets, never with what they say. */
  readonly url: string;
  readonly head: HttpHead;
  /** The start of its body, at most 2 MiB of it. */
  readonly text: string;
  /** Bytes of the body that came. */
  readonly bytes: number;
  /** The body is all there. */
  readonly ended: boolean;
  /** What alone it was asked for in `Accept`; absent where it was asked for anything that is read here. */
  readonly accept?: string;
}

/** A message of a WebSocket. */
export interface SocketMessage {
  readonly data: string | Uint8Array;
  readonly bytes: number;
  /** After the socket opened, ms. */
  readonly afterMs: number;
}

/** A WebSocket that opened. */
export interface SocketSeen {
  readonly kind: 'socket';
  readonly url: string;
  readonly head: HttpHead;
  /** What was offered, and which of it the server chose; empty: none. */
  readonly offered: readonly string[];
  readonly subprotocol: string;
  readonly messages: readonly SocketMessage[];
  /** The server closed it. */
  readonly closed: { readonly code: number; readonly reason: string } | null;
  /** How long it was listened to, ms. */
  readonly listenedMs: number;
}

/** A connection of bare bytes that opened. */
export interface StreamSeen {
  readonly kind: 'stream';
  readonly url: string;
  /** Bytes that came without a word of ours. */
  readonly bytes: number;
  /** The server ended it. */
  readonly ended: boolean;
}

/** No answer that could be read. */
export interface NothingSeen {
  readonly kind: 'failed' | 'silent';
  readonly url: string;
  /** Null when nothing came in time. */
  readonly failure: NetworkFailure | null;
  readonly waitedMs: number;
  /** Subprotocols that were offered; absent where it was no upgrade. */
  readonly offered?: readonly string[];
}

/** First value of a header (`name` in lower case), empty where there is none. */
export function headerOf({ headers }: HttpHead, name: string): string {
  return headers.find(([key]) => key === name)?.[1] ?? '';
}

/** Media type without its parameters, lower case. */
export function mediaTypeOf(head: HttpHead): string {
  return (headerOf(head, 'content-type').split(';', 1)[0] ?? '').trim().toLowerCase();
}
