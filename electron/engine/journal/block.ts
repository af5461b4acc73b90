/**
 * The journal's unit of storage: some hundred events of one source, in the order they were delivered.
 *
 * A block is two pieces. `head` holds everything but the bodies, by column: a 4-byte length, a JSON header with the
 * dictionaries, then the columns in the order of `columnsOf`, the widest first so that each is aligned. `text` holds the
 * ids, then the bodies, joined without separators; lengths in the head (UTF-16 units) tell them apart. Columns that say
 * nothing (one stream only, no ids, ordinals without holes) are left out. Little-endian, as every platform we run on.
 */

const version = 1;
const utf8 = new TextEncoder();
const nothing = new Uint8Array(0);
const late = 1;
const binary = 2;

/** Events per block, and UTF-16 units of text after which one is closed early. */
export const blockEvents = 512;
export const blockChars = 256 * 1024;

type Column =
  | 'received'
  | 'sent'
  | 'seq'
  | 'ordinal'
  | 'length'
  | 'bytes'
  | 'id'
  | 'stream'
  | 'epoch'
  | 'type'
  | 'flags';

const columnBytes: readonly (readonly [Column, number])[] = [
  ['received', 8],
  ['sent', 8],
  ['seq', 8],
  ['ordinal', 8],
  ['length', 4],
  ['bytes', 4],
  ['id', 4],
  ['stream', 2],
  ['epoch', 2],
  ['type', 2],
  ['flags', 1],
];

interface Header {
  readonly v: number;
  readonly n: number;
  readonly first: number;
  readonly streams: readonly string[];
  readonly epochs: readonly string[];
  readonly types: readonly string[];
  readonly columns: readonly Column[];
  readonly idChars: number;
}

/** An event as it goes into a block. */
export interface BlockEvent {
  readonly ordinal: number;
  readonly stream: string;
  readonly position: { readonly epoch: string; readonly seq: number } | null;
  readonly id: string | null;
  readonly type: string;
  readonly sentAt: number | null;
  readonly receivedAt: number;
  readonly body: string | Uint8Array;
  readonly bytes: number;
  readonly late: boolean;
}

/** The numbers of one (stream, epoch) that a block holds, both ends included. */
export type Extent = readonly [stream: string, epoch: string, low: number, high: number];

/** A finished block, with what is indexed of it. Times are wall clock, epoch ms. */
export interface EncodedBlock {
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Sum of the bodies' lengths, bytes. */
  readonly bytes: number;
  readonly head: Uint8Array;
  /** UTF-8. */
  readonly text: Uint8Array;
  readonly extents: readonly Extent[];
}

/** Numbers the words of a column. A word that came last or last but one costs a comparison. */
class Dictionary {
  words: string[] = [];
  private places = new Map<string, number>();
  private lastWord: string | null = null;
  private lastPlace = 0;
  private otherWord: string | null = null;
  private otherPlace = 0;

  place(word: string): number {
    if (word === this.lastWord) return this.lastPlace;
    const { lastWord, lastPlace } = this;
    if (word === this.otherWord) this.lastPlace = this.otherPlace;
    else {
      let place = this.places.get(word);
      if (place === undefined) {
        place = this.words.length;
        this.words.push(word);
        this.places.set(word, place);
      }
      this.lastPlace = place;
    }
    this.otherWord = lastWord;
    this.otherPlace = lastPlace;
    this.lastWord = word;
    return this.lastPlace;
  }

  clear(): void {
    if (this.words.length > 0) {
      this.words = [];
      this.places.clear();
    }
    this.lastWord = null;
    this.otherWord = null;
  }
}

/**
 * Gathers events into one block. Runs on the main thread for every event there is: columns are written into scratch
 * arrays, bodies are only remembered; `finish` joins them.
 */
export class BlockEncoder {
  count = 0;
  chars = 0;

  private readonly received = new Float64Array(blockEvents);
  private readonly sent = new Float64Array(blockEvents);
  private readonly seq = new Float64Array(blockEvents);
  private readonly ordinal = new Float64Array(blockEvents);
  private readonly length = new Uint32Array(blockEvents);
  private readonly bytes = new Uint32Array(blockEvents);
  private readonly id = new Int32Array(blockEvents);
  private readonly stream = new Uint16Array(blockEvents);
  private readonly epoch = new Uint16Array(blockEvents);
  private readonly type = new Uint16Array(blockEvents);
  private readonly flags = new Uint8Array(blockEvents);
  private readonly streams = new Dictionary();
  private readonly epochs = new Dictionary();
  private readonly types = new Dictionary();
  private bodies: string[] = [];
  private ids: string[] = [];
  private anySent = false;
  private anySeq = false;
  private anyBytes = false;
  private anyFlags = false;
  private anyId = false;
  private idChars = 0;
  private totalBytes = 0;

  /** No further event may be added: `finish` first. */
  get full(): boolean {
    return this.count === blockEvents || this.chars >= blockChars;
  }

  add(event: BlockEvent): void {
    const at = this.count;
    this.count = at + 1;
    const { position, sentAt, id, bytes } = event;
    let { body } = event;
    let flags = event.late ? late : 0;
    if (typeof body !== 'string') {
      flags |= binary;
      body = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64');
    }
    const { length } = body;
    this.bodies.push(body);
    this.length[at] = length;
    this.chars += length;
    this.totalBytes += bytes;
    this.ordinal[at] = event.ordinal;
    this.received[at] = event.receivedAt;
    this.stream[at] = this.streams.place(event.stream);
    this.type[at] = this.types.place(event.type);
    // Columns that say nothing so far are written only once they say something; what was skipped is then made up for.
    if (position !== null) {
      if (!this.anySeq) {
        this.anySeq = true;
        this.seq.fill(Number.NaN, 0, at);
      }
      this.seq[at] = position.seq;
      this.epoch[at] = this.epochs.place(position.epoch);
    } else if (this.anySeq) this.seq[at] = Number.NaN;
    if (sentAt !== null) {
      if (!this.anySent) {
        this.anySent = true;
        this.sent.fill(Number.NaN, 0, at);
      }
      this.sent[at] = sentAt;
    } else if (this.anySent) this.sent[at] = Number.NaN;
    if (this.anyBytes) this.bytes[at] = bytes;
    else if (bytes !== length) {
      this.anyBytes = true;
      this.bytes.set(this.length.subarray(0, at));
      this.bytes[at] = bytes;
    }
    if (this.anyFlags) this.flags[at] = flags;
    else if (flags !== 0) {
      this.anyFlags = true;
      this.flags.fill(0, 0, at);
      this.flags[at] = flags;
    }
    if (id !== null) {
      if (!this.anyId) {
        this.anyId = true;
        this.id.fill(-1, 0, at);
      }
      this.id[at] = id.length;
      this.idChars += id.length;
      this.ids.push(id);
    } else if (this.anyId) this.id[at] = -1;
  }

  /** The block of everything added since the last one; at least one event must have been. */
  finish(): EncodedBlock {
    const n = this.count;
    const first = this.ordinal[0] ?? 0;
    const last = this.ordinal[n - 1] ?? first;
    let firstAt = Number.POSITIVE_INFINITY;
    let lastAt = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < n; at++) {
      const time = this.received[at] as number;
      if (time < firstAt) firstAt = time;
      if (time > lastAt) lastAt = time;
    }
    const columns: Column[] = ['received'];
    if (this.anySent) columns.push('sent');
    if (this.anySeq) columns.push('seq');
    if (last - first !== n - 1) columns.push('ordinal');
    columns.push('length');
    if (this.anyBytes) columns.push('bytes');
    if (this.anyId) columns.push('id');
    if (this.streams.words.length > 1) columns.push('stream');
    if (this.epochs.words.length > 1) columns.push('epoch');
    if (this.types.words.length > 1) columns.push('type');
    if (this.anyFlags) columns.push('flags');
    const header: Header = {
      v: version,
      n,
      first,
      streams: this.streams.words,
      epochs: this.epochs.words,
      types: this.types.words,
      columns,
      idChars: this.idChars,
    };
    const block: EncodedBlock = {
      count: n,
      first,
      last,
      firstAt,
      lastAt,
      bytes: this.totalBytes,
      head: this.head(header),
      text: utf8.encode(this.anyId ? this.ids.join('') + this.bodies.join('') : this.bodies.join('')),
      extents: this.extents(),
    };
    this.reset();
    return block;
  }

  private head(header: Header): Uint8Array {
    const json = JSON.stringify(header);
    const jsonBytes = Buffer.byteLength(json);
    const start = align(4 + jsonBytes);
    let size = start;
    for (const [name, width] of columnBytes) if (header.columns.includes(name)) size += width * header.n;
    const head = new Uint8Array(size);
    new DataView(head.buffer).setUint32(0, jsonBytes, true);
    Buffer.from(head.buffer).write(json, 4);
    let offset = start;
    for (const [name, width] of columnBytes) {
      if (!header.columns.includes(name)) continue;
      const source = this[name];
      head.set(new Uint8Array(source.buffer, 0, width * header.n), offset);
      offset += width * header.n;
    }
    return head;
  }

  private extents(): Extent[] {
    if (!this.anySeq) return [];
    const n = this.count;
    if (this.streams.words.length === 1 && this.epochs.words.length === 1) {
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let at = 0; at < n; at++) {
        const seq = this.seq[at] as number;
        if (seq < low) low = seq;
        if (seq > high) high = seq;
      }
      return [[this.streams.words[0] as string, this.epochs.words[0] as string, low, high]];
    }
    const found = new Map<number, [string, string, number, number]>();
    for (let at = 0; at < n; at++) {
      const seq = this.seq[at] as number;
      if (Number.isNaN(seq)) continue;
      const stream = this.stream[at] as number;
      const epoch = this.epoch[at] as number;
      const key = stream * 65_536 + epoch;
      const extent = found.get(key);
      if (!extent) found.set(key, [this.streams.words[stream] ?? '', this.epochs.words[epoch] ?? '', seq, seq]);
      else {
        if (seq < extent[2]) extent[2] = seq;
        if (seq > extent[3]) extent[3] = seq;
      }
    }
    return [...found.values()];
  }

  private reset(): void {
    this.count = 0;
    this.chars = 0;
    this.bodies = [];
    this.ids = [];
    this.streams.clear();
    this.epochs.clear();
    this.types.clear();
    this.anySent = false;
    this.anySeq = false;
    this.anyBytes = false;
    this.anyFlags = false;
    this.anyId = false;
    this.idChars = 0;
    this.totalBytes = 0;
  }
}

function align(offset: number): number {
  return (offset + 7) & ~7;
}

/** A stored block, read back. Nothing is copied out of it until asked for. */
export class BlockReader {
  readonly count: number;
  readonly streams: readonly string[];
  readonly epochs: readonly string[];
  readonly types: readonly string[];

  private readonly header: Header;
  private readonly places = new Map<Column, number>();
  private readonly view: DataView;
  private lower: string | null = null;
  private starts: Uint32Array | null = null;
  private idStarts: Uint32Array | null = null;

  private readonly ascii: boolean;
  readonly text: string;

  /** `text` may be left out where only the columns are of interest. Throws a RangeError on a malformed head. */
  constructor(head: Uint8Array, text: Uint8Array = nothing) {
    this.view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const jsonBytes = this.view.getUint32(0, true);
    if (4 + jsonBytes > head.byteLength) throw new RangeError('block header cut short');
    this.header = JSON.parse(Buffer.from(head.buffer, head.byteOffset + 4, jsonBytes).toString()) as Header;
    if (this.header.v !== version) throw new RangeError(`block version ${this.header.v}`);
    let offset = align(4 + jsonBytes);
    for (const [name, width] of columnBytes) {
      if (!this.header.columns.includes(name)) continue;
      this.places.set(name, offset);
      offset += width * this.header.n;
    }
    if (offset > head.byteLength) throw new RangeError('block columns cut short');
    this.count = this.header.n;
    this.ascii = text.byteLength === this.header.idChars + this.chars();
    this.text = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString(this.ascii ? 'latin1' : 'utf8');
    this.streams = this.header.streams;
    this.epochs = this.header.epochs;
    this.types = this.header.types;
  }

  receivedAt(at: number): number {
    return this.f64('received', at);
  }

  sentAt(at: number): number | null {
    if (!this.places.has('sent')) return null;
    const value = this.f64('sent', at);
    return Number.isNaN(value) ? null : value;
  }

  /** Null where the event has no number. */
  seq(at: number): number | null {
    if (!this.places.has('seq')) return null;
    const value = this.f64('seq', at);
    return Number.isNaN(value) ? null : value;
  }

  epoch(at: number): string | null {
    if (this.seq(at) === null) return null;
    return this.epochs[this.u16('epoch', at)] ?? null;
  }

  ordinal(at: number): number {
    return this.places.has('ordinal') ? this.f64('ordinal', at) : this.header.first + at;
  }

  stream(at: number): string {
    return this.streams[this.u16('stream', at)] ?? '';
  }

  type(at: number): string {
    return this.types[this.u16('type', at)] ?? '';
  }

  late(at: number): boolean {
    return (this.u8('flags', at) & late) !== 0;
  }

  binary(at: number): boolean {
    return (this.u8('flags', at) & binary) !== 0;
  }

  /** Length of the body as received, bytes. */
  bytes(at: number): number {
    return this.places.has('bytes') ? this.u32('bytes', at) : this.u32('length', at);
  }

  id(at: number): string | null {
    if (!this.places.has('id')) return null;
    this.idStarts ??= this.sum('id');
    const length = this.i32('id', at);
    const start = this.idStarts[at] ?? 0;
    return length < 0 ? null : this.text.slice(start, start + length);
  }

  /** Where the body of an event begins in `text`; `start(count)` is the end of the last. */
  start(at: number): number {
    this.starts ??= this.sum('length', this.header.idChars);
    return this.starts[at] ?? 0;
  }

  /** The body's text; base64 where `binary`. */
  body(at: number): string {
    return this.text.slice(this.start(at), this.start(at + 1));
  }

  /** The whole text in lower case, place for place; null where lower-casing might move things. */
  lowerText(): string | null {
    if (!this.ascii) return null;
    this.lower ??= this.text.toLowerCase();
    return this.lower;
  }

  /** The event of a place in `text`, or -1 inside the ids. */
  indexOf(offset: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.start(middle + 1) <= offset) low = middle + 1;
      else high = middle;
    }
    return offset < this.start(0) ? -1 : low;
  }

  /** First event with an ordinal ≥ `ordinal`, `count` when there is none. */
  firstAtOrAfter(ordinal: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ordinal(middle) < ordinal) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** An event as it was put in. */
  event(at: number): BlockEvent {
    const seq = this.seq(at);
    const body = this.body(at);
    return {
      ordinal: this.ordinal(at),
      stream: this.stream(at),
      position: seq === null ? null : { epoch: this.epoch(at) ?? '', seq },
      id: this.id(at),
      type: this.type(at),
      sentAt: this.sentAt(at),
      receivedAt: this.receivedAt(at),
      body: this.binary(at) ? Buffer.from(body, 'base64') : body,
      bytes: this.bytes(at),
      late: this.late(at),
    };
  }

  private chars(): number {
    let total = 0;
    for (let at = 0; at < this.count; at++) total += this.u32('length', at);
    return total;
  }

  private sum(column: 'length' | 'id', from = 0): Uint32Array {
    const sums = new Uint32Array(this.count + 1);
    let total = from;
    for (let at = 0; at < this.count; at++) {
      sums[at] = total;
      total += Math.max(0, this.i32(column, at));
    }
    sums[this.count] = total;
    return sums;
  }

  private f64(column: Column, at: number): number {
    return this.view.getFloat64((this.places.get(column) ?? 0) + at * 8, true);
  }

  private u32(column: Column, at: number): number {
    return this.view.getUint32((this.places.get(column) ?? 0) + at * 4, true);
  }

  private i32(column: Column, at: number): number {
    return this.view.getInt32((this.places.get(column) ?? 0) + at * 4, true);
  }

  /** A dictionary column that is left out has one word: the first. */
  private u16(column: Column, at: number): number {
    const place = this.places.get(column);
    return place === undefined ? 0 : this.view.getUint16(place + at * 2, true);
  }

  private u8(column: Column, at: number): number {
    const place = this.places.get(column);
    return place === undefined ? 0 : this.view.getUint8(place + at);
  }
}
