/** 64 bits in two lanes (multiply and xor, as in FNV and MurmurHash), as text. Not against an adversary: a feed can always repeat an id. */
export function hashText(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return finish(a, b, text.length);
}

/** The same of bytes. */
export function hashBytes(bytes: Uint8Array): string {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes[at] ?? 0;
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return finish(a, b, bytes.length);
}

function finish(a: number, b: number, length: number): string {
  let mixed = Math.imul(a ^ (a >>> 16) ^ length, 0xc2b2ae35);
  mixed ^= mixed >>> 15;
  return (mixed >>> 0).toString(36) + (b >>> 0).toString(36);
}
