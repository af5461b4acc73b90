import type { KeyChange } from '../core/delivery';
import type { DecodedEvent } from '../core/protocol';

/**
 * Which events were seen lately, for feeds without numbers: the newest `limit` keys. A key is the id alone where ids
 * are unique per event, else id and body hash, since some feeds reuse an id for every change of one thing.
 */
export class RecentKeys {
  private readonly keys: Set<string>;
  private added: string[] = [];
  private replaced = false;

  constructor(
    private readonly uniqueIds: boolean,
    private readonly limit: number,
    restored: readonly string[],
  ) {
    this.keys = new Set(restored.slice(-limit));
  }

  /** True the first time; an event without an id has no identity and always passes. */
  admit(event: DecodedEvent): boolean {
    if (event.id === null) return true;
    const key = this.keyOf(event.stream, event.id, event.body);
    if (this.keys.has(key)) return false;
    this.keys.add(key);
    this.added.push(key);
    if (this.keys.size > this.limit) {
      // A Set iterates in order of insertion: its first key is the oldest.
      for (const oldest of this.keys) {
        this.keys.delete(oldest);
        break;
      }
    }
    return true;
  }

  /** What changed since the last call, or the whole where `always`; null when nothing did. */
  takeChange(always: boolean): KeyChange | null {
    const { added } = this;
    if (!always && !this.replaced && added.length === 0) return null;
    this.added = [];
    const size = this.keys.size;
    if (always || this.replaced) {
      this.replaced = false;
      return { mode: 'replace', keys: [...this.keys], size };
    }
    return { mode: 'append', keys: added.slice(-size), size };
  }

  /** Goes back to what was known at an earlier point. */
  rewind(keys: readonly string[]): void {
    this.keys.clear();
    for (const key of keys.slice(-this.limit)) this.keys.add(key);
    this.replaced = true;
    this.added = [];
  }

  private keyOf(stream: string, id: string, body: string | Uint8Array): string {
    const name = id.length + stream.length <= longestName ? `${stream} ${id}` : hashText(`${stream} ${id}`);
    return this.uniqueIds ? name : `${name} ${typeof body === 'string' ? hashText(body) : hashBytes(body)}`;
  }
}

/** Ids longer than this are kept as their hash, so that the window is bounded in bytes too. */
const longestName = 120;

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

function hashBytes(bytes: Uint8Array): string {
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
