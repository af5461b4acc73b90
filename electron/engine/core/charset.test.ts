import { describe, expect, it } from 'vitest';
import { recoderOf } from './charset';

const head = (type: string) => ({ status: 200, headers: [['content-type', type]] as const });
const latin = 'text/event-stream; charset=ISO-8859-1';
const text = 'data: {"s":"éüß"}\n\n';

/** The stream in pieces of `size` bytes, as it is handed on. */
function through(type: string, bytes: Buffer, size: number): string {
  const recode = recoderOf(head(type));
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    pieces.push(recode === null ? piece : recode(piece));
  }
  return Buffer.concat(pieces).toString('utf8');
}

describe('a stream in another charset', () => {
  it('behaviour 55: is read in it, wherever it is cut', () => {
    for (const size of [1, 2, 5, 100]) {
      expect(through(latin, Buffer.from(text, 'latin1'), size)).toBe(text);
      expect(through('text/event-stream; charset=UTF-16LE', Buffer.from(text, 'utf16le'), size)).toBe(text);
    }
  });

  it('behaviour 55: that is UTF-8 all the same, as its standard says, stays what it is', () => {
    for (const size of [1, 2, 5, 100]) {
      expect(through(latin, Buffer.from(text), size)).toBe(text);
      expect(through(latin, Buffer.from('data: 🚀\n\n'), size)).toBe('data: 🚀\n\n');
    }
    expect(recoderOf(head('text/event-stream'))).toBeNull();
    expect(recoderOf(head('text/event-stream; charset=utf-8'))).toBeNull();
    expect(recoderOf(head('text/event-stream; charset=klingon'))).toBeNull();
  });
});
