import { readMeant } from '../../../shared/meant-json';
import { ByteQueue } from '../core/byte-queue';
import { decoderOf } from '../core/charset';
import type { HttpHead } from '../core/network';
import { headerOf, mediaTypeOf } from './http-answer';

/** Media types whose answers are one JSON text a line, or one after each record separator (RFC 7464). */
const lineTypes = /^application\/(x-|vnd\.)?(ndjson|jsonl|jsonlines|json-lines|json-seq|stream\+json)$/;

export function areLines(head: HttpHead): boolean {
  const type = mediaTypeOf(head);
  // A watch of Kubernetes says by a parameter that it is one.
  const watches = /;\s*stream\s*=\s*watch\s*(;|$)/i.test(headerOf(head, 'content-type') ?? '');
  return lineTypes.test(type) || (type === 'application/json' && watches);
}

const lf = 0x0a;
const openBrace = 0x7b;
/** Stands before each text of a JSON text sequence (RFC 7464). */
const recordSeparator = '\u001e';

/** Whether what has come of a body is whole lines of JSON objects, as far as they are whole. */
export function endsInJsonLines(bytes: Uint8Array): boolean {
  const end = bytes.indexOf(lf);
  if (end < 2) return false;
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('utf8').trim();
  if (line.charCodeAt(0) !== openBrace) return false;
  return readMeant(line).ok;
}

/** The body of an answer that is read line by line. */
export interface LineBody {
  add(chunk: Uint8Array, receivedAt: number): void;
  /** The body has ended in good order: what stands behind the last line end is a line as well. */
  end(receivedAt: number): void;
}

export interface LineSink {
  /** One line that is not blank, without its end. */
  onLine(line: string, bytes: number, receivedAt: number): void;
  /** A line grew over the limit; nothing more is taken. */
  onTooLarge(): void;
}

/** Cuts a body into lines, wherever its chunks are cut; a line of more than `maxBytes` is too large, whether its end has come or not. */
export function createAnswerLines(maxBytes: number, head: HttpHead, sink: LineSink): LineBody {
  const kept = new ByteQueue();
  let dead = false;

  function giveUp(): void {
    dead = true;
    kept.clear();
    sink.onTooLarge();
  }

  function give(last: Uint8Array, receivedAt: number): void {
    kept.add(last);
    if (kept.length > maxBytes) {
      giveUp();
      return;
    }
    const whole = kept.takeAll();
    const text = decoderOf(head).decode(whole);
    const line = (text.startsWith(recordSeparator) ? text.slice(1) : text).trim();
    if (line !== '') sink.onLine(line, whole.length, receivedAt);
  }

  return {
    add(chunk, receivedAt) {
      let at = 0;
      for (let end = chunk.indexOf(lf); end !== -1 && !dead; end = chunk.indexOf(lf, at)) {
        give(chunk.subarray(at, end), receivedAt);
        at = end + 1;
      }
      if (dead || at === chunk.length) return;
      kept.add(chunk.subarray(at));
      if (kept.length > maxBytes) giveUp();
    },
    end(receivedAt) {
      if (!dead && kept.length > 0) give(new Uint8Array(0), receivedAt);
    },
  };
}
