import { ErrorEvent, EventSource } from 'eventsource';
import type { HttpHead } from '../core/network';
import { createEventStreamParser, type StreamMessage } from './event-stream-parser';
import type { EventStreamReader } from './event-stream-reader';
import { headerOf } from './http-answer';

/** Something the tap has seen and the EventSource has not come to yet. */
type Pending =
  | { readonly kind: 'message'; readonly message: StreamMessage; readonly receivedAt: number }
  | { readonly kind: 'other'; readonly report: () => void };

/** Event names that stay registered. More distinct names than this come and go with their messages. */
const keptNames = 64;

/**
 * Reads through the `eventsource` package: one EventSource per attempt, over a fetch of ours that can be called once.
 * Its own reconnecting never happens: it is closed in a microtask after its first error, because it sets its timer
 * right after it has dispatched `error`.
 *
 * A tap reads the same bytes first. It hears what an EventSource keeps to itself (comments, `retry:`, ids without
 * data), registers event names before they are dispatched, and holds the order: what it saw waits until the
 * EventSource has dispatched the messages before it.
 */
export const readThroughEventSource: EventStreamReader = (options, sink) => {
  const pending: Pending[] = [];
  const registered = new Map<string, number>();
  const encoder = new TextEncoder();
  let closed = false;
  let called = false;
  let receivedAt = 0;
  let stream: ReadableStreamDefaultController<Uint8Array> | null = null;

  const tap = createEventStreamParser(options.maxFrameBytes, options.lastEventId, {
    onMessage(message) {
      expect(message.event ?? 'message');
      pending.push({ kind: 'message', message, receivedAt });
    },
    onId(id) {
      const at = receivedAt;
      afterPending(() => sink.onId(id, at));
    },
    onComment: () => afterPending(() => sink.onComment()),
    onRetry: (ms) => afterPending(() => sink.onRetry(ms)),
    onTooLarge: (size) => afterPending(() => sink.onTooLarge(size)),
  });

  function afterPending(report: () => void): void {
    if (closed) return;
    if (pending.length === 0) report();
    else pending.push({ kind: 'other', report });
  }

  function expect(name: string): void {
    const waiting = registered.get(name);
    if (waiting === undefined) source.addEventListener(name, deliver);
    registered.set(name, (waiting ?? 0) + 1);
  }

  function delivered(name: string): void {
    const waiting = (registered.get(name) ?? 1) - 1;
    if (waiting > 0 || registered.size <= keptNames) registered.set(name, waiting);
    else {
      registered.delete(name);
      source.removeEventListener(name, deliver);
    }
  }

  function deliver(event: Event): void {
    if (closed || event instanceof ErrorEvent || !('data' in event)) return;
    const next = pending[0];
    // Anything the tap did not read the same way is not let through twice: the tap's own copy comes at the end.
    if (next?.kind !== 'message' || next.message.data !== event.data) return;
    pending.shift();
    delivered(event.type);
    sink.onMessage(next.message, next.receivedAt);
    reportOthers();
  }

  function reportOthers(): void {
    for (let next = pending[0]; !closed && next?.kind === 'other'; next = pending[0]) {
      pending.shift();
      next.report();
    }
  }

  function flush(): void {
    for (let next = pending.shift(); !closed && next; next = pending.shift()) {
      if (next.kind === 'message') sink.onMessage(next.message, next.receivedAt);
      else next.report();
    }
  }

  const source = new EventSource(options.url, {
    fetch() {
      if (called) return Promise.reject(new Error('An attempt makes one request.'));
      called = true;
      return new Promise((resolve) => {
        // Not inside the constructor: `source` is not there yet.
        queueMicrotask(() => {
          if (closed) return;
          options.request({
            head: (head) => resolve(responseOf(head)),
            bytes(chunk, at) {
              if (closed) return;
              receivedAt = at;
              const text = tap.feed(chunk);
              // The normalised text, not the bytes: both parsers then agree about line ends.
              if (text !== '') stream?.enqueue(encoder.encode(text));
            },
            end: () => stream?.close(),
          });
        });
      });
    },
  });

  function responseOf(head: HttpHead) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        stream = controller;
      },
    });
    return {
      body,
      url: options.url,
      status: head.status,
      redirected: false,
      headers: { get: (name: string) => headerOf(head, name.toLowerCase()) },
    };
  }

  source.addEventListener('error', (event) => {
    if (!(event instanceof ErrorEvent)) return;
    queueMicrotask(() => {
      source.close();
      if (closed) return;
      flush();
      if (closed) return;
      closed = true;
      sink.onDone();
    });
  });

  return {
    close() {
      closed = true;
      pending.length = 0;
      source.close();
    },
  };
};
