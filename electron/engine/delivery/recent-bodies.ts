import type { DecodedEvent } from '../core/protocol';

/** Numbers whose bodies are remembered. */
const size = 512;
/** So many characters or bytes are looked at of each body at least, where it has them. */
const samples = 8;

/**
 * What the newest delivered numbers said, as a few figures: enough to see that a number comes a second time with another
 * body. Kept in columns of numbers, since holding on to events would keep their texts.
 */
export class RecentBodies {
  private readonly seqs = new Float64Array(size);
  private readonly prints = new Int32Array(size);
  private readonly streams: unknown[] = new Array(size).fill(null);
  private at = 0;

  note(stream: unknown, seq: number, event: DecodedEvent): void {
    const { at } = this;
    this.seqs[at] = seq;
    this.prints[at] = printOf(event);
    // Writing a pointer into what is old costs V8 a note: most sources have one stream.
    if (this.streams[at] !== stream) this.streams[at] = stream;
    this.at = at + 1 === size ? 0 : at + 1;
  }

  /** Whether the number was delivered with this body, or with another one; null where it is not remembered. */
  compare(stream: unknown, seq: number, event: DecodedEvent): 'same' | 'other' | null {
    for (let step = 1; step <= size; step++) {
      const at = (this.at - step + size) % size;
      if (this.seqs[at] === seq && this.streams[at] === stream) {
        return this.prints[at] === printOf(event) ? 'same' : 'other';
      }
    }
    return null;
  }

  /** The stream's numbers mean something else from now on. */
  forget(stream: unknown): void {
    for (let at = 0; at < size; at++) if (this.streams[at] === stream) this.streams[at] = null;
  }
}

function printOf({ body, bytes }: DecodedEvent): number {
  let print = bytes | 0;
  const { length } = body;
  const step = length <= samples ? 1 : Math.floor(length / samples);
  // The end first: numbers that count stand there as often as not.
  if (typeof body === 'string') {
    for (let at = length - 1; at >= 0; at -= step) print = Math.imul(print ^ body.charCodeAt(at), 0x01000193);
  } else for (let at = length - 1; at >= 0; at -= step) print = Math.imul(print ^ (body[at] ?? 0), 0x01000193);
  return print;
}
