/** Longer texts are read the slow way, characters. */
const room = 8_192;

/**
 * The characters of a text as numbers. A call to `charCodeAt` asks each time what kind of string that is (V8 has several);
 * copied once, the characters cost less to look at.
 */
export class TextCodes {
  private readonly units = new Uint16Array(room);
  /** The same memory, as what a text can be written into (UTF-16LE, as every machine we run on keeps numbers). */
  private readonly bytes = Buffer.from(this.units.buffer);

  /** Those of a text, until the next call; null where it is too long. */
  of(text: string): Uint16Array | null {
    if (text.length > room) return null;
    this.bytes.write(text, 0, 'utf16le');
    return this.units;
  }
}

/** The characters of a short text, kept. */
export function keptCodesOf(text: string): Uint16Array {
  return Uint16Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}
