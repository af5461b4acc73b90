import { type BodyStart, collectBodyStart } from '../core/body-start';
import type { Clock } from '../core/clock';
import type { HttpExchange, HttpPort } from '../core/network';
import type { Said } from '../core/said';
import type { AttachRequest, TransportEnd } from '../core/transport';
import { evidenceHead, retryAfterOf } from './http-answer';

interface Deps {
  readonly http: HttpPort;
  readonly clock: Clock;
  /** The session is over: what was said was not taken. */
  onEnd(end: TransportEnd): void;
}

/** What a poll session says: each message is a POST of its own, one after another. */
export interface PollSends {
  /** A request is made: it says where to from now on. */
  asked(request: AttachRequest): void;
  /** `flushed` once it was answered. False where nothing can be said, or too much waits. */
  say(said: Said, flushed: () => void, places: boolean): boolean;
  bytesRead(): number;
  stop(): void;
}

interface Waiting {
  readonly said: Said;
  readonly flushed: () => void;
  readonly places: boolean;
}

/** So many messages wait for the ones before them. */
const mostWaiting = 100;

/** In order, since a server may refuse two at once and they may overtake each other. */
export function createPollSends({ http, clock, onEnd }: Deps): PollSends {
  let request: AttachRequest | null = null;
  let waiting: Waiting[] = [];
  let exchange: HttpExchange | null = null;
  /** The answer to it is a refusal, and this is its body. */
  let refused: BodyStart | null = null;
  let earlierBytes = 0;
  let over = false;

  function leave(): void {
    earlierBytes += exchange?.bytesRead() ?? 0;
    exchange?.destroy();
    exchange = null;
  }

  function stop(): void {
    over = true;
    waiting = [];
    refused?.drop();
    leave();
  }

  function end(how: TransportEnd): void {
    if (over) return;
    stop();
    onEnd(how);
  }

  function next(): void {
    const sends = request?.sends;
    const [first] = waiting;
    if (over || exchange !== null || !request || !first || !sends || sends.url === null) return;
    waiting = waiting.slice(1);
    const { headers, endsWith } = request;
    const typed = headers.filter(([name]) => name.toLowerCase() !== 'content-type');
    exchange = http.request(
      {
        method: 'POST',
        url: sends.url,
        headers: [...typed, ['content-type', sends.contentType]],
        body: first.said,
        places: first.places,
      },
      {
        onHead(head) {
          if (over || (head.status >= 200 && head.status < 300)) return;
          refused = collectBodyStart(clock, head, (bodyStart) => {
            const words = endsWith?.(head.status, bodyStart) ?? null;
            if (words !== null) return end({ kind: 'feed-error', message: words });
            const retryAfterMs = retryAfterOf(head, clock.wall());
            end({ kind: 'refused', head: evidenceHead(head), bodyStart, retryAfterMs });
          });
        },
        onBytes: (chunk) => refused?.add(chunk),
        onEnd() {
          if (over) return;
          if (refused) return refused.end();
          leave();
          first.flushed();
          next();
        },
        onError(failure) {
          if (over) return;
          if (refused) refused.end();
          else end({ kind: 'failed', failure });
        },
      },
    );
  }

  return {
    asked(newest) {
      request = newest;
      next();
    },
    say(said, flushed, places) {
      if (over || !request?.sends || waiting.length >= mostWaiting) return false;
      waiting.push({ said, flushed, places });
      next();
      return true;
    },
    bytesRead: () => earlierBytes + (exchange?.bytesRead() ?? 0),
    stop,
  };
}
