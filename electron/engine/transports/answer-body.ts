import { ByteQueue } from '../core/byte-queue';
import { decoderOf } from '../core/charset';
import type { HttpHead } from '../core/network';

/** The body of one poll answer, gathered within a limit. */
export interface AnswerBody {
  /** False when the limit is passed; nothing is kept then. */
  add(chunk: Uint8Array): boolean;
  /** Bytes so far, leading heartbeat blanks not counted. */
  bytes(): number;
  /** What has come so far. */
  peek(): Uint8Array;
  /** Takes out what has come so far: it goes on as something else. */
  takeBytes(): Uint8Array;
  /** The whole body: text in the charset that its head names, else in UTF-8; bytes where it is neither. */
  take(): string | Uint8Array;
}

const space = 0x20;

/** `trimStart`: leading spaces are a held answer's signs of life (RFC 8259 §2 allows them) and are not kept. */
export function createAnswerBody(maxBytes: number, trimStart: boolean, head: HttpHead): AnswerBody {
  const queue = new ByteQueue();
  let length = 0;

  return {
    add(chunk) {
      let from = 0;
      if (trimStart && length === 0) while (from < chunk.length && chunk[from] === space) from += 1;
      if (from === chunk.length) return true;
      length += chunk.length - from;
      if (length > maxBytes) {
        queue.clear();
        return false;
      }
      queue.add(from === 0 ? chunk : chunk.subarray(from));
      return true;
    },
    bytes: () => length,
    peek: () => queue.whole(),
    takeBytes: () => queue.takeAll(),
    take() {
      const all = queue.takeAll();
      try {
        return decoderOf(head, true).decode(all);
      } catch {
        return all;
      }
    },
  };
}
