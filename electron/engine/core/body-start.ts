import { decoderOf } from './charset';
import { type Clock, deadline, type Timer } from './clock';
import type { HttpHead } from './network';

/** How much of a refusal's body becomes evidence, characters. */
const maxCharacters = 512;
/** Four bytes are the most one character of UTF-8 takes. */
const maxBytes = maxCharacters * 4;
/** How long a refusal's body is waited for. The answer is known already; this is not a deadline of the connection. */
const patienceMs = 1000;

/** Collects the start of a body that is evidence, not a feed. `done` is called once, unless it is dropped before. */
export interface BodyStart {
  add(chunk: Uint8Array): void;
  /** The body has ended, well or badly. */
  end(): void;
  drop(): void;
}

/** `head`: of the answer, for what its bytes are written in. */
export function collectBodyStart(clock: Clock, head: HttpHead, done: (text: string) => void): BodyStart {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let over = false;

  function finish(): void {
    if (over) return;
    over = true;
    timer.cancel();
    done(textStart(Buffer.concat(chunks), head));
  }

  const timer: Timer = deadline(clock, patienceMs, finish);

  return {
    add(chunk) {
      if (over) return;
      chunks.push(chunk);
      length += chunk.length;
      if (length >= maxBytes) finish();
    },
    end: finish,
    drop() {
      over = true;
      timer.cancel();
    },
  };
}

/** The first 512 characters of a body as text; bytes that are none become U+FFFD. */
export function textStart(bytes: Uint8Array, head: HttpHead): string {
  return decoderOf(head).decode(bytes.subarray(0, maxBytes)).slice(0, maxCharacters);
}

/** Whether a body starts like an HTML page, whatever its content type says. */
export function looksLikeHtml(text: string): boolean {
  return /^\s*<(!doctype html|html|head|body)[\s>]/i.test(text.slice(0, 200));
}
