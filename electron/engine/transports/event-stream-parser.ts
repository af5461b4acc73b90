import { createParser } from 'eventsource-parser';

/** One dispatched block of an event stream (WHATWG HTML §9.2.6). */
export interface StreamMessage {
  /** The `event:` field; null for the default type. */
  readonly event: string | null;
  readonly data: string;
  /** Last event id in force after this block; null when there was none yet. */
  readonly id: string | null;
}

export interface EventStreamParserSink {
  onMessage(message: StreamMessage): void;
  /** A block with an `id:` and no data ended: the id is in force now, nothing is dispatched. */
  onId(id: string): void;
  onComment(): void;
  /** `retry:` in ms. */
  onRetry(ms: number): void;
  /** A block grew over the limit; the parser takes nothing more. */
  onTooLarge(characters: number): void;
}

export interface EventStreamParser {
  /** Takes the next bytes and returns their text with line ends made one: LF. */
  feed(chunk: Uint8Array): string;
}

const lf = '\n';
/** No `m` flag: to a RegExp U+2028 would be a line end too, to an event stream it is not. */
const idField = /(?:^|\n)id(?::[ ]?([^\n]*))?(?=\n)/g;

/**
 * Reads an event stream from bytes cut anywhere. Around `eventsource-parser`, for what that one leaves out: UTF-8 and
 * CR|LF split between chunks, a CR that ends a line at once (the parser would wait for the next chunk), and ids
 * without data, which it resets in silence though they count for resume.
 *
 * The parser is given whole lines only, and one block at a time, so that after each we know whether it dispatched.
 */
export function createEventStreamParser(
  maxCharacters: number,
  lastEventId: string | null,
  sink: EventStreamParserSink,
): EventStreamParser {
  // Holds back split characters. It would keep a BOM that is split itself, so that one is taken off below.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let begun = false;
  let idInForce = lastEventId;
  /** Start of a line whose end has not come. Pieces, so that one long line in small chunks stays linear. */
  let tail: string[] = [];
  let tailLength = 0;
  /** Last `id:` of a block that began in an earlier chunk. */
  let blockId: string | null = null;
  let dispatched = false;
  let afterCr = false;
  let dead = false;

  const parser = createParser({
    maxBufferSize: maxCharacters,
    onEvent(event) {
      dispatched = true;
      if (event.id !== undefined) idInForce = event.id;
      sink.onMessage({ event: event.event ?? null, data: event.data, id: idInForce });
    },
    onComment: () => sink.onComment(),
    onRetry(ms) {
      if (Number.isSafeInteger(ms)) sink.onRetry(ms);
    },
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') tooLarge(maxCharacters + 1);
    },
  });

  function tooLarge(characters: number): void {
    if (dead) return;
    dead = true;
    tail = [];
    sink.onTooLarge(characters);
  }

  /** CR and CR LF become LF, also when a chunk ends between the two. */
  function normalise(text: string): string {
    let from = text;
    if (from === '') return from;
    if (!begun && from.startsWith('\ufeff')) from = from.slice(1);
    begun = true;
    if (afterCr && from.startsWith(lf)) from = from.slice(1);
    afterCr = text.endsWith('\r');
    return from.includes('\r') ? from.replace(/\r\n?/g, lf) : from;
  }

  /** Hands over one whole block, its blank line included. */
  function feedBlock(block: string): void {
    dispatched = false;
    parser.feed(block);
    if (dead) return;
    if (!dispatched) {
      const id = lastIdOf(block) ?? blockId;
      if (id !== null) {
        idInForce = id;
        sink.onId(id);
      }
    }
    blockId = null;
  }

  function feedLines(text: string): void {
    let at = 0;
    while (at < text.length && !dead) {
      // A block ends with its blank line, and a chunk may begin with that.
      const pair = text.startsWith(lf, at) ? at - 1 : text.indexOf('\n\n', at);
      if (pair === -1 && !text.startsWith(lf, at)) break;
      const end = pair + 2;
      feedBlock(text.slice(at, end));
      at = end;
    }
    if (dead || at >= text.length) return;
    const rest = text.slice(at);
    parser.feed(rest);
    blockId = lastIdOf(rest) ?? blockId;
  }

  return {
    feed(chunk) {
      if (dead) return '';
      const text = normalise(decoder.decode(chunk, { stream: true }));
      const lineEnd = text.lastIndexOf(lf) + 1;
      if (lineEnd > 0) {
        const lines = tail.join('') + text.slice(0, lineEnd);
        tail = [];
        tailLength = 0;
        feedLines(lines);
      }
      if (lineEnd < text.length && !dead) {
        tail.push(text.slice(lineEnd));
        tailLength += text.length - lineEnd;
        if (tailLength > maxCharacters) tooLarge(tailLength);
      }
      return text;
    },
  };
}

/** Value of the last `id` field in whole lines; null when there is none. Ids with NUL do not count (WHATWG HTML §9.2.6). */
function lastIdOf(lines: string): string | null {
  if (!lines.includes('id')) return null;
  let last: string | null = null;
  for (const [, value = ''] of lines.matchAll(idField)) {
    if (!value.includes('\0')) last = value;
  }
  return last;
}
