const lf = 0x0a;
const [letterI, letterD, colon, space] = [0x69, 0x64, 0x3a, 0x20];
/** A longer line is not looked at: no id that long could be sent back in a header. */
const longestIdLine = 16 * 1024;
/** So many times the limit of a block are read for its id, and no more. */
const timesTheLimit = 4;

/**
 * Looks for the `id:` of a block that is given up already: fields come in any order (WHATWG HTML §9.2.6), and only its
 * place tells a server to go on behind it. Nothing else of it is kept.
 */
export class IdAhead {
  private line: Buffer[] = [];
  private lineBytes = 0;
  private bytesLeft: number;

  /** `inLine`: it begins within a line, which is data. */
  constructor(
    maxBytes: number,
    private inLine: boolean,
  ) {
    this.bytesLeft = maxBytes * timesTheLimit;
  }

  /** Takes bytes whose line ends are LF. The id once it is found, null once there is none, undefined until then. */
  feed(bytes: Buffer): string | null | undefined {
    let at = 0;
    while (at < bytes.length) {
      const end = bytes.indexOf(lf, at);
      const rest = bytes.subarray(at, end === -1 ? bytes.length : end);
      if (!this.inLine && this.lineBytes <= longestIdLine) this.line.push(rest);
      this.lineBytes += rest.length;
      if (end === -1) break;
      const found = this.lineEnded();
      if (found !== undefined) return found;
      at = end + 1;
    }
    this.bytesLeft -= bytes.length;
    return this.bytesLeft < 0 ? null : undefined;
  }

  private lineEnded(): string | null | undefined {
    const whole = !this.inLine && this.lineBytes <= longestIdLine ? Buffer.concat(this.line) : null;
    const blockEnded = !this.inLine && this.lineBytes === 0;
    this.inLine = false;
    this.line = [];
    this.lineBytes = 0;
    if (blockEnded) return null;
    return whole === null ? undefined : idOf(whole);
  }
}

function idOf(line: Buffer): string | undefined {
  if (line[0] !== letterI || line[1] !== letterD || line[2] !== colon || line.includes(0)) return undefined;
  return line.toString('utf8', line[3] === space ? 4 : 3);
}
