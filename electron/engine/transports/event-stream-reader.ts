import { createParser } from 'eventsource-parser';
import type { Frame } from '../core/frame';
import type { HttpHead } from '../core/network';
import { createEventStreamTap } from './event-stream-tap';

/** What a reader reports, in the order of the stream. */
export interface EventStreamSink {
  /**
   * One dispatched block of an event stream (WHATWG HTML §9.2.6). Its `event` is null for the standard's default name, also
   * where that is written out; its `id` is the one in force after it; its `bytes` are those of its data.
   */
  onMessage(message: Frame): void;
  onId(id: string, receivedAt: number): void;
  onComment(): void;
  onRetry(ms: number): void;
  /** A block is over the limit and is skipped: `onSkipped` or `onTooLarge` follows. `giveUp`: its end took too long. */
  onSkipping(giveUp: () => void): void;
  /** It has ended; its id was told by `onId`. How large it was nobody says: an event stream names no sizes. */
  onSkipped(): void;
  /** It does not end, and nothing follows. `id`: its own, null where it has none. */
  onTooLarge(id: string | null): void;
  /** Everything given before `end` has been reported. Called once. */
  onDone(): void;
}

/** Where the transport puts the answer it gets. */
export interface EventStreamBody {
  /** The head of a 200 text/event-stream; anything else never reaches a reader. */
  head(head: HttpHead): void;
  /** `receivedAt`: wall clock, epoch ms. */
  bytes(chunk: Uint8Array, receivedAt: number): void;
  end(): void;
}

export interface EventStreamReading {
  /** Ends the reading; nothing is reported any more. */
  close(): void;
}

export interface EventStreamOptions {
  readonly url: string;
  readonly lastEventId: string | null;
  /** Largest block, bytes. */
  readonly maxFrameBytes: number;
  /** Makes the one request of this reading. */
  readonly request: (body: EventStreamBody) => void;
}

/** Turns the body of one answer into messages. The seam between the `eventsource` package and a run without clocks. */
export type EventStreamReader = (options: EventStreamOptions, sink: EventStreamSink) => EventStreamReading;

const noHeaders: Frame['headers'] = [];

/** Something the tap has seen and the parser has not come to yet. */
type Pending =
  | {
      readonly kind: 'block';
      readonly event: string | null;
      readonly ownId: boolean;
      readonly bytes: number;
      readonly receivedAt: number;
    }
  /** A message that is none: the first lines of a block that is skipped. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'other'; readonly report: () => void };

/** One stream, read by a tap and by a parser that may come to a message later. */
export interface FollowedStream {
  /** Takes the next bytes; returns what the parser should get now. */
  feed(chunk: Uint8Array, receivedAt: number): readonly Uint8Array[];
  /** The parser has built the next message. `id`: its own, as the parser read it; empty where it has none. */
  message(data: string, id: string): void;
  /** The stream has ended and the parser has read all of it. */
  end(): void;
  close(): void;
  closed(): boolean;
}

/**
 * Holds the order: what the tap saw waits until the parser has built the messages before it. A message is what the
 * parser built, with what only the tap knows: the id in force, its size, when its bytes were read.
 */
export function followStream(options: EventStreamOptions, sink: EventStreamSink): FollowedStream {
  let pending: Pending[] = [];
  /** What has been reported of `pending`: taken off together, since a shift moves all that follow. */
  let done = 0;
  let closed = false;
  let receivedAt = 0;
  let idInForce = options.lastEventId;

  const tap = createEventStreamTap(options.maxFrameBytes, {
    onBlock(event, ownId, bytes) {
      pending.push({ kind: 'block', event, ownId, bytes, receivedAt });
    },
    onId(id) {
      const at = receivedAt;
      afterPending(() => {
        idInForce = id;
        sink.onId(id, at);
      });
    },
    onComment: () => afterPending(() => sink.onComment()),
    onRetry: (ms) => afterPending(() => sink.onRetry(ms)),
    onSkipping(hasMessage) {
      if (hasMessage) pending.push({ kind: 'cut' });
      sink.onSkipping(() => tap.end());
    },
    onSkipped(id) {
      const at = receivedAt;
      afterPending(() => {
        if (id !== null) {
          idInForce = id;
          sink.onId(id, at);
        }
        sink.onSkipped();
      });
    },
    onTooLarge: (id) => afterPending(() => sink.onTooLarge(id)),
  });

  function afterPending(report: () => void): void {
    if (closed) return;
    if (done === pending.length) report();
    else pending.push({ kind: 'other', report });
  }

  function reportOthers(): void {
    for (let next = pending[done]; !closed && next?.kind === 'other'; next = pending[done]) {
      done += 1;
      next.report();
    }
    if (done < pending.length) return;
    pending = [];
    done = 0;
  }

  return {
    feed(chunk, at) {
      receivedAt = at;
      return tap.feed(chunk);
    },
    message(data, own) {
      const next = pending[done];
      if (closed || next === undefined || next.kind === 'other') return;
      done += 1;
      if (next.kind === 'cut') return reportOthers();
      const { event, bytes, receivedAt } = next;
      if (next.ownId) idInForce = own;
      sink.onMessage({ data, bytes, receivedAt, event, id: idInForce, headers: noHeaders });
      reportOthers();
    },
    end() {
      if (closed) return;
      tap.end();
      closed = true;
      sink.onDone();
    },
    close() {
      closed = true;
      pending = [];
      done = 0;
    },
    closed: () => closed,
  };
}

/** Reads with the parser alone: no timer, no promise, so that a simulated run replays. */
export const readEventStreamDirectly: EventStreamReader = (options, sink) => {
  const stream = followStream(options, sink);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const parser = createParser({ onEvent: ({ data, id = '' }) => stream.message(data, id) });
  // Its own notion of a BOM takes three letters of text for one (`\u00ef\u00bb\u00bf`).
  parser.feed('\n');
  options.request({
    head() {},
    bytes(chunk, at) {
      if (stream.closed()) return;
      for (const bytes of stream.feed(chunk, at)) {
        if (!stream.closed()) parser.feed(decoder.decode(bytes, { stream: true }));
      }
    },
    end: () => stream.end(),
  });
  return { close: () => stream.close() };
};
