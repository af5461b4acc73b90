/** A piece of JSON text, exactly as received. */
export interface JsonToken {
  readonly kind: 'key' | 'string' | 'number' | 'word' | 'mark';
  readonly text: string;
}

export interface JsonLine {
  /** Nesting depth of the line. */
  readonly depth: number;
  readonly tokens: readonly JsonToken[];
}

/** Deeper text than this is shown as received: indenting it helps nobody and hostile feeds nest to the limit. */
const maxDepth = 200;

const whitespace = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** What several languages write where they have no number, and JSON has no word for. */
const noNumber = /-?(?:NaN|Infinity)/y;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Index just after the scalar that starts at `at`, or -1. Strings are walked, not matched: they may be megabytes. */
function scalarEnd(text: string, at: number): number {
  if (text[at] === '"') return stringEnd(text, at);
  for (const word of ['true', 'false', 'null']) if (text.startsWith(word, at)) return at + word.length;
  for (const pattern of [number, noNumber]) {
    pattern.lastIndex = at;
    if (pattern.test(text)) return pattern.lastIndex;
  }
  return -1;
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return -1;
    if (code === 0x5c) {
      escaped.lastIndex = at;
      if (!escaped.test(text)) return -1;
      at = escaped.lastIndex;
    } else at += 1;
  }
  return -1;
}

/**
 * Lays JSON text out over lines without reading its values: every number and string keeps its characters,
 * so integers beyond 2⁵³ and `127.0` stay what they are. Null when the text is
 * not JSON (RFC 8259); `NaN` and infinities, which its producer meant as it says, are words.
 */
export function jsonLines(text: string): readonly JsonLine[] | null {
  const lines: JsonLine[] = [];
  let tokens: JsonToken[] = [];
  let depth = 0;
  let at = 0;
  /** One entry per open container. */
  const open: ('{' | '[')[] = [];
  let expect: 'value' | 'first-value' | 'key' | 'first-key' | 'after' = 'value';

  const skip = (): void => {
    whitespace.lastIndex = at;
    whitespace.exec(text);
    at = whitespace.lastIndex;
  };
  const take = (): string | null => {
    const end = scalarEnd(text, at);
    if (end < 0) return null;
    const taken = text.slice(at, end);
    at = end;
    return taken;
  };
  const newLine = (): void => {
    lines.push({ depth, tokens });
    tokens = [];
  };
  const mark = (character: string): void => {
    tokens.push({ kind: 'mark', text: character });
    at += 1;
  };
  const close = (character: '}' | ']'): boolean => {
    if (open.pop() !== (character === '}' ? '{' : '[')) return false;
    if (expect === 'after') newLine();
    depth -= 1;
    mark(character);
    expect = 'after';
    return true;
  };

  for (;;) {
    skip();
    const character = text[at];
    if (expect === 'after') {
      if (character === undefined) {
        if (open.length > 0) return null;
        newLine();
        return lines;
      }
      if (character === ',' && open.length > 0) {
        mark(',');
        newLine();
        expect = open[open.length - 1] === '{' ? 'key' : 'value';
      } else if (character === '}' || character === ']') {
        if (!close(character)) return null;
      } else return null;
      continue;
    }
    if (character === undefined) return null;
    if (expect === 'key' || expect === 'first-key') {
      if (character === '}' && expect === 'first-key') {
        if (!close('}')) return null;
        continue;
      }
      if (character !== '"') return null;
      const key = take();
      skip();
      if (key === null || text[at] !== ':') return null;
      if (expect === 'first-key') {
        depth -= 1;
        newLine();
        depth += 1;
      }
      tokens.push({ kind: 'key', text: key }, { kind: 'mark', text: ': ' });
      at += 1;
      expect = 'value';
      continue;
    }
    if (character === ']' && expect === 'first-value') {
      if (!close(']')) return null;
      continue;
    }
    if (expect === 'first-value') {
      depth -= 1;
      newLine();
      depth += 1;
    }
    if (character === '{' || character === '[') {
      if (open.length >= maxDepth) return null;
      mark(character);
      open.push(character);
      depth += 1;
      expect = character === '{' ? 'first-key' : 'first-value';
      continue;
    }
    const value = take();
    if (value === null) return null;
    tokens.push({ kind: kindOf(value), text: value });
    expect = 'after';
  }
}

function kindOf(value: string): JsonToken['kind'] {
  if (value.startsWith('"')) return 'string';
  return /^-?[tfnNI]/.test(value) ? 'word' : 'number';
}

/** The lines of `jsonLines` as text with two spaces a level, for copies. */
export function jsonText(lines: readonly JsonLine[]): string {
  return lines.map((line) => '  '.repeat(line.depth) + line.tokens.map((token) => token.text).join('')).join('\n');
}
