import { ByteQueue } from '../core/byte-queue';

const lf = 0x0a;
const [letterI, letterD, colon, space] = [0x69, 0x64, 0x3a, 0x20];
/** A longer line is not looked at: no id that long could be sent back in a header. */
const longestIdLine = 16 * 1024;
/** So many times the limit of a block are read for its end, and no more. */
const timesTheLimit = 4;

/**
 * Reads a block that is given up to the blank line that ends it. Only its `id:` is kept, since fields come in any order
 * (WHATWG HTML §9.2.6) and its place tells a server to go on behind it.
 */
export class SkippedBlock {
  private readonly line = new ByteQueue();
  private lineBytes = 0;
  private bytesLeft: number;

  /** `inLine`: it begins within a line, which is data. `id`: its own, as far as it was read. */
  constructor(
    maxBytes: number,
    private inLine: boolean,
    private ownId: string | null,
  ) {
    this.bytesLeft = maxBytes * timesTheLimit;
  }

  /** Null where it has none, or none yet. */
  get id(): string | null {
    return this.ownId;
  }

  /** Its end is not waited for any longer. */
  get endless(): boolean {
    return this.bytesLeft < 0;
  }

  /** Takes bytes whose line ends are LF; returns where the next block begins in them, null where this one goes on. */
  feed(bytes: Buffer): number | null {
    let at = 0;
    while (at < bytes.length) {
      const end = bytes.indexOf(lf, at);
      const rest = bytes.subarray(at, end === -1 ? bytes.length : end);
      if (!this.inLine && this.lineBytes <= longestIdLine) this.line.add(rest);
      this.lineBytes += rest.length;
      if (end === -1) break;
      at = end + 1;
      if (this.lineEnded()) return at;
    }
    this.bytesLeft -= bytes.length;
    return null;
  }

  /** True where it was the blank one. */
  private lineEnded(): boolean {
    const blank = !this.inLine && this.lineBytes === 0;
    const whole = !this.inLine && this.lineBytes <= longestIdLine ? Buffer.from(this.line.takeAll()) : null;
    this.inLine = false;
    this.line.clear();
    this.lineBytes = 0;
    if (whole !== null) this.ownId = idOf(whole) ?? this.ownId;
    return blank;
  }
}

function idOf(line: Buffer): string | undefined {
  if (line[0] !== letterI || line[1] !== letterD || line[2] !== colon || line.includes(0)) return undefined;
  return line.toString('utf8', line[3] === space ? 4 : 3);
}
