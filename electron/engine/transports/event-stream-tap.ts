import { ByteQueue } from '../core/byte-queue';
import { ownText } from '../core/own-text';
import { SkippedBlock } from './skipped-block';

/** What a tap tells, in the order of the stream. */
export interface EventStreamTapSink {
  /**
   * A block that has data has ended: whoever parses the same bytes has a message of it. `event`: its `event:` field; null
   * for the standard's default name, also where it is written out. `ownId`: it has an id, which is in force from here on.
   * `bytes`: length of its data on the wire.
   */
  onBlock(event: string | null, ownId: boolean, bytes: number): void;
  /** A block with an `id:` and no data ended: the id is in force now, nothing is dispatched. */
  onId(id: string): void;
  onComment(): void;
  /** `retry:` in ms, an hour at most. */
  onRetry(ms: number): void;
  /**
   * A block grew over the limit and is skipped: `onSkipped` follows, or `onTooLarge`. `hasMessage`: whoever parses the same
   * bytes has a message of its first lines, which is none.
   */
  onSkipping(hasMessage: boolean): void;
  /** It has ended, and the stream goes on behind it. `id`: its own, in force from here on; null where it has none. */
  onSkipped(id: string | null): void;
  /** It does not end: the tap takes nothing more. `id`: its own, as far as it was read. */
  onTooLarge(id: string | null): void;
}

export interface EventStreamTap {
  /**
   * Takes the next bytes and returns those of whole lines as a parser should get them: without BOM, every line end made
   * one LF, and each line that begins like `retry` made a comment, since the parser's owner would set a timer by it. A
   * line is returned with its end: half of one a parser would keep as text and join with all that comes next. Of a block
   * that is skipped only the first lines are, closed by an empty one.
   */
  feed(chunk: Uint8Array): readonly Uint8Array[];
  /** The stream has ended, or nobody waits any longer: a block that is skipped has no end any more. */
  end(): void;
}

const lf = 0x0a;
const cr = 0x0d;
const colon = 0x3a;
const space = 0x20;
const bom = [0xef, 0xbb, 0xbf];
const [letterD, letterA, letterT, letterE, letterI, letterR] = [0x64, 0x61, 0x74, 0x65, 0x69, 0x72];
/** Within so few bytes a line's end is found sooner by looking than by asking for it. */
const nearBytes = 48;
/** So much of a line tells whether it is data, and whether its value begins with a space that does not count. */
const tellingBytes = 6;
/** So much is taken of the name of an event, characters: it may be another with each. */
const longestEvent = 1_000;
/** A longer `retry:` counts as this, ms (`connection/timing.ts`). */
const longestRetryMs = 3_600_000;
const none = Buffer.alloc(0);
const emptyLine = Buffer.of(lf);

/**
 * Reads beside a parser what that one keeps to itself (WHATWG HTML §9.2.6): comments, `retry:`, ids without data, and the
 * size of a block before it is whole. It looks at line starts and builds no message: data is counted, never decoded. Its
 * limit counts bytes of one block.
 */
export function createEventStreamTap(maxBytes: number, sink: EventStreamTapSink): EventStreamTap {
  /** Bytes of a BOM seen; null once the stream has begun. */
  let begun: number | null = 0;
  let afterCr = false;
  let dead = false;
  /** A block over the limit, whose end is still to come. */
  let skipped: SkippedBlock | null = null;
  // The block under way.
  let dataLines = 0;
  let dataBytes = 0;
  let event: string | null = null;
  /** The line of its id, in the bytes it came in: read only where nobody else reads it. */
  let idIn: Buffer | null = null;
  let idStart = 0;
  let idEnd = 0;
  // The line whose end has not come. Pieces, so that one long line in small chunks stays linear.
  const pieces = new ByteQueue();
  let lineBytes = 0;
  /** Whether its start tells that it is data or a comment, of which the rest is only counted; null: not told yet. */
  let counted: boolean | null = null;
  /** The same line, as it will be handed on. */
  const half = new ByteQueue();

  /** The first bytes may be a BOM, cut anywhere. */
  function withoutBom(chunk: Buffer): Buffer {
    if (begun === null) return chunk;
    let at = 0;
    while (at < chunk.length && begun < bom.length && chunk[at] === bom[begun]) {
      begun += 1;
      at += 1;
    }
    if (at === chunk.length && begun < bom.length) return none;
    const rest = chunk.subarray(at);
    const whole = begun === bom.length || begun === 0 ? rest : Buffer.concat([Buffer.from(bom.slice(0, begun)), rest]);
    begun = null;
    return whole;
  }

  /** CR and CR LF become LF, also when a chunk ends between the two. A CR ends its line at once. */
  function normalised(chunk: Buffer): Buffer {
    const from = afterCr && chunk[0] === lf ? chunk.subarray(1) : chunk;
    if (chunk.length > 0) afterCr = chunk[chunk.length - 1] === cr;
    if (!from.includes(cr)) return from;
    const to = Buffer.allocUnsafe(from.length);
    let length = 0;
    for (let at = 0; at < from.length; at += 1) {
      const byte = from[at] ?? 0;
      if (byte === lf && at > 0 && from[at - 1] === cr) continue;
      to[length] = byte === cr ? lf : byte;
      length += 1;
    }
    return to.subarray(0, length);
  }

  /** `inLine`: within a line of data. */
  function tooLarge(inLine: boolean): void {
    skipped = new SkippedBlock(maxBytes, inLine, ownId());
    pieces.clear();
    lineBytes = 0;
    counted = null;
    sink.onSkipping(dataLines > 0);
    beginBlock();
  }

  /** What is behind a block that is skipped; null while it has not ended. */
  function behindSkipped(block: SkippedBlock, bytes: Buffer): Buffer | null {
    const end = block.feed(bytes);
    if (end === null) {
      if (block.endless) giveUp(block);
      return null;
    }
    skipped = null;
    sink.onSkipped(block.id);
    return bytes.subarray(end);
  }

  function giveUp(block: SkippedBlock): void {
    dead = true;
    skipped = null;
    sink.onTooLarge(block.id);
  }

  function ownId(): string | null {
    return idIn === null ? null : fieldValue(idIn.toString('utf8', idStart, idEnd));
  }

  function blockEnded(): void {
    if (dataLines > 0) sink.onBlock(event, idIn !== null, dataBytes);
    else if (idIn !== null) sink.onId(ownId() ?? '');
    beginBlock();
  }

  function beginBlock(): void {
    dataLines = 0;
    dataBytes = 0;
    event = null;
    idIn = null;
  }

  /** A line of `length` bytes (not 0) whose first bytes, or all of them, are at `start`. */
  function line(bytes: Buffer, start: number, length: number): void {
    const first = bytes[start];
    if (first === colon) sink.onComment();
    else if (isData(bytes, start, length)) {
      const valueAt = length <= 5 ? length : bytes[start + 5] === space ? 6 : 5;
      dataBytes += length - valueAt + (dataLines > 0 ? 1 : 0);
      dataLines += 1;
      if (dataBytes > maxBytes) tooLarge(false);
    } else if (first === letterI) idLine(bytes, start, start + length);
    else if (first === letterE || first === letterR) field(bytes.toString('utf8', start, start + length));
  }

  function idLine(bytes: Buffer, start: number, end: number): void {
    if (bytes[start + 1] !== letterD || (end - start > 2 && bytes[start + 2] !== colon)) return;
    // An id with NUL does not count.
    for (let at = start; at < end; at += 1) if (bytes[at] === 0) return;
    idIn = bytes;
    idStart = start;
    idEnd = end;
  }

  /** Besides data and id only `event` and `retry` matter. */
  function field(text: string): void {
    const value = fieldValue(text);
    const end = text.indexOf(':');
    switch (end === -1 ? text : text.slice(0, end)) {
      case 'event':
        event = value === '' || value === 'message' ? null : ownText(value.slice(0, longestEvent));
        return;
      case 'retry':
        if (/^\d+$/.test(value)) sink.onRetry(Math.min(Number(value), longestRetryMs));
    }
  }

  function keep(rest: Buffer): void {
    lineBytes += rest.length;
    if (counted !== true) pieces.add(rest);
    if (counted === null && lineBytes >= tellingBytes) {
      const start = asBuffer(pieces.takeAll());
      counted = start[0] === colon || isData(start, 0, start.length);
      pieces.add(counted ? Buffer.from(start.subarray(0, tellingBytes)) : start);
    }
    if (dataBytes + lineBytes > maxBytes) tooLarge(true);
  }

  /** The line kept ends at `end`. */
  function finishLine(bytes: Buffer, end: number): void {
    const length = lineBytes + end;
    if (counted !== true) pieces.add(bytes.subarray(0, end));
    const start = asBuffer(pieces.takeAll());
    lineBytes = 0;
    counted = null;
    line(start, 0, length);
  }

  /** What may be handed on of `bytes`, of which `whole` belong to lines that have ended. */
  function wholeLines(bytes: Uint8Array, firstEnd: number, whole: number): readonly Uint8Array[] {
    if (whole === 0) {
      half.add(bytes);
      return [];
    }
    const begun = half.length > 0;
    if (begun) half.add(bytes.subarray(0, firstEnd));
    const joined = half.takeAll();
    half.add(bytes.subarray(whole));
    if (!begun) return [bytes.subarray(0, whole)];
    return firstEnd < whole ? [joined, bytes.subarray(firstEnd, whole)] : [joined];
  }

  /** Reads lines up to the end, or to where a block begins to be skipped: hands on what it may, and returns the rest. */
  function read(bytes: Buffer, handedOver: Uint8Array[]): Buffer {
    let handedOn = bytes;
    const firstEnd = lineBytes > 0 ? bytes.indexOf(lf) + 1 : 0;
    let at = firstEnd;
    if (firstEnd > 0) finishLine(bytes, firstEnd - 1);
    while (lineBytes === 0 && at < bytes.length && skipped === null) {
      const first = bytes[at];
      if (first === lf) {
        blockEnded();
        at += 1;
        continue;
      }
      // Of the fields only `retry` begins with this letter: the first byte of a line is enough, wherever it is cut.
      if (first === letterR) {
        if (handedOn === bytes) handedOn = Buffer.from(bytes);
        handedOn[at] = colon;
      }
      const end = first === letterD ? bytes.indexOf(lf, at) : endOfLine(bytes, at);
      if (end === -1) break;
      line(bytes, at, end - at);
      at = end + 1;
    }
    const within = skipped === null;
    if (within && at < bytes.length) keep(bytes.subarray(at));
    for (const lines of wholeLines(handedOn, firstEnd, at)) handedOver.push(lines);
    if (skipped === null) return none;
    half.clear();
    handedOver.push(emptyLine);
    return within ? none : bytes.subarray(at);
  }

  return {
    feed(chunk) {
      const handedOver: Uint8Array[] = [];
      if (dead) return handedOver;
      let bytes: Buffer | null = normalised(withoutBom(asBuffer(chunk)));
      while (bytes !== null && bytes.length > 0) {
        bytes = skipped === null ? read(bytes, handedOver) : behindSkipped(skipped, bytes);
      }
      return handedOver;
    },
    end() {
      if (skipped !== null) giveUp(skipped);
    },
  };
}

/** Where the line ends that `at` is in; -1 where it does not. */
function endOfLine(bytes: Buffer, at: number): number {
  const near = Math.min(bytes.length, at + nearBytes);
  for (let each = at; each < near; each += 1) if (bytes[each] === lf) return each;
  return bytes.indexOf(lf, near);
}

/** The value of a field's line. */
function fieldValue(text: string): string {
  const end = text.indexOf(':');
  return end === -1 ? '' : text.slice(text.charCodeAt(end + 1) === space ? end + 2 : end + 1);
}

/** Whether a line is a `data` field: `data` alone, or `data:` and its value. */
function isData(bytes: Buffer, start: number, length: number): boolean {
  return (
    length >= 4 &&
    bytes[start] === letterD &&
    bytes[start + 1] === letterA &&
    bytes[start + 2] === letterT &&
    bytes[start + 3] === letterA &&
    (length === 4 || bytes[start + 4] === colon)
  );
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
}
