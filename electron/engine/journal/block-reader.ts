import type { BlockEvent, BlockHeader, Column } from './block';
import { align, binaryFlag, blockVersion, columnBytes, lateFlag } from './block';

const nothing = new Uint8Array(0);

/** A stored block, read back. Nothing is copied out of it until asked for. */
export class BlockReader {
  readonly count: number;
  readonly streams: readonly string[];
  readonly epochs: readonly string[];
  readonly types: readonly string[];

  private readonly header: BlockHeader;
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
    this.header = JSON.parse(Buffer.from(head.buffer, head.byteOffset + 4, jsonBytes).toString()) as BlockHeader;
    if (this.header.v !== blockVersion) throw new RangeError(`block version ${this.header.v}`);
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
    return (this.u8('flags', at) & lateFlag) !== 0;
  }

  binary(at: number): boolean {
    return (this.u8('flags', at) & binaryFlag) !== 0;
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
