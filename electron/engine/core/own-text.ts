/** V8 makes a part of a text a view of the whole from this length on. */
const shortestView = 13;

/**
 * The same text in memory of its own. A part that was cut out of a text holds on to all of it, for as long as the part
 * is kept: a name of 20 characters to its message of 16 MB. What outlives its message is kept as its own.
 */
export function ownText(text: string): string {
  if (text.length < shortestView) return text;
  // Latin-1 takes a byte for a character where that is enough.
  const encoding = wide.test(text) ? 'utf16le' : 'latin1';
  return Buffer.from(text, encoding).toString(encoding);
}

const wide = /[\u0100-\uffff]/;

/** So much more than itself a part may hold on to, characters: a head, or what is left of a small message. */
const heldAlong = 1_024;

/** A part of `whole` that may be kept: as its own where it is the smaller half of it, so that it holds at most about twice what it is. */
export function ownPart(part: string, whole: string): string {
  return whole.length > 2 * part.length + heldAlong ? ownText(part) : part;
}
