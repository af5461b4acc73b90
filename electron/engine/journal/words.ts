import type { SearchTerm } from '../../../shared/search';
import { isWordUnit } from '../../../shared/search';

/**
 * A filter over the words of a packed block: it answers "certainly not" or "perhaps", so that a search opens only
 * blocks that may match. A Bloom filter of the whole words and of their beginnings of 3, 5 and 8 units, sized by folding
 * to a power of two. Built in idle time, so that ingest does not pay for search.
 */

const prefixes = [3, 5, 8];
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

function second(a: number): number {
  return (Math.imul(a ^ 0x5bd1e995, 0x27d4eb2f) | 1) >>> 0;
}

/** Gathers words into a filter. One is reused for block after block. */
export class WordFilterBuilder {
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
        if (length === 3 || length === 5 || length === 8) this.set(finish(hash));
      } else if (length > 0) {
        this.set(finish(hash ^ wholeSalt));
        hash = seed;
        length = 0;
      }
    }
    if (length > 0) this.set(finish(hash ^ wholeSalt));
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

const ones = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) count++;
  return count;
});

/** What a block's filter must hold for the terms to match in it; empty when it cannot help. */
export function wordHashes(terms: readonly SearchTerm[]): readonly WordHash[] {
  return terms.flatMap((term) => {
    switch (term.kind) {
      case 'text':
        return hashesOf(term.text, term.whole);
      case 'field':
        return [
          ...term.path.filter((step) => /^[a-z]\w*$/i.test(step)).flatMap((step) => hashesOf(step.toLowerCase(), true)),
          // A number may be spelt in many ways; anything escaped in JSON is spelt otherwise too.
          ...(/^[\w .:-]*[a-z][\w .:-]*$/i.test(term.value) && Number.isNaN(Number(term.value))
            ? hashesOf(term.value.toLowerCase(), true)
            : []),
        ];
      case 'type':
      case 'stream':
        return hashesOf(term.value.toLowerCase(), true);
    }
  });
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
