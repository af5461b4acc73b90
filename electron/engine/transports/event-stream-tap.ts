/** A block of an event stream that has data has ended: whoever parses the same bytes has a message of it. */
export interface StreamBlock {
  /** The `event:` field; null for the standard's default name, also where it is written out. */
  readonly event: string | null;
  /** Last event id in force after this block; null when there was none yet. */
  readonly id: string | null;
  /** Length of its data on the wire, bytes. */
  readonly bytes: number;
}

/** What a tap tells, in the order of the stream. */
export interface EventStreamTapSink {
  onBlock(block: StreamBlock): void;
  /** A block with an `id:` and no data ended: the id is in force now, nothing is dispatched. */
  onId(id: string): void;
  onComment(): void;
  /** `retry:` in ms, an hour at most. */
  onRetry(ms: number): void;
  /** A block grew over the limit; the tap takes nothing more. `id`: its own, where that came before; null otherwise. */
  onTooLarge(id: string | null): void;
}

export interface EventStreamTap {
  /**
   * Takes the next bytes and returns them as a parser should get them: without BOM, every line end made one LF, and each
   * line that begins like `retry` made a comment, since the parser's owner would set a timer by it.
   */
  feed(chunk: Uint8Array): Uint8Array;
}

const lf = 0x0a;
const cr = 0x0d;
const colon = 0x3a;
const space = 0x20;
const bom = [0xef, 0xbb, 0xbf];
const [letterD, letterA, letterT, letterE, letterI, letterR] = [0x64, 0x61, 0x74, 0x65, 0x69, 0x72];
/** So much of a line tells whether it is data, and whether its value begins with a space that does not count. */
const tellingBytes = 6;
/** A longer `retry:` counts as this, ms (`connection/timing.ts`). */
const longestRetryMs = 3_600_000;
const none = Buffer.alloc(0);

/**
 * Reads beside a parser what that one keeps to itself (WHATWG HTML §9.2.6): comments, `retry:`, ids without data, names
 * before they are dispatched, and the size of a block before it is whole. It looks at line starts and builds no message:
 * data is counted, never decoded. Its limit counts bytes of one block.
 */
export function createEventStreamTap(
  maxBytes: number,
  lastEventId: string | null,
  sink: EventStreamTapSink,
): EventStreamTap {
  /** Bytes of a BOM seen; null once the stream has begun. */
  let begun: number | null = 0;
  let afterCr = false;
  let dead = false;
  let idInForce = lastEventId;
  // The block under way.
  let dataLines = 0;
  let dataBytes = 0;
  let event: string | null = null;
  let id: string | null = null;
  // The line whose end has not come. Pieces, so that one long line in small chunks stays linear.
  let pieces: Uint8Array[] = [];
  let lineBytes = 0;
  /** Whether its start tells that it is data or a comment, of which the rest is only counted; null: not told yet. */
  let counted: boolean | null = null;

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

  function tooLarge(): void {
    dead = true;
    pieces = [];
    sink.onTooLarge(id);
  }

  function blockEnded(): void {
    const had = dataLines > 0;
    const bytes = dataBytes;
    const name = event;
    const own = id;
    dataLines = 0;
    dataBytes = 0;
    event = null;
    id = null;
    idInForce = own ?? idInForce;
    if (had) sink.onBlock({ event: name, id: idInForce, bytes });
    else if (own !== null) sink.onId(own);
  }

  /** A line of `length` bytes whose first bytes, or all of them, are at `start`. */
  function line(bytes: Buffer, start: number, length: number): void {
    const first = bytes[start];
    if (length === 0) blockEnded();
    else if (first === colon) sink.onComment();
    else if (isData(bytes, start, length)) {
      const valueAt = length <= 5 ? length : bytes[start + 5] === space ? 6 : 5;
      dataBytes += length - valueAt + (dataLines > 0 ? 1 : 0);
      dataLines += 1;
      if (dataBytes > maxBytes) tooLarge();
    } else if (first === letterE || first === letterI || first === letterR) {
      // Only `event`, `id` and `retry` matter besides.
      field(bytes.toString('utf8', start, start + length));
    }
  }

  function field(text: string): void {
    const end = text.indexOf(':');
    const value = end === -1 ? '' : text.slice(text.charCodeAt(end + 1) === space ? end + 2 : end + 1);
    switch (end === -1 ? text : text.slice(0, end)) {
      case 'event':
        event = value === '' || value === 'message' ? null : value;
        return;
      case 'id':
        if (!value.includes('\0')) id = value;
        return;
      case 'retry':
        if (/^\d+$/.test(value)) sink.onRetry(Math.min(Number(value), longestRetryMs));
    }
  }

  function keep(rest: Buffer): void {
    lineBytes += rest.length;
    if (counted !== true) pieces.push(rest);
    if (counted === null && lineBytes >= tellingBytes) {
      const start = Buffer.concat(pieces);
      counted = start[0] === colon || isData(start, 0, start.length);
      pieces = [counted ? Buffer.from(start.subarray(0, tellingBytes)) : start];
    }
    if (dataBytes + lineBytes > maxBytes) tooLarge();
  }

  /** The line kept ends at `end`. */
  function finishLine(bytes: Buffer, end: number): void {
    const length = lineBytes + end;
    const start = Buffer.concat(counted === true ? pieces : [...pieces, bytes.subarray(0, end)]);
    pieces = [];
    lineBytes = 0;
    counted = null;
    line(start, 0, length);
  }

  return {
    feed(chunk) {
      if (dead) return none;
      const bytes = normalised(withoutBom(asBuffer(chunk)));
      const handedOn = withoutRetry(bytes, lineBytes === 0);
      let at = 0;
      let end = bytes.indexOf(lf);
      if (end !== -1 && lineBytes > 0) {
        finishLine(bytes, end);
        at = end + 1;
        end = dead ? -1 : bytes.indexOf(lf, at);
      }
      for (; end !== -1 && !dead; end = bytes.indexOf(lf, at)) {
        line(bytes, at, end - at);
        at = end + 1;
      }
      if (!dead && at < bytes.length) keep(bytes.subarray(at));
      return handedOn;
    },
  };
}

/** Of the fields only `retry` begins with this letter, so that the first byte of a line is enough, wherever it is cut. */
function withoutRetry(bytes: Buffer, atLineStart: boolean): Buffer {
  let changed: Buffer | null = null;
  for (let at = bytes.indexOf(letterR); at !== -1; at = bytes.indexOf(letterR, at + 1)) {
    if (at === 0 ? !atLineStart : bytes[at - 1] !== lf) continue;
    changed ??= Buffer.from(bytes);
    changed[at] = colon;
  }
  return changed ?? bytes;
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
