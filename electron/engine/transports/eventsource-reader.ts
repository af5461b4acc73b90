import { ErrorEvent, EventSource } from 'eventsource';
import type { HttpHead } from '../core/network';
import { type EventStreamReader, followStream } from './event-stream-reader';
import { headerOf } from './http-answer';

const eventStream = 'text/event-stream';

/** An empty line, which means nothing: behind it neither decoder nor parser looks for a BOM, which the tap has taken off. */
const notTheStart = Uint8Array.of(0x0a);

/**
 * Reads through the `eventsource` package: one EventSource per attempt, over a fetch of ours that can be called once.
 * Its own reconnecting never happens: it is closed in a microtask after its first error, because it sets its timer
 * right after it has dispatched `error`.
 *
 * The EventSource decodes, parses and builds each message; the tap beside it (`event-stream-tap.ts`) tells what an
 * EventSource keeps to itself. Messages are taken where it dispatches them, whatever their name: as an EventTarget it would
 * want to be told each name beforehand, and its dispatch costs more than all that is done here.
 */
export const readThroughEventSource: EventStreamReader = (options, sink) => {
  let called = false;
  let body: ReadableStreamDefaultController<Uint8Array> | null = null;

  const stream = followStream(options, sink);

  const source = new EventSource(addressOf(options.url), {
    fetch() {
      if (called) return Promise.reject(new Error('An attempt makes one request.'));
      called = true;
      return new Promise((resolve) => {
        // Not inside the constructor: `source` is not there yet.
        queueMicrotask(() => {
          if (stream.closed()) return;
          options.request({
            head: (head) => resolve(responseOf(head)),
            bytes(chunk, at) {
              if (stream.closed()) return;
              for (const bytes of stream.feed(chunk, at)) body?.enqueue(bytes);
            },
            end: () => body?.close(),
          });
        });
      });
    },
  });

  function responseOf(head: HttpHead) {
    const answer = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(notTheStart);
        body = controller;
      },
    });
    return {
      body: answer,
      url: options.url,
      status: head.status,
      redirected: false,
      // Its own look at the media type knows lower case only.
      headers: {
        get: (name: string) => (/^content-type$/i.test(name) ? eventStream : headerOf(head, name.toLowerCase())),
      },
    };
  }

  const dispatch = source.dispatchEvent.bind(source);
  source.dispatchEvent = (event) => {
    if (!(event instanceof MessageEvent)) return dispatch(event);
    const { data, lastEventId }: { readonly data: unknown; readonly lastEventId: string } = event;
    try {
      if (typeof data === 'string') stream.message(data, lastEventId);
    } catch (error) {
      // As from any listener: it is uncaught, and the messages after it come.
      queueMicrotask(() => {
        throw error;
      });
    }
    return true;
  };

  source.addEventListener('error', (event) => {
    if (!(event instanceof ErrorEvent)) return;
    queueMicrotask(() => {
      source.close();
      stream.end();
    });
  });

  return {
    close() {
      stream.close();
      source.close();
    },
  };
};

/** The address with its origin worked out once: the package asks for it with each message, and a URL makes it anew. */
function addressOf(text: string): URL {
  const url = new URL(text);
  return Object.defineProperty(url, 'origin', { value: url.origin });
}
