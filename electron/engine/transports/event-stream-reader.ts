import type { HttpHead } from '../core/network';
import { createEventStreamParser, type StreamMessage } from './event-stream-parser';

/** What a reader reports, in the order of the stream. */
export interface EventStreamSink {
  onMessage(message: StreamMessage, receivedAt: number): void;
  onId(id: string, receivedAt: number): void;
  onComment(): void;
  onRetry(ms: number): void;
  onTooLarge(bytes: number): void;
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
  /** Largest block, characters. */
  readonly maxFrameBytes: number;
  /** Makes the one request of this reading. */
  readonly request: (body: EventStreamBody) => void;
}

/** Turns the body of one answer into messages. The seam between the `eventsource` package and a run without clocks. */
export type EventStreamReader = (options: EventStreamOptions, sink: EventStreamSink) => EventStreamReading;

/** Reads with the parser alone: no timer, no promise, so that a simulated run replays. */
export const readEventStreamDirectly: EventStreamReader = (options, sink) => {
  let closed = false;
  let receivedAt = 0;
  const parser = createEventStreamParser(options.maxFrameBytes, options.lastEventId, {
    onMessage: (message) => closed || sink.onMessage(message, receivedAt),
    onId: (id) => closed || sink.onId(id, receivedAt),
    onComment: () => closed || sink.onComment(),
    onRetry: (ms) => closed || sink.onRetry(ms),
    onTooLarge: (size) => closed || sink.onTooLarge(size),
  });
  options.request({
    head() {},
    bytes(chunk, at) {
      if (closed) return;
      receivedAt = at;
      parser.feed(chunk);
    },
    end() {
      if (!closed) sink.onDone();
    },
  });
  return {
    close() {
      closed = true;
    },
  };
};
