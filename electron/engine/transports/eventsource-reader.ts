import { ErrorEvent, EventSource } from 'eventsource';
import type { HttpHead } from '../core/network';
import { type EventStreamReader, followStream } from './event-stream-reader';
import { headerOf } from './http-answer';

/** Event names that stay registered. More distinct names than this come and go with their messages. */
const keptNames = 64;

const eventStream = 'text/event-stream';

/** An empty line, which means nothing: behind it neither decoder nor parser looks for a BOM, which the tap has taken off. */
const notTheStart = Uint8Array.of(0x0a);

/**
 * Reads through the `eventsource` package: one EventSource per attempt, over a fetch of ours that can be called once.
 * Its own reconnecting never happens: it is closed in a microtask after its first error, because it sets its timer
 * right after it has dispatched `error`.
 *
 * The EventSource decodes, parses and builds each message; the tap beside it (`event-stream-tap.ts`) tells what an
 * EventSource keeps to itself, and its names are registered before they are dispatched.
 */
export const readThroughEventSource: EventStreamReader = (options, sink) => {
  /** Names that are registered, with how many messages of each are still to come. */
  const registered = new Map<string, { coming: number }>();
  let called = false;
  let body: ReadableStreamDefaultController<Uint8Array> | null = null;

  /** Events come in runs of one name. */
  let lastName = '';
  let last = { coming: 0 };

  const stream = followStream(options, sink, (name) => {
    let waiting = name === lastName ? last : registered.get(name);
    if (waiting === undefined) {
      waiting = { coming: 0 };
      registered.set(name, waiting);
      source.addEventListener(name, deliver);
    }
    waiting.coming += 1;
    lastName = name;
    last = waiting;
  });

  function delivered(name: string): void {
    const waiting = name === lastName ? last : registered.get(name);
    if (waiting === undefined) return;
    waiting.coming -= 1;
    if (waiting.coming > 0 || registered.size <= keptNames) return;
    registered.delete(name);
    source.removeEventListener(name, deliver);
    if (name === lastName) lastName = '';
  }

  function deliver(event: Event): void {
    if (!(event instanceof MessageEvent)) return;
    const { data, lastEventId }: { readonly data: unknown; readonly lastEventId: string } = event;
    if (typeof data !== 'string') return;
    delivered(event.type);
    stream.message(data, lastEventId);
  }

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
