import { holdsMore } from '../../../shared/json-size';

/**
 * Finds members and elements in JSON text without turning anything into numbers, so that bodies keep their digits
 * (2⁵³ + 1, `127.0`). It trusts nothing: text of another shape gives null. It does not recurse, so depth costs nothing.
 */

/** Where a value stands in the text: `start` its first character, `end` the one after its last. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

export function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

/** Position after the string that begins at `from` (a quote); -1 when it does not end. */
export function skipString(text: string, from: number): number {
  let end = text.indexOf('"', from + 1);
  while (end !== -1) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return end + 1;
    end = text.indexOf('"', end + 1);
  }
  return -1;
}

/** Position after the value that begins at `from`; -1 when there is none or it does not end. */
export function skipValue(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === quote) return skipString(text, from);
  if (first === 0x7b || first === 0x5b) return skipNested(text, from);
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === comma || code === 0x7d || code === 0x5d || isSpace(code)) break;
    at += 1;
  }
  return at === from ? -1 : at;
}

/** Position after the object or array that begins at `from`. Kinds of brackets are not matched: JSON.parse judges the slice. */
function skipNested(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = skipString(text, at);
      if (at === -1) return -1;
      continue;
    }
    if (code === 0x7b || code === 0x5b) depth += 1;
    else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
    at += 1;
  }
  return -1;
}

/**
 * The members of the object that `text` is. A name that comes twice keeps its last place, as JSON.parse does.
 * Null when the text is no object, or has more than `maxMembers`.
 */
export function membersOf(text: string, maxMembers = 1000): ReadonlyMap<string, Slice> | null {
  let at = skipSpace(text, 0);
  if (text[at] !== '{') return null;
  const members = new Map<string, Slice>();
  at = skipSpace(text, at + 1);
  if (text[at] === '}') return skipSpace(text, at + 1) === text.length ? members : null;
  while (at < text.length && members.size <= maxMembers) {
    if (text.charCodeAt(at) !== quote) return null;
    const nameEnd = skipString(text, at);
    if (nameEnd === -1) return null;
    const name = parseString(text.slice(at, nameEnd));
    at = skipSpace(text, nameEnd);
    if (name === null || text.charCodeAt(at) !== colon) return null;
    const start = skipSpace(text, at + 1);
    const end = skipValue(text, start);
    if (end === -1) return null;
    members.set(name, { start, end });
    at = skipSpace(text, end);
    const next = text.charCodeAt(at);
    if (next === 0x7d) return skipSpace(text, at + 1) === text.length ? members : null;
    if (next !== comma) return null;
    at = skipSpace(text, at + 1);
  }
  return null;
}

/** The elements of the array at `slice` (the whole text by default); null when it is no array or has more than `maxElements`. */
export function elementsOf(text: string, slice?: Slice, maxElements = 100_000): readonly Slice[] | null {
  const limit = slice?.end ?? text.length;
  let at = skipSpace(text, slice?.start ?? 0);
  if (text[at] !== '[') return null;
  const elements: Slice[] = [];
  at = skipSpace(text, at + 1);
  if (text[at] === ']') return skipSpace(text, at + 1) >= limit ? elements : null;
  while (at < limit && elements.length <= maxElements) {
    const end = skipValue(text, at);
    if (end === -1 || end > limit) return null;
    elements.push({ start: at, end });
    at = skipSpace(text, end);
    const next = text.charCodeAt(at);
    if (next === 0x5d) return skipSpace(text, at + 1) >= limit ? elements : null;
    if (next !== comma) return null;
    at = skipSpace(text, at + 1);
  }
  return null;
}

function parseString(text: string): string | null {
  if (!text.includes('\\')) return text.slice(1, -1);
  const value = parseJson(text);
  return value.ok && typeof value.value === 'string' ? value.value : null;
}

/** Values nested deeper than this are not handed on: whoever walks one may recurse. */
const maxDepth = 200;
/** Below this length the deepest possible value is harmless, and most bodies are shorter: they are not looked through. */
const harmlessLength = 2000;

/** Whether a JSON text nests deeper than is handed on as a value. The body itself is kept all the same. */
export function isTooDeep(text: string): boolean {
  if (text.length < harmlessLength) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = skipString(text, at) - 1;
      if (at < 0) return false;
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}

/** So many values of one text are made at most: 16 MB of `{}` would be five million, and hold everything up for seconds. */
const mostValues = 500_000;
/** Of a text of up to so many characters all are made, uncounted. */
const anyValuesChars = 256 * 1024;

/**
 * JSON.parse without the exception; not ok is also what holds more values than are made: it is delivered as its text. V8's
 * parser keeps its own stack, so deep nesting cannot overflow ours.
 */
export function parseJson(text: string): { readonly ok: true; readonly value: unknown } | { readonly ok: false } {
  if (text.length > anyValuesChars && holdsMore(text, mostValues)) return { ok: false };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

/** Longest name of a stream, a numbering or a kind of event that is taken, characters. */
export const longestName = 1_000;

/** A JSON object as a lookup that only finds own members: `__proto__` and `constructor` are names like others. */
export interface Fields {
  text(name: string): string | null;
  /** A text that is short enough to be kept as a name: one per message may come. */
  name(name: string): string | null;
  /** A finite number. */
  number(name: string): number | null;
  /** A whole number ≥ 0 that a float holds exactly. */
  count(name: string): number | null;
  fields(name: string): Fields | null;
  value(name: string): unknown;
}

/** Null when the value is no JSON object. */
export function fieldsOf(value: unknown): Fields | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const own = (name: string): unknown => (Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined);
  const text = (name: string): string | null => {
    const found = own(name);
    return typeof found === 'string' ? found : null;
  };
  return {
    value: own,
    text,
    name(name) {
      const found = text(name);
      return found !== null && found.length <= longestName ? found : null;
    },
    number(name) {
      const found = own(name);
      return typeof found === 'number' && Number.isFinite(found) ? found : null;
    },
    count(name) {
      const found = own(name);
      return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : null;
    },
    fields: (name) => fieldsOf(own(name)),
  };
}
