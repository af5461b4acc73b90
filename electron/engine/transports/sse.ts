import { type BodyStart, collectBodyStart } from '../core/body-start';
import { recoderOf } from '../core/charset';
import { type Clock, deadline, type MonotonicMs, type Timer } from '../core/clock';
import { bodyCutCode, type HttpExchange, type HttpHead, type HttpPort } from '../core/network';
import type { AttachRequest, Transport, TransportEnd, TransportSink } from '../core/transport';
import type { EventStreamBody, EventStreamReader, EventStreamReading } from './event-stream-reader';
import { beginsJson, firstLetterIn } from './first-letter';
import { evidenceHead, mediaTypeOf, retryAfterOf } from './http-answer';
import { httpRequestOf } from './http-request';

/** What is over the limit is read on to its end as long as bytes come so often, ms. */
const skipPatienceMs = 3_000;

/** What calls itself an event stream and is a page has its first letter right behind its head, or so long after it, ms. */
const firstLetterMs = 50;

interface Deps {
  readonly http: HttpPort;
  readonly clock: Clock;
  readonly reader: EventStreamReader;
}

/** A block over the limit whose end is waited for. */
interface Skipping {
  readonly giveUp: () => void;
  timer: Timer | null;
  heardAt: MonotonicMs;
}

/** Server-sent events (WHATWG HTML §9.2): one request whose answer does not end. */
export function createSseTransport({ http, clock, reader }: Deps): Transport {
  return {
    kind: 'sse',
    open(attach, options, sink) {
      const request = attach();
      let over = false;
      let exchange: HttpExchange | null = null;
      let evidence: BodyStart | null = null;
      let ending: TransportEnd | null = null;
      let opened = false;
      let paused = false;
      /** Those that came together with nothing between them are one sign of life. */
      let commentTold = false;
      let skipping: Skipping | null = null;
      /** Opens the stream: an answer that may be none is held back until its first letter, or for a moment. */
      let opens: (() => void) | null = null;
      let begun = false;
      let moment: Timer | null = null;

      function stop(): void {
        over = true;
        moment?.cancel();
        evidence?.drop();
        stopSkipping();
        exchange?.destroy();
        reading.close();
      }

      function end(how: TransportEnd): void {
        if (over) return;
        stop();
        sink.onEnd(how);
      }

      /** One timer, whatever comes: when it rings for too soon it is set for the rest. */
      function waitForItsEnd(): void {
        if (skipping === null) return;
        skipping.heardAt = clock.now();
        if (paused) {
          skipping.timer?.cancel();
          skipping.timer = null;
        } else skipping.timer ??= ring(skipping, skipPatienceMs);
      }

      function ring(waiting: Skipping, afterMs: number): Timer {
        return deadline(clock, afterMs, () => {
          const left = waiting.heardAt + skipPatienceMs - clock.now();
          if (left > 0) waiting.timer = ring(waiting, left);
          else waiting.giveUp();
        });
      }

      function stopSkipping(): void {
        skipping?.timer?.cancel();
        skipping = null;
      }

      /** The answer is no feed: its first bytes are the evidence. */
      function refuse(head: HttpHead, really: string | null = null): void {
        evidence = collectBodyStart(clock, head, (bodyStart) => end(refusalOf(head, bodyStart, clock.wall(), really)));
        if (paused) exchange?.resume();
      }

      function startExchange(body: EventStreamBody): void {
        if (over) return;
        const startedAt = clock.now();
        let recode: ReturnType<typeof recoderOf> = null;
        let stream: HttpHead | null = null;

        function open(): void {
          moment?.cancel();
          const opening = opens;
          opens = null;
          opening?.();
        }

        /** By its first letter: a page, or JSON, that is called an event stream. */
        function none(chunk: Uint8Array): boolean {
          const letter = begun || stream === null ? null : firstLetterIn(chunk);
          if (stream === null || letter === null) return false;
          begun = true;
          if (letter !== '<' && !beginsJson(letter)) return false;
          moment?.cancel();
          refuse(
            stream,
            letter === '<' ? 'a page that is called an event stream' : 'JSON that is called an event stream',
          );
          return true;
        }

        exchange = http.request(httpRequestOf(request, headersOf(request)), {
          onHead(head, timings) {
            if (over) return;
            if (head.status === 204) end({ kind: 'no-content' });
            else if (head.status !== 200 || mediaTypeOf(head) !== 'text/event-stream') refuse(head);
            else {
              stream = head;
              const roundTripMs = timings.answerMs ?? clock.now() - startedAt;
              opens = () => {
                opened = true;
                sink.onOpen({ head, timings, roundTripMs });
                recode = recoderOf(head);
                if (!over) body.head(head);
              };
              moment = clock.after(firstLetterMs, open);
            }
          },
          onBytes(chunk) {
            if (over) return;
            if (evidence || none(chunk)) evidence?.add(chunk);
            else {
              open();
              if (over) return;
              waitForItsEnd();
              commentTold = false;
              body.bytes(recode === null ? chunk : recode(chunk), clock.wall());
            }
          },
          onEnd() {
            if (over) return;
            if (evidence) return evidence.end();
            open();
            if (over) return;
            ending = { kind: 'ended', whole: true };
            body.end();
          },
          onError(failure) {
            if (over) return;
            if (evidence) return evidence.end();
            open();
            if (over) return;
            if (failure.phase !== 'body' || !opened) return end({ kind: 'failed', failure });
            ending = failure.code === bodyCutCode ? { kind: 'ended', whole: false } : { kind: 'failed', failure };
            body.end();
          },
        });
        if (paused) exchange.pause();
      }

      const reading: EventStreamReading = reader(
        {
          url: request.url,
          lastEventId: request.lastEventId,
          maxFrameBytes: options.maxFrameBytes,
          request: startExchange,
        },
        framesInto(sink, () => over, {
          message: () => {
            commentTold = false;
          },
          comment() {
            if (!commentTold) sink.onHeartbeat('comment');
            commentTold = true;
          },
          skipping(giveUp) {
            skipping = { giveUp, timer: null, heardAt: clock.now() };
            waitForItsEnd();
          },
          skipped: stopSkipping,
          tooLarge: (id) => end({ kind: 'too-large', bytes: null, limit: options.maxFrameBytes, id }),
          done: () => end(ending ?? { kind: 'ended', whole: false }),
        }),
      );

      return {
        bytesRead: () => exchange?.bytesRead() ?? 0,
        bytesQueued: () => 0,
        ping: () => false,
        send: () => false,
        askNow() {},
        pause() {
          paused = true;
          waitForItsEnd();
          if (!over && !evidence) exchange?.pause();
        },
        resume() {
          paused = false;
          waitForItsEnd();
          if (!over) exchange?.resume();
        },
        close: stop,
        destroy: stop,
      };
    },
  };
}

/** Makes frames of what a reader reports. */
function framesInto(
  sink: TransportSink,
  isOver: () => boolean,
  heard: {
    readonly message: () => void;
    readonly comment: () => void;
    readonly skipping: (giveUp: () => void) => void;
    readonly skipped: () => void;
    readonly tooLarge: (id: string | null) => void;
    readonly done: () => void;
  },
): Parameters<EventStreamReader>[1] {
  return {
    onMessage(message) {
      heard.message();
      if (!isOver()) sink.onFrame(message);
    },
    onId(id, receivedAt) {
      if (!isOver()) sink.onFrame({ data: '', bytes: 0, receivedAt, event: null, id, idOnly: true, headers: [] });
    },
    onComment() {
      if (!isOver()) heard.comment();
    },
    onRetry(ms) {
      if (!isOver()) sink.onFloor(ms);
    },
    onSkipping: heard.skipping,
    onSkipped() {
      if (isOver()) return;
      heard.skipped();
      sink.onSkipped?.();
    },
    onTooLarge: heard.tooLarge,
    onDone: heard.done,
  };
}

/** `really`: what it is, where that is not what it calls itself. */
function refusalOf(head: HttpHead, bodyStart: string, wall: number, really: string | null): TransportEnd {
  const shown = evidenceHead(head);
  const contentType = really ?? mediaTypeOf(head);
  if (head.status === 200) return { kind: 'not-a-feed', head: shown, contentType, bodyStart };
  return {
    kind: 'refused',
    head: shown,
    bodyStart,
    retryAfterMs: retryAfterOf(head, wall),
  };
}

function headersOf(request: AttachRequest): readonly (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [
    ['accept', 'text/event-stream'],
    ['cache-control', 'no-store'],
  ];
  for (const header of request.headers) {
    if (!/^(accept|cache-control|last-event-id)$/i.test(header[0])) headers.push(header);
  }
  if (request.lastEventId !== null && request.lastEventId !== '') {
    // The standard sends it as UTF-8; header values are written byte by byte.
    headers.push(['last-event-id', Buffer.from(request.lastEventId, 'utf8').toString('latin1')]);
  }
  return headers;
}
