import { type Clock, deadline, type Timer } from '../core/clock';
import { badEncodingCode, bodyCutCode, type HttpHead, type NetworkFailure } from '../core/network';
import { type BodyDecoder, decoderFor } from './decode-body';
import { bombWords, Expansion } from './expansion';
import { createPortions } from './portions';

/** A head whose body brings nothing for so long is told of all the same, ms: a feed may have nothing to say yet. */
const headPatienceMs = 3_000;

/** Statuses without a body, whatever their headers say of its coding. */
const bodiless: ReadonlySet<number> = new Set([204, 304]);

/** Headers that tell of the encoded body and would be false of the decoded one. */
const ofTheCoding: ReadonlySet<string> = new Set(['content-encoding', 'content-length']);

export interface EncodedBodySink {
  onHead(head: HttpHead): void;
  onBytes(chunk: Uint8Array): void;
  onDrain(): void;
  onEnd(): void;
  onError(failure: NetworkFailure): void;
}

/**
 * The body of one answer, decoded. Null where it comes plain: its head is told of at once.
 *
 * A good answer opens a rung, and one that cannot be decoded is no good answer: its head is held back until the first
 * byte is decoded, or until it is plain that the feed is silent. A refusal says what it says whatever its page is.
 */
export function createEncodedBody(clock: Clock, head: HttpHead, sink: EncodedBodySink): BodyDecoder | null {
  const coding = head.headers.find(([name]) => name === 'content-encoding')?.[1].slice(0, 40) ?? '';
  let came = false;
  let decoded = false;
  let over = false;
  let patience: Timer | null = null;
  let paused = false;
  let full = false;
  const expansion = new Expansion();
  const portions = createPortions(clock, {
    give(bytes) {
      if (!over) sink.onBytes(bytes);
    },
    onFull() {
      full = true;
      engine?.pause();
    },
    onRoom() {
      full = false;
      if (!paused) engine?.resume();
    },
  });
  const engine = bodiless.has(head.status)
    ? null
    : decoderFor(coding, {
        onBytes(chunk) {
          decoded = true;
          tellHead();
          if (over) return;
          portions.add(chunk);
          if (!expansion.unfolded(chunk.length)) explode();
        },
        onDrain: sink.onDrain,
        onEnd: () => portions.end(end),
        onError: broken,
      });
  if (engine === null) {
    sink.onHead(head);
    return null;
  }
  const headers = head.headers.filter(([name]) => !ofTheCoding.has(name));
  let untold: HttpHead | null = { ...head, headers, encoding: coding };

  function tellHead(): void {
    patience?.cancel();
    const told = untold;
    untold = null;
    if (told) sink.onHead(told);
  }

  function end(): void {
    tellHead();
    if (!over) sink.onEnd();
  }

  function explode(): void {
    over = true;
    engine?.destroy();
    portions.drop();
    sink.onError(failure(badEncodingCode, `Content-Encoding: ${coding}, ${bombWords}`));
  }

  function broken(error: Error): void {
    portions.end(() => tellBroken(error));
  }

  function tellBroken(error: Error): void {
    patience?.cancel();
    // A stream that is ended without its last bytes was cut, whatever HTTP says of it.
    const cut = decoded && 'code' in error && error.code === 'Z_BUF_ERROR';
    sink.onError(
      cut
        ? failure(bodyCutCode, 'The answer ended before the body was whole.')
        : failure(badEncodingCode, `Content-Encoding: ${coding}, ${error.message.slice(0, 300)}`),
    );
  }

  const good = head.status >= 200 && head.status < 300;
  if (!good) tellHead();
  if (engine === undefined) {
    if (!over) sink.onError(failure(badEncodingCode, `Content-Encoding: ${coding}, which was not offered`));
    return { write: () => true, end() {}, pause() {}, resume() {}, destroy() {} };
  }
  if (good) patience = deadline(clock, headPatienceMs, tellHead);
  return {
    write(chunk) {
      came = true;
      expansion.came(chunk.length);
      return engine.write(chunk);
    },
    end() {
      // Nothing at all is no broken coding.
      if (came) engine.end();
      else end();
    },
    pause() {
      paused = true;
      portions.hold();
      engine.pause();
    },
    resume() {
      paused = false;
      portions.release();
      if (!full) engine.resume();
    },
    destroy() {
      over = true;
      portions.drop();
      patience?.cancel();
      engine.destroy();
    },
  };
}

function failure(code: string, message: string): NetworkFailure {
  return { phase: 'body', code, message, certificate: null, proxy: null };
}
