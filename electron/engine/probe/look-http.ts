import { decoderOf } from '../core/charset';
import { type Clock, deadline, type Timer } from '../core/clock';
import type { HttpExchange, HttpHead, HttpPort, HttpRequest } from '../core/network';
import { type HttpSeen, headerOf, type NothingSeen } from './seen';

/** No more of a body is read, bytes: lists of a megabyte are not rare. */
const mostBytes = 2 * 1024 * 1024;
/** A stream that has said something whole and then nothing for so long has said enough, ms. */
const quietMs = 1_200;
/** Messages that are enough to tell what a stream is. */
const enoughMessages = 12;

export interface HttpLook {
  readonly request: HttpRequest;
  /** Until the head is there, ms. */
  readonly headMs: number;
  /** From the head until the body is let go of, ms. */
  readonly bodyMs: number;
}

/** Asks once and reads the start of what comes. Leaves nothing open; `stop` ends it early, and then nothing is answered. */
export function lookHttp(
  { request, headMs, bodyMs }: HttpLook,
  { http, clock }: { readonly http: HttpPort; readonly clock: Clock },
  done: (seen: HttpSeen | NothingSeen) => void,
): () => void {
  const begunAt = clock.now();
  const chunks: Uint8Array[] = [];
  const messagesIn = createCounter();
  let sized = false;
  let bytes = 0;
  let head: HttpHead | null = null;
  let quiet: Timer | null = null;
  let over = false;

  function stop(): void {
    over = true;
    limit.cancel();
    quiet?.cancel();
    exchange?.destroy();
  }

  function nothing(kind: NothingSeen['kind'], failure: NothingSeen['failure']): void {
    if (over) return;
    stop();
    done({ kind, url: request.url, failure, waitedMs: clock.now() - begunAt });
  }

  function finish(ended: boolean): void {
    if (over || head === null) return;
    stop();
    const text = decoderOf(head).decode(Buffer.concat(chunks).subarray(0, mostBytes));
    done({ kind: 'http', url: request.url, head, text, bytes, ended });
  }

  let limit = deadline(clock, headMs, () => nothing('silent', null));
  let exchange: HttpExchange | null = null;
  exchange = http.request(request, {
    onHead(answer) {
      if (over) return;
      head = answer;
      sized = headerOf(answer, 'content-length') !== '';
      limit.cancel();
      limit = deadline(clock, bodyMs, () => finish(false));
    },
    onBytes(chunk) {
      if (over) return;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= mostBytes) return finish(false);
      const whole = messagesIn(chunk);
      if (whole >= enoughMessages) return finish(false);
      quiet?.cancel();
      // What is not whole yet has more to come, and so has an answer that names its length.
      if (whole > 0 && !sized) quiet = deadline(clock, quietMs, () => finish(false));
    },
    onEnd: () => finish(true),
    // What came before a body was cut is evidence all the same.
    onError: (failure) => (head === null ? nothing('failed', failure) : finish(false)),
  });
  return stop;
}

/**
 * Counts whole messages of a stream as they come: events of an event stream with data in them, or lines that look like
 * JSON. The first line of a document that is written over many is no message. Holds a few characters of a line, however
 * long it is and in however many pieces it comes.
 */
function createCounter(): (chunk: Uint8Array) => number {
  let count = 0;
  let start = '';
  let last = '';
  let data = false;

  function line(text: string): void {
    const whole = text.trimEnd();
    if (/^\s*\{/.test(whole) && whole.endsWith('}') && whole.length > 1) count += 1;
    else if (whole.startsWith('data:')) data = true;
    else if (whole === '' && data) {
      count += 1;
      data = false;
    }
  }

  return (chunk) => {
    const lines = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1').split('\n');
    for (const [at, part] of lines.entries()) {
      start = (start + part.slice(0, 32)).slice(0, 32);
      last = part === '' ? last : part.slice(-2);
      if (at === lines.length - 1) break;
      line(`${start}${last}`);
      start = '';
      last = '';
    }
    return count;
  };
}
