import type { Evidence, PhaseTimings } from '../../../shared/evidence';
import type { TransportKind } from '../../../shared/transport';
import type { Frame } from './frame';
import type { HttpHead, NetworkFailure } from './network';
import type { PacketReader } from './packets';
import type { Said } from './said';

/** One request to attach: where, dressed how. Made anew by the protocol for every request of a poll rung. */
export interface AttachRequest {
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly subprotocols: readonly string[];
  /** SSE only: sent as `Last-Event-ID`. */
  readonly lastEventId: string | null;
  /** SSE and polls: sent as the body of a POST (its type is among the headers); absent: a GET. */
  readonly post?: string;
  /** Polls: the answer does not end, and each line of it is a message; absent: that is seen by its type and by looking. */
  readonly lines?: true;
  /** TCP: how its bytes are cut into frames. WebSocket: its binary messages are such a stream too, wherever they are cut. */
  readonly packets?: PacketReader;
  /**
   * Polls: where what is said in the session is sent, one after another, each as the body of a POST. `url` null: the next
   * request says it, and what is said waits for that. Absent: nothing can be said.
   */
  readonly sends?: { readonly url: string | null; readonly contentType: string };
  /**
   * Polls: whether a refusal of a request of this session says that the session is over, and not that we are refused: in
   * words; null where it is a refusal. `body`: the start of it.
   */
  readonly endsWith?: (status: number, body: string) => string | null;
}

/** How a transport's session ended. Exactly one per session, never after `destroy`. */
export type TransportEnd =
  /** An HTTP answer that is no feed: any status but the one the transport needs. */
  | {
      readonly kind: 'refused';
      readonly head: HttpHead;
      readonly bodyStart: string;
      readonly retryAfterMs: number | null;
    }
  /** Right status, wrong content: HTML, a wrong content type. */
  | { readonly kind: 'not-a-feed'; readonly head: HttpHead; readonly contentType: string; readonly bodyStart: string }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  /** The body of an SSE stream or held answer ended; `whole` when HTTP says it ended properly. */
  | { readonly kind: 'ended'; readonly whole: boolean }
  /** 204 on SSE: the standard's way to say stop. */
  | { readonly kind: 'no-content' }
  | { readonly kind: 'failed'; readonly failure: NetworkFailure }
  /** A poll's answer that does not end and is no lines of JSON either; `bytes` of it so far. */
  | { readonly kind: 'endless'; readonly head: HttpHead; readonly bytes: number; readonly bodyStart: string }
  /** The feed said in words of its own that it takes no login of ours, and closed. */
  | { readonly kind: 'login-refused'; readonly message: string }
  /** The feed said that it does not take what is said when the connection opens, in words of its own. */
  | { readonly kind: 'opening-refused'; readonly message: string }
  /** An opening message, counted from 1, was not answered in its time. `unsaid`: what it waits for did not come, so it was never said. */
  | {
      readonly kind: 'opening-unanswered';
      readonly step: number;
      readonly afterMs: number;
      readonly unsaid?: boolean;
    }
  /** The feed ended behind an error that it had told in words of its own. */
  | { readonly kind: 'feed-error'; readonly message: string }
  /** The feed said in words of its own that nothing more comes, and left it to us to close. `afterMs`: not before. */
  | {
      readonly kind: 'told-end';
      readonly how: 'planned' | 'whole' | 'error' | 'stop';
      readonly message: string;
      readonly afterMs: number;
    }
  /** The answer is complete, and each may be billed. */
  | { readonly kind: 'complete' }
  /** What answers was taken for our gateway by its address, and is something else. */
  | { readonly kind: 'not-our-gateway'; readonly found: string }
  /** A poll answered something else than a list, where the feed has always been one. */
  | { readonly kind: 'no-list'; readonly found: string }
  /** A poll was answered, and what came says nothing: cut, or in another form. */
  | { readonly kind: 'unusable'; readonly found: string }
  /** The first message cannot be read at all, so that it says nothing of who sent it. */
  | { readonly kind: 'garbled'; readonly found: string }
  /** No packet begins where one should: what came before was read, and nothing behind it can be. */
  | { readonly kind: 'no-packet'; readonly found: string }
  /**
   * A frame over the limit, bytes. `bytes`: what its head says it is; null where no head says it. `id`: SSE: the event's
   * own, where it was read before.
   */
  | { readonly kind: 'too-large'; readonly bytes: number | null; readonly limit: number; readonly id?: string | null };

/**
 * What a transport tells. Order: `onOpen` once (poll rungs: with the first good answer's head), then frames,
 * then `onEnd` once. `onLife` may come at any time after the request was written.
 */
export interface TransportSink {
  /** The rung lets us through: 101, an SSE head of 200 text/event-stream, a poll answer's head; TCP: connected, without a head. */
  onOpen(opening: {
    /** Null where there is none (TCP). */
    readonly head: HttpHead | null;
    readonly timings: PhaseTimings;
    readonly roundTripMs: number | null;
  }): void;
  onFrame(frame: Frame): void;
  /** SSE: an event over the size limit was skipped, and the stream goes on behind it; its id, if any, came as a frame. */
  onSkipped?(): void;
  /** SSE `retry:` in ms, or `X-Poll-Interval`/`Retry-After` on a good poll answer: a floor for the next delay. */
  onFloor(ms: number): void;
  /** Poll rungs: the answer does not end. From here on its lines come as frames, and it is a stream like another. */
  onStream(): void;
  /** An answer of a poll rung is complete (its frame was delivered before). `roundTripMs` is null for a held answer. */
  onAnswer(roundTripMs: number | null): void;
  /** SSE comment, WebSocket ping or pong: life that is not an event. */
  onHeartbeat(kind: 'comment' | 'ping' | 'pong'): void;
  onEnd(end: TransportEnd): void;
}

export interface TransportSession {
  /** Bytes read from the socket so far in this session. Only grows; the measure of life. */
  bytesRead(): number;
  /** WebSocket and TCP: queued bytes; 0 elsewhere. */
  bytesQueued(): number;
  /** WebSocket: sends a ping; `flushed` when the kernel took it. False where the transport has no ping. */
  ping(flushed: () => void): boolean;
  /**
   * Sends a message; `places`: of secrets are filled in it as it leaves. `flushed` when the kernel took it, on polls when it
   * was answered. False where there is no way to.
   */
  send(said: Said, flushed: () => void, places?: boolean): boolean;
  /** Poll rungs: the next request goes at once instead of after the interval. */
  askNow(): void;
  pause(): void;
  resume(): void;
  /** Ends politely (close frame) where there is a way to; no callback follows. Bounded to 3 s below. */
  close(): void;
  /** Ends at once, no callback follows. */
  destroy(): void;
}

/** Limits and waits of one rung. */
export interface TransportOptions {
  /** Largest frame, bytes. */
  readonly maxFrameBytes: number;
  /** Poll: pause between answers, ms. */
  readonly pollIntervalMs: number;
  /** Long-poll: how long we ask the server to hold, ms. */
  readonly holdMs: number;
}

/**
 * One way of carrying a feed. Stateless: `open` starts a session of its own. `attach` is called for the first
 * request and, on poll rungs, again before each further one, so that each carries the newest cursor.
 * No transport keeps deadlines: liveness is the connection's business.
 */
export interface Transport {
  readonly kind: TransportKind;
  open(attach: () => AttachRequest, options: TransportOptions, sink: TransportSink): TransportSession;
}

/** The evidence that an end leaves behind. */
export function evidenceOfEnd(end: TransportEnd): readonly Evidence[] {
  switch (end.kind) {
    case 'refused':
    case 'not-a-feed':
      return [{ kind: 'http', status: end.head.status, headers: end.head.headers, bodyStart: end.bodyStart }];
    case 'closed':
      // 1006 is never sent: it stands for a connection that went without a close frame.
      if (end.code === 1006)
        return [{ kind: 'protocol', message: 'end of connection', detail: 'without a close frame (1006)' }];
      return [{ kind: 'close', code: end.code, reason: end.reason, by: 'server' }];
    case 'ended':
      return [{ kind: 'protocol', message: 'end of body', detail: end.whole ? 'ended properly' : 'cut off' }];
    case 'endless':
      return [
        { kind: 'http', status: end.head.status, headers: end.head.headers, bodyStart: end.bodyStart },
        { kind: 'protocol', message: 'answer without end', detail: `${end.bytes} bytes so far` },
      ];
    case 'login-refused':
      return [{ kind: 'protocol', message: 'login refused', detail: end.message }];
    case 'opening-refused':
      return [{ kind: 'protocol', message: 'opening message refused', detail: end.message }];
    case 'feed-error':
      return [{ kind: 'protocol', message: 'error told by the feed', detail: end.message }];
    case 'told-end':
      return [{ kind: 'protocol', message: 'end told by the feed', detail: end.message }];
    case 'complete':
      return [{ kind: 'protocol', message: 'end of body', detail: 'complete' }];
    case 'opening-unanswered':
      return [
        {
          kind: 'timer',
          name: `${end.unsaid ? 'what is waited for before' : 'answer to'} opening message ${end.step}`,
          afterMs: end.afterMs,
          lastByteAgoMs: null,
        },
      ];
    case 'not-our-gateway':
      return [{ kind: 'protocol', message: 'not our gateway', detail: end.found }];
    case 'no-list':
      return [{ kind: 'protocol', message: 'no list', detail: end.found }];
    case 'unusable':
      return [{ kind: 'protocol', message: 'answer not readable', detail: end.found }];
    case 'garbled':
      return [{ kind: 'protocol', message: 'first message not readable', detail: end.found }];
    case 'no-packet':
      return [{ kind: 'protocol', message: 'what comes is not readable', detail: end.found }];
    case 'no-content':
      return [{ kind: 'http', status: 204, headers: [], bodyStart: '' }];
    case 'too-large':
      return [{ kind: 'protocol', message: 'frame too large', detail: `${oversize(end)}, limit ${end.limit} bytes` }];
    case 'failed':
      return evidenceOfFailure(end.failure);
  }
}

const mebibyte = 1024 * 1024;

/** The limit as people read it. */
export function limitText(limit: number): string {
  return limit % mebibyte === 0 ? `${limit / mebibyte} MiB` : `${limit} bytes`;
}

/** How large what was refused is: measured, or no more than is known. */
export function oversize({ bytes, limit }: Extract<TransportEnd, { readonly kind: 'too-large' }>): string {
  return bytes === null ? `more than ${limitText(limit)}` : `${bytes} bytes`;
}

function evidenceOfFailure(failure: NetworkFailure): readonly Evidence[] {
  const evidence: Evidence[] = [];
  if (failure.proxy) {
    evidence.push({
      kind: 'proxy',
      proxy: failure.proxy.address,
      status: failure.proxy.status,
      message: failure.proxy.message,
    });
  }
  if (failure.phase === 'tls') {
    evidence.push({
      kind: 'tls',
      code: failure.code,
      message: failure.message,
      subject: failure.certificate?.subject ?? null,
      issuer: failure.certificate?.issuer ?? null,
      validTo: failure.certificate?.validTo ?? null,
      fingerprint: failure.certificate?.fingerprint ?? null,
    });
  } else {
    evidence.push({ kind: 'errno', code: failure.code, message: failure.message, phase: failure.phase });
  }
  return evidence;
}
