import type { SearchTerm } from '../../../shared/search';
import { findText, matchesField } from '../../../shared/search';
import type { BlockReader } from './block-reader';

/** What an event must be, beside its place. */
export interface EventFilter {
  readonly terms: readonly SearchTerm[];
  readonly stream: string | null;
  readonly epoch: string | null;
  readonly type: string | null;
  /** Received at or after / before, wall clock epoch ms. */
  readonly since: number | null;
  readonly before: number | null;
}

/** Marks the events of a block that pass the filter; null when none does. Cheap tests first, bodies last. */
export function scanBlock(block: BlockReader, filter: EventFilter): Uint8Array | null {
  const marks = new Uint8Array(block.count).fill(1);
  let left = columns(block, filter, marks);
  for (const term of filter.terms) {
    if (left === 0) return null;
    switch (term.kind) {
      case 'type':
        left = keep(marks, (at) => same(block.type(at), term.value));
        break;
      case 'stream':
        left = keep(marks, (at) => same(block.stream(at), term.value));
        break;
      case 'text':
        left = text(block, term.text, term.whole, marks);
        break;
      case 'field':
        left = field(block, term.path, term.value, marks);
        break;
    }
  }
  return left === 0 ? null : marks;
}

function same(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}

function keep(marks: Uint8Array, test: (at: number) => boolean): number {
  let left = 0;
  for (let at = 0; at < marks.length; at++) {
    if (marks[at] === 0) continue;
    if (test(at)) left++;
    else marks[at] = 0;
  }
  return left;
}

function columns(block: BlockReader, filter: EventFilter, marks: Uint8Array): number {
  const { stream, epoch, type, since, before } = filter;
  if (stream !== null && !block.streams.includes(stream)) return 0;
  if (type !== null && !block.types.includes(type)) return 0;
  if (epoch !== null && !block.epochs.includes(epoch)) return 0;
  if (stream === null && epoch === null && type === null && since === null && before === null) return marks.length;
  return keep(marks, (at) => {
    if (stream !== null && block.stream(at) !== stream) return false;
    if (type !== null && block.type(at) !== type) return false;
    if (epoch !== null && block.epoch(at) !== epoch) return false;
    if (since !== null && block.receivedAt(at) < since) return false;
    return before === null || block.receivedAt(at) < before;
  });
}

/** Words in the bodies are looked for in the whole block at once, from hit to hit. */
function text(block: BlockReader, needle: string, whole: boolean, marks: Uint8Array): number {
  const hits = new Uint8Array(block.count);
  const lower = block.lowerText();
  if (lower === null) {
    for (let at = 0; at < block.count; at++) {
      if (findText(block.body(at).toLowerCase(), needle, whole) >= 0) hits[at] = 1;
    }
  } else {
    searchJoined(block, lower, needle, whole, hits);
  }
  const types = new Map<string, boolean>();
  const named = (word: string): boolean => {
    let hit = types.get(word);
    if (hit === undefined) {
      hit = findText(word.toLowerCase(), needle, whole) >= 0;
      types.set(word, hit);
    }
    return hit;
  };
  return keep(marks, (at) => {
    if (hits[at] === 1 || named(block.type(at)) || named(block.stream(at))) return true;
    const id = block.id(at);
    return id !== null && findText(id.toLowerCase(), needle, whole) >= 0;
  });
}

function searchJoined(block: BlockReader, lower: string, needle: string, whole: boolean, hits: Uint8Array): void {
  let from = block.start(0);
  for (;;) {
    const rough = lower.indexOf(needle, from);
    if (rough < 0) return;
    const at = block.indexOf(rough);
    const start = block.start(at);
    const end = block.start(at + 1);
    // Bodies are joined without separators, so a hit is judged inside its own body only.
    if (rough + needle.length <= end && findText(lower.slice(start, end), needle, whole) >= 0) hits[at] = 1;
    from = rough + needle.length > end && rough + 1 < end ? rough + 1 : end;
    if (from <= rough) from = rough + 1;
  }
}

/** Only bodies that have the key with the value right behind it are parsed. */
function field(block: BlockReader, path: readonly string[], value: string, marks: Uint8Array): number {
  const key = path[path.length - 1] ?? '';
  const judged = /^\d+$/.test(key) ? null : spelledFields(block, key, value);
  return keep(marks, (at) => (judged === null || judged[at] === 1) && matchesField(block.body(at), path, value));
}

function spelledFields(block: BlockReader, key: string, value: string): Uint8Array {
  const hits = new Uint8Array(block.count);
  const { text } = block;
  const needle = JSON.stringify(key);
  const wanted = value.toLowerCase();
  const number = value.trim() === '' ? Number.NaN : Number(value);
  let at = text.indexOf(needle, block.start(0));
  for (; at >= 0; at = text.indexOf(needle, at + needle.length)) {
    const colon = skipSpace(text, at + needle.length);
    if (text.charCodeAt(colon) !== 58) continue;
    const start = skipSpace(text, colon + 1);
    if (mayEqual(text, start, wanted, number)) hits[block.indexOf(at)] = 1;
  }
  return hits;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (let unit = text.charCodeAt(at); unit === 32 || (unit >= 9 && unit <= 13); unit = text.charCodeAt(at)) at++;
  return at;
}

/** Whether the JSON literal at a place may be the value; certain only where it says no. */
function mayEqual(text: string, start: number, wanted: string, number: number): boolean {
  const first = text.charCodeAt(start);
  if (first === 34) {
    const end = text.indexOf('"', start + 1);
    const literal = text.slice(start + 1, end);
    return literal.includes('\\') || literal.toLowerCase() === wanted;
  }
  if ((first === 45 && !text.startsWith('-I', start)) || (first >= 48 && first <= 57)) {
    let end = start + 1;
    for (let unit = text.charCodeAt(end); isNumberUnit(unit); unit = text.charCodeAt(end)) end++;
    return Number(text.slice(start, end)) === number;
  }
  // `NaN` and `-Infinity` have capitals.
  return text.slice(start, start + wanted.length).toLowerCase() === wanted;
}

function isNumberUnit(unit: number): boolean {
  return (unit >= 48 && unit <= 57) || unit === 46 || unit === 45 || unit === 43 || unit === 69 || unit === 101;
}
