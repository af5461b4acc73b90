import { type BodyStart, collectBodyStart, looksLikeHtml, textStart } from '../core/body-start';
import { type Clock, deadline, type Timer } from '../core/clock';
import { bodyCutCode, type HttpExchange, type HttpHead, type HttpPort } from '../core/network';
import { ownText } from '../core/own-text';
import type { AttachRequest, Transport, TransportEnd } from '../core/transport';
import { type AnswerBody, createAnswerBody } from './answer-body';
import { areLines, createAnswerLines, endsInJsonLines, type LineBody } from './answer-lines';
import { unlessJson } from './first-letter';
import { evidenceHead, lengthOf, mediaTypeOf, pollFloor, retryAfterOf } from './http-answer';
import { httpRequestOf } from './http-request';
import { createPollSends } from './poll-sends';

interface Deps {
  readonly http: HttpPort;
  readonly clock: Clock;
}

/** Least time from one request to the next, ms: what a server that never holds, or always has more, can make of us. */
const askNowSpacingMs = 20;
/** The same for a long-poll that is answered at once each time: a feed of many small events comes in quarter seconds. */
const longPollSpacingMs = 250;
/** A longer floor counts as this, ms: a server that asks for a day is asked hourly (`connection/timing.ts`). */
const longestFloorMs = 3_600_000;
/** A 408 after at least this long, ms, is a hold that ran out (nchan), not a server in trouble. */
const holdRanOutMs = 5000;
/** A body that ends this long after its head, ms, was held after the head: then the head's time is a true round trip. */
const heldAfterHeadMs = 500;

/** An answer whose body is still coming is looked at this often, ms: it may be a stream of lines. */
const linesLookMs = 1000;
/** A body that has not ended so long after it began, and names no length, is no answer, ms. */
const endlessMs = 10_000;

/** An answer that names its length is given this long to show whether it will ever have it, and this long to have it, ms. */
const namedLookMs = 5_000;
const namedMs = 60_000;

/** Media types that no poll answer has: pages, pictures, and streams that would never end. */
const notAnAnswer = /^(text\/html|application\/xhtml\+xml|text\/event-stream|(image|video|audio|font)\/.*)$/;

/**
 * The loop both poll rungs are: ask, take the answer as one frame, wait, ask again with a fresh attach.
 * `poll` waits its interval (or what the server asks for, if that is longer); `long-poll` asks again at once.
 * Any request that fails ends the session: the connection decides when the next one is due.
 */
export function createPollLoop(kind: 'poll' | 'long-poll', { http, clock }: Deps): Transport {
  return {
    kind,
    open(attach, options, sink) {
      let over = false;
      let opened = false;
      let paused = false;
      let wantsNow = false;
      let due = false;
      let exchange: HttpExchange | null = null;
      let timer: Timer | null = null;
      let evidence: BodyStart | null = null;
      let lines: LineBody | null = null;
      let patience: Timer | null = null;
      let earlierBytes = 0;
      let lastStartedAt = Number.NEGATIVE_INFINITY;

      const sends = createPollSends({ http, clock, onEnd: (how) => end(how) });

      function stop(): void {
        over = true;
        sends.stop();
        timer?.cancel();
        patience?.cancel();
        evidence?.drop();
        leave();
      }

      /** Keeps what was read of the exchange, and lets go of it. */
      function leave(): void {
        earlierBytes += exchange?.bytesRead() ?? 0;
        exchange?.destroy();
        exchange = null;
      }

      function end(how: TransportEnd): void {
        if (over) return;
        stop();
        sink.onEnd(how);
      }

      function ask(): void {
        if (over) return;
        if (paused) {
          due = true;
          return;
        }
        due = false;
        wantsNow = false;
        const request = attach();
        sends.asked(request);
        if (over) return;
        const startedAt = clock.now();
        lastStartedAt = startedAt;
        let headAt = startedAt;
        let answer: HttpHead | null = null;
        let body: AnswerBody | null = null;
        let whole = (): void => {};

        const answers = unlessJson({
          onHead(head, timings) {
            if (over) return;
            headAt = clock.now();
            const news = head.status === 200 && !notAnAnswer.test(mediaTypeOf(head));
            const noNews = head.status === 304 || head.status === 204 || holdRanOut(head, headAt - startedAt);
            if (!news && !noNews) return refuse(head, request.endsWith);
            answer = head;
            const trim = kind === 'long-poll' && mediaTypeOf(head).includes('json');
            if (news) body = createAnswerBody(options.maxFrameBytes, trim, head);
            if (news && (request.lines === true || areLines(head))) readLines(head);
            whole = () => {
              whole = () => {};
              if (opened) return;
              opened = true;
              sink.onOpen({ head, timings, roundTripMs: kind === 'poll' ? headAt - startedAt : null });
            };
            const length = news && !lines ? lengthOf(head) : null;
            if (length !== null && length > options.maxFrameBytes) {
              return end({ kind: 'too-large', bytes: length, limit: options.maxFrameBytes });
            }
            // What names its length is an answer once it has it: until then nothing shows that it ever will. What is
            // decoded may break before its end.
            if (body && kind === 'poll' && length !== null) awaitLength(head, body, length, () => whole());
            else if (!body || lines || head.encoding === undefined) whole();
            if (lines && !over) sink.onStream();
          },
          onBytes(chunk) {
            if (over) return;
            if (evidence) return evidence.add(chunk);
            if (lines) return lines.add(chunk, clock.wall());
            if (body && !body.add(chunk)) {
              // It did not name its length: nobody knows how long it would have become.
              end({ kind: 'too-large', bytes: null, limit: options.maxFrameBytes });
            } else if (body && answer && patience === null && body.bytes() > 0) awaitLines(answer, body, () => whole());
          },
          onEnd() {
            if (over) return;
            if (evidence) return evidence.end();
            if (lines) {
              lines.end(clock.wall());
              return end({ kind: 'ended', whole: true });
            }
            if (answer) complete(answer, body, startedAt, headAt, () => whole());
          },
          onError(failure) {
            if (over) return;
            if (evidence) return evidence.end();
            if (failure.phase === 'body' && failure.code === bodyCutCode) end({ kind: 'ended', whole: false });
            else end({ kind: 'failed', failure });
          },
        });
        exchange = http.request(httpRequestOf(request, request.headers), answers);
      }

      /** From here on each line of the answer is a frame of its own. */
      function readLines(head: HttpHead): LineBody {
        patience?.cancel();
        const reading = createAnswerLines(options.maxFrameBytes, head, {
          onLine: (data, bytes, receivedAt) =>
            over || sink.onFrame({ data, bytes, receivedAt, event: null, id: null, line: true, headers: [] }),
          onTooLarge: () => end({ kind: 'too-large', bytes: null, limit: options.maxFrameBytes }),
        });
        lines = reading;
        return reading;
      }

      /** A body that does not end soon is looked at: lines of JSON are read as they come, anything else is no answer. */
      function awaitLines(head: HttpHead, body: AnswerBody, opens: () => void): void {
        const look = (afterMs: number): void => {
          patience = deadline(clock, afterMs, () => {
            if (over || lines || exchange === null) return;
            const so = body.peek();
            opens();
            if (over) return;
            if (paused || lengthOf(head) !== null) return;
            if (endsInJsonLines(so)) {
              sink.onStream();
              if (!over) readLines(head).add(body.takeBytes(), clock.wall());
            } else if (clock.now() - startedBodyAt >= endlessMs) {
              const bodyStart = textStart(so.subarray(0, 4096), head);
              end({ kind: 'endless', head: evidenceHead(head), bytes: body.bytes(), bodyStart });
            } else look(linesLookMs);
          });
        };
        const startedBodyAt = clock.now();
        look(linesLookMs);
      }

      /** A body that comes too slowly ever to have the length it names is no answer; one that will have it opens the rung. */
      function awaitLength(head: HttpHead, body: AnswerBody, length: number, opens: () => void): void {
        const began = clock.now();
        const look = (afterMs: number): void => {
          patience = deadline(clock, afterMs, () => {
            const bytes = body.bytes();
            if (over || exchange === null) return;
            // What never began is silence, and its deadline is another's.
            const slow = bytes > 0 && bytes * namedMs < length * (clock.now() - began);
            if (!slow && bytes > 0) opens();
            if (over) return;
            if (!slow || paused) return look(namedLookMs);
            const bodyStart = textStart(body.peek().subarray(0, 4096), head);
            end({ kind: 'endless', head: evidenceHead(head), bytes, bodyStart });
          });
        };
        look(namedLookMs);
      }

      function holdRanOut(head: HttpHead, afterMs: number): boolean {
        return kind === 'long-poll' && head.status === 408 && afterMs >= holdRanOutMs;
      }

      function refuse(head: HttpHead, endsWith: AttachRequest['endsWith']): void {
        evidence = collectBodyStart(clock, head, (bodyStart) => {
          const shown = evidenceHead(head);
          const words = endsWith?.(head.status, bodyStart) ?? null;
          if (words !== null) end({ kind: 'feed-error', message: words });
          else if (head.status === 200) {
            end({ kind: 'not-a-feed', head: shown, contentType: mediaTypeOf(head), bodyStart });
          } else {
            const retryAfterMs = retryAfterOf(head, clock.wall());
            end({ kind: 'refused', head: shown, bodyStart, retryAfterMs });
          }
        });
        if (paused) exchange?.resume();
      }

      function complete(
        head: HttpHead,
        body: AnswerBody | null,
        startedAt: number,
        headAt: number,
        opens: () => void,
      ): void {
        const endedAt = clock.now();
        patience?.cancel();
        patience = null;
        leave();
        if (body) {
          const data = body.take();
          if (typeof data === 'string' && looksLikeHtml(data)) {
            const bodyStart = ownText(data.slice(0, 512));
            end({ kind: 'not-a-feed', head: evidenceHead(head), contentType: mediaTypeOf(head), bodyStart });
            return;
          }
          opens();
          if (over) return;
          sink.onFrame({
            data,
            bytes: body.bytes(),
            receivedAt: clock.wall(),
            event: null,
            id: null,
            headers: head.headers,
          });
          if (over) return;
        }
        const floor = pollFloor(head, clock.wall());
        if (floor !== null) sink.onFloor(floor);
        if (over) return;
        const trueRoundTrip = kind === 'poll' || endedAt - headAt >= heldAfterHeadMs;
        sink.onAnswer(trueRoundTrip ? headAt - startedAt : null);
        if (!over) schedule(startedAt, endedAt, floor);
      }

      function schedule(startedAt: number, endedAt: number, floor: number | null): void {
        const ownPace = kind === 'poll' ? endedAt + options.pollIntervalMs : startedAt + longPollSpacingMs;
        const at = wantsNow
          ? startedAt + askNowSpacingMs
          : Math.max(ownPace, endedAt + Math.min(floor ?? 0, longestFloorMs));
        askAt(at);
      }

      function askAt(at: number): void {
        timer?.cancel();
        timer = clock.after(Math.max(0, at - clock.now()), () => {
          timer = null;
          ask();
        });
      }

      askAt(clock.now());

      return {
        bytesRead: () => earlierBytes + (exchange?.bytesRead() ?? 0) + sends.bytesRead(),
        bytesQueued: () => 0,
        ping: () => false,
        send: (said, flushed, places = false) => sends.say(said, flushed, places),
        askNow() {
          wantsNow = true;
          if (!over && timer !== null) askAt(Math.max(clock.now(), lastStartedAt + askNowSpacingMs));
        },
        pause() {
          paused = true;
          if (!over && !evidence) exchange?.pause();
        },
        resume() {
          paused = false;
          if (over) return;
          if (due) ask();
          else exchange?.resume();
        },
        close: stop,
        destroy: stop,
      };
    },
  };
}
