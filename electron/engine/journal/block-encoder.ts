import type { BlockEvent, BlockHeader, Column, EncodedBlock, Extent } from './block';
import { align, binaryFlag, blockChars, blockEvents, blockVersion, columnBytes, lateFlag } from './block';

const utf8 = new TextEncoder();
/** So short a text goes where Node puts small buffers: many share one, which is made, handed over and let go of once. */
const shortText = 1_024;

function bytesOf(text: string): Uint8Array {
  return text.length <= shortText ? Buffer.from(text) : utf8.encode(text);
}

/** Numbers the words of a column. A word that came last or last but one costs a comparison. */
class Dictionary {
  words: string[] = [];
  /** Characters in all words. */
  chars = 0;
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
        this.chars += word.length;
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
      this.chars = 0;
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

  /** No further event may be added: `finish` first. */
  get full(): boolean {
    const { chars, idChars, streams, epochs, types } = this;
    const all = chars + idChars + streams.chars + epochs.chars + types.chars;
    return this.count === blockEvents || all >= blockChars;
  }

  add(event: BlockEvent): void {
    const at = this.count;
    this.count = at + 1;
    const { position, sentAt, id, bytes } = event;
    let { body } = event;
    let flags = event.late ? lateFlag : 0;
    if (typeof body !== 'string') {
      flags |= binaryFlag;
      body = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64');
    }
    const { length } = body;
    this.bodies.push(body);
    this.length[at] = length;
    this.chars += length;
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
    const header: BlockHeader = {
      v: blockVersion,
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
      head: this.head(header),
      text: bytesOf(this.anyId ? this.ids.join('') + this.bodies.join('') : this.bodies.join('')),
      extents: this.extents(),
    };
    this.clear();
    return block;
  }

  private head(header: BlockHeader): Uint8Array {
    const json = JSON.stringify(header);
    const jsonBytes = Buffer.byteLength(json);
    const start = align(4 + jsonBytes);
    let size = start;
    for (const [name, width] of columnBytes) if (header.columns.includes(name)) size += width * header.n;
    const head = Buffer.allocUnsafe(size);
    head.writeUInt32LE(jsonBytes, 0);
    head.write(json, 4);
    // What lay there before is nobody's business.
    head.fill(0, 4 + jsonBytes, start);
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

  /** Lets go of what was added since the last block. */
  clear(): void {
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
  }
}
