import type { SearchTerm } from '../../../shared/search';
import { isWordUnit } from '../../../shared/search';
import type { BlockReader } from './block-reader';

/**
 * A filter over the words of a packed block: it answers "certainly not" or "perhaps", so that a search opens only
 * blocks that may match. A Bloom filter of the whole words and of their beginnings of 3, 4, 5, 6 and 8 units, sized by folding
 * to a power of two. Built in idle time, so that ingest does not pay for search.
 */

const prefixes = [3, 4, 5, 6, 8];
const longestPrefix = 8;
const largestBits = 1 << 17;
const smallestBits = 1 << 10;
/** Folded while fewer than this share of the bits are set. */
const thin = 0.12;

const seed = 0x811c9dc5;
const prime = 0x01000193;
/** Tells a whole word from a beginning that is spelt the same. */
const wholeSalt = 0x9e3779b9;

interface WordHash {
  readonly a: number;
  readonly b: number;
}

function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** A second hash out of the upper half of the first: the lower half alone picks the first bit. */
function second(a: number): number {
  return (Math.imul((a >>> 16) | (a << 16), 0x27d4eb2f) | 1) >>> 0;
}

/** Gathers words into a filter. One is reused for block after block. */
class WordFilterBuilder {
  private readonly bits = new Uint8Array(largestBits >> 3);

  /** Adds the words of a text in lower case. */
  add(text: string): void {
    let hash = seed;
    let length = 0;
    const end = text.length;
    for (let at = 0; at < end; at++) {
      const unit = text.charCodeAt(at);
      if (isWordUnit(unit)) {
        hash = Math.imul(hash ^ unit, prime);
        length++;
        if (length >= 3 && length <= longestPrefix && length !== 7) this.set(finish(hash));
      } else if (length > 0) {
        this.set(finish(hash ^ wholeSalt));
        hash = seed;
        length = 0;
      }
    }
    if (length > 0) this.set(finish(hash ^ wholeSalt));
  }

  /** Adds the fields of a JSON text in lower case, as far as they can be told without parsing it. */
  addFields(text: string): void {
    for (let colon = text.indexOf('":'); colon >= 0; colon = text.indexOf('":', colon + 2)) {
      const open = text.lastIndexOf('"', colon - 1);
      const value = open < 0 ? null : literalAt(text, colon + 2);
      if (value !== null) this.set(finish(hash(`${text.slice(open + 1, colon)}=${value}`)));
    }
  }

  /** The filter of everything added since the last one. */
  finish(): Uint8Array {
    let size = largestBits >> 3;
    let set = 0;
    for (let at = 0; at < size; at++) set += ones[this.bits[at] as number] as number;
    while (size > smallestBits >> 3 && set < thin * size * 8) {
      size >>= 1;
      set = 0;
      for (let at = 0; at < size; at++) {
        const folded = (this.bits[at] as number) | (this.bits[at + size] as number);
        this.bits[at] = folded;
        set += ones[folded] as number;
      }
    }
    const filter = this.bits.slice(0, size);
    this.bits.fill(0);
    return filter;
  }

  private set(a: number): void {
    const mask = largestBits - 1;
    const b = second(a);
    for (let turn = 0; turn < 3; turn++) {
      const bit = (a + Math.imul(turn, b)) & mask;
      this.bits[bit >> 3] = (this.bits[bit >> 3] as number) | (1 << (bit & 7));
    }
  }
}

const builder = new WordFilterBuilder();

/** The filter of a block: what a search looks at in its events. */
export function filterOfBlock(block: BlockReader): Uint8Array {
  const lower = block.lowerText();
  for (const word of [...block.types, ...block.streams]) builder.add(word.toLowerCase());
  for (let at = 0; at < block.count; at++) {
    const body = lower === null ? block.body(at).toLowerCase() : lower.slice(block.start(at), block.start(at + 1));
    builder.add(body);
    builder.addFields(body);
    const id = block.id(at);
    if (id !== null) builder.add(id.toLowerCase());
  }
  return builder.finish();
}

const ones = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) count++;
  return count;
});

/** What a block's filter must hold for the terms to match in it; empty when it cannot help. */
export function wordHashes(terms: readonly SearchTerm[]): readonly WordHash[] {
  return terms.flatMap(hashesOfTerm);
}

function hashesOfTerm(term: SearchTerm): readonly WordHash[] {
  switch (term.kind) {
    case 'text':
      return hashesOf(term.text, term.whole);
    case 'type':
    case 'stream':
      return hashesOf(term.value.toLowerCase(), true);
    case 'field':
      return hashesOfField(term.path[term.path.length - 1] ?? '', term.value);
  }
}

/** Nothing in these is ever escaped in JSON. */
const plainKey = /^[a-z_]\w*$/i;
const plainValue = /^[\w .:,;@+-]*$/;
const longestLiteral = 64;

function hashesOfField(key: string, value: string): readonly WordHash[] {
  if (!plainKey.test(key)) return [];
  const name = key.toLowerCase();
  if (!plainValue.test(value) || value.length > longestLiteral / 2) return hashesOf(name, true);
  const number = value.trim() === '' ? Number.NaN : Number(value);
  // A number may also stand as text; that is spelt as asked for, and both cannot be demanded at once.
  if (!Number.isNaN(number)) return String(number) === value ? [pair(hash(`${name}=${value}`))] : hashesOf(name, true);
  return [pair(hash(`${name}=${value.toLowerCase()}`))];
}

/** The text, number or word of a JSON value at a place, as `hashesOfField` spells it; null for anything else. */
function literalAt(text: string, from: number): string | null {
  let start = from;
  while (text.charCodeAt(start) === 32) start++;
  if (text.charCodeAt(start) === 34) {
    const end = text.indexOf('"', start + 1);
    return end < 0 || end - start > longestLiteral ? null : text.slice(start + 1, end);
  }
  let end = start;
  for (let unit = text.charCodeAt(end); isLiteralUnit(unit); unit = text.charCodeAt(end)) end++;
  if (end === start || end - start > longestLiteral) return null;
  const literal = text.slice(start, end);
  const number = Number(literal);
  return Number.isNaN(number) ? literal : String(number);
}

function isLiteralUnit(unit: number): boolean {
  return (unit >= 48 && unit <= 57) || (unit >= 97 && unit <= 122) || unit === 43 || unit === 45 || unit === 46;
}

function hashesOf(text: string, whole: boolean): readonly WordHash[] {
  const hashes: WordHash[] = [];
  let word = '';
  for (let at = 0; at <= text.length; at++) {
    const unit = at < text.length ? text.charCodeAt(at) : 0;
    if (at < text.length && isWordUnit(unit)) {
      word += text[at];
      continue;
    }
    if (word === '') continue;
    // A word is known whole when something after it ends it.
    if (at < text.length || whole) hashes.push(pair(hash(word) ^ wholeSalt));
    else {
      const length = prefixes.findLast((prefix) => prefix <= word.length);
      if (length !== undefined) hashes.push(pair(hash(word.slice(0, length))));
    }
    word = '';
  }
  return hashes;
}

function hash(word: string): number {
  let value = seed;
  for (let at = 0; at < word.length; at++) value = Math.imul(value ^ word.charCodeAt(at), prime);
  return value;
}

function pair(raw: number): WordHash {
  const a = finish(raw);
  return { a, b: second(a) };
}

/** Whether a filter may hold all of the hashes. */
export function mayHold(filter: Uint8Array, hashes: readonly WordHash[]): boolean {
  const mask = filter.byteLength * 8 - 1;
  for (const { a, b } of hashes) {
    for (let turn = 0; turn < 3; turn++) {
      const bit = (a + Math.imul(turn, b)) & mask;
      if (((filter[bit >> 3] as number) & (1 << (bit & 7))) === 0) return false;
    }
  }
  return true;
}
