import type { HttpHead, HttpSink } from '../core/network';
import { mediaTypeOf } from './http-answer';

/** Media types of pages. */
const pages = /^(text\/html|application\/xhtml\+xml)$/;

/** Spaces, line ends, and the bytes of a BOM. */
const blank: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/** The first letter of a body that tells something; null where none of these bytes does. */
export function firstLetterIn(bytes: Uint8Array): string | null {
  const first = bytes.find((byte) => !blank.has(byte));
  return first === undefined ? null : String.fromCharCode(first);
}

/** JSON texts that are worth reading are objects and lists, perhaps each behind a record separator. */
export function beginsJson(letter: string): boolean {
  return letter === '{' || letter === '[' || letter === '\u001e';
}

/**
 * Some frameworks call JSON a page unless they are told otherwise. An answer of that name is held back until its first
 * letter tells: one that begins as JSON goes on as what it is, under the type that it should have had; any other as it came.
 */
export function unlessJson(sink: HttpSink): HttpSink {
  let held: { readonly head: HttpHead; readonly give: (head: HttpHead) => void } | null = null;

  function release(json: boolean): void {
    const waiting = held;
    held = null;
    waiting?.give(json ? asJson(waiting.head) : waiting.head);
  }

  return {
    onHead(head, timings) {
      if (head.status !== 200 || !pages.test(mediaTypeOf(head))) sink.onHead(head, timings);
      else held = { head, give: (known) => sink.onHead(known, timings) };
    },
    onBytes(chunk) {
      const letter = held === null ? null : firstLetterIn(chunk);
      // What is blank is no part of either.
      if (held !== null && letter === null) return;
      if (letter !== null) release(beginsJson(letter));
      sink.onBytes(chunk);
    },
    onEnd() {
      release(false);
      sink.onEnd();
    },
    onError(failure) {
      release(false);
      sink.onError(failure);
    },
  };
}

function asJson(head: HttpHead): HttpHead {
  const headers = head.headers.map(([name, value]): readonly [string, string] =>
    name === 'content-type' ? [name, value.replace(/^[^;]*/, 'application/json')] : [name, value],
  );
  return { ...head, headers };
}
