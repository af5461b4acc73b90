/** Smaller chunks are copied together: a chunk of one byte costs a hundred as an object of its own. */
const smallBytes = 1024;
const blockBytes = 4096;
const none = new Uint8Array(0);

/** Bytes that came in chunks, in their order, in few pieces however small the chunks were. */
export class ByteQueue {
  /** Bytes in it. */
  length = 0;
  private pieces: Uint8Array[] = [];
  /** Being filled; it comes after the pieces. */
  private block: Uint8Array | null = null;
  private filled = 0;

  /** The chunk may be kept as it is. */
  add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.length += chunk.length;
    if (chunk.length >= smallBytes) {
      this.closeBlock();
      this.pieces.push(chunk);
    } else if (!this.fits(chunk)) {
      this.closeBlock();
      const last = this.pieces.at(-1);
      // One that stays alone is not copied.
      if (last === undefined || last.length >= smallBytes) return void this.pieces.push(chunk);
      this.pieces.pop();
      this.block = new Uint8Array(blockBytes);
      this.fill(last);
      this.fill(chunk);
    } else this.fill(chunk);
  }

  /** Takes out the first bytes, `most` at most, as they came. */
  takeSome(most: number): Uint8Array {
    if (this.pieces.length === 0) this.closeBlock();
    const first = this.pieces[0];
    if (first === undefined) return none;
    const taken = first.length <= most ? first : first.subarray(0, most);
    if (taken === first) this.pieces.shift();
    else this.pieces[0] = first.subarray(most);
    this.length -= taken.length;
    return taken;
  }

  /** Takes out everything. */
  takeAll(): Uint8Array {
    const all = this.whole();
    this.clear();
    return all;
  }

  /** Everything, which stays in. */
  whole(): Uint8Array {
    this.closeBlock();
    const [first = none] = this.pieces;
    if (this.pieces.length <= 1) return first;
    const all = Buffer.concat(this.pieces, this.length);
    this.pieces = [all];
    return all;
  }

  clear(): void {
    this.length = 0;
    this.pieces = [];
    this.block = null;
  }

  /** How many objects hold it. */
  count(): number {
    return this.pieces.length + (this.block === null ? 0 : 1);
  }

  private fits(chunk: Uint8Array): boolean {
    return this.block !== null && this.filled + chunk.length <= this.block.length;
  }

  private fill(chunk: Uint8Array): void {
    this.block?.set(chunk, this.filled);
    this.filled += chunk.length;
  }

  private closeBlock(): void {
    if (this.block !== null) this.pieces.push(this.block.subarray(0, this.filled));
    this.block = null;
    this.filled = 0;
  }
}
