import { readMeant } from './meant-json';

/**
 * The query language of the event search, shared by the journal and by live lists so that both show the same rows.
 *
 * Terms stand side by side; an event matches when all of them do. Case does not matter.
 * `time` or `time*`      a word beginning with it, in the body, type, stream or id
 * `"timed out"`          exactly this word or phrase, at word boundaries
 * `type:cpu` `stream:eu` the event's type, stream: exactly
 * `host.name=web-1`      a field of a JSON body: path and value (numbers compare as numbers)
 */
export type SearchTerm =
  | { readonly kind: 'text'; readonly text: string; readonly whole: boolean }
  | { readonly kind: 'type' | 'stream'; readonly value: string }
  | { readonly kind: 'field'; readonly path: readonly string[]; readonly value: string };

/** Matching events of one stretch of time of receipt, epoch ms, the end excluded. */
export interface MatchBar {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/** What of an event is searched. `body` is text as received. */
export interface Searchable {
  readonly body: string;
  readonly type: string;
  readonly stream: string;
  readonly id: string | null;
}

/** Terms that one search may have: each is looked for in every event by itself. */
export const maxTerms = 50;

/** Reads a query. Any text is one: what has no other meaning is looked for as written. */
export function parseSearch(query: string): readonly SearchTerm[] {
  const terms: SearchTerm[] = [];
  const pattern = /([\w$.[\]-]+)=(?:"([^"]*)"|(\S+))|(type|stream):(?:"([^"]*)"|(\S+))|"([^"]*)"?|(\S+)/gu;
  for (const [, path, quotedValue, value, key, quotedName, name, phrase, word] of query.matchAll(pattern)) {
    if (path !== undefined) {
      const steps = path
        .replace(/\[(\d+)\]/g, '.$1')
        .split('.')
        .filter((step) => step !== '' && step !== '$');
      terms.push({ kind: 'field', path: steps, value: quotedValue ?? value ?? '' });
    } else if (key === 'type' || key === 'stream') {
      terms.push({ kind: key, value: quotedName ?? name ?? '' });
    } else if (phrase !== undefined) {
      if (phrase.trim() !== '') terms.push({ kind: 'text', text: phrase.toLowerCase(), whole: true });
    } else if (word !== undefined) {
      const text = (word.length > 1 ? word.replace(/\*$/, '') : word).toLowerCase();
      terms.push({ kind: 'text', text, whole: false });
    }
  }
  return terms;
}

/** Whether a UTF-16 unit belongs to a word: letters, digits, underscore; outside ASCII all but spaces and punctuation. */
export function isWordUnit(unit: number): boolean {
  if (unit < 128) {
    return (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57) || (unit >= 65 && unit <= 90) || unit === 95;
  }
  return unit >= 0xc0 && !(unit >= 0x2000 && unit <= 0x206f) && !(unit >= 0x3000 && unit <= 0x303f);
}

/**
 * First place at or after `from` where `text` stands at the beginning of a word (and, if `whole`, ends with one);
 * -1 when there is none. Both must be lower-case.
 */
export function findText(haystack: string, text: string, whole: boolean, from = 0): number {
  const opensWord = isWordUnit(text.charCodeAt(0));
  const endsWord = whole && isWordUnit(text.charCodeAt(text.length - 1));
  let at = haystack.indexOf(text, from);
  while (at >= 0) {
    const begins = !opensWord || at === 0 || !isWordUnit(haystack.charCodeAt(at - 1));
    const end = at + text.length;
    if (begins && (!endsWord || end === haystack.length || !isWordUnit(haystack.charCodeAt(end)))) return at;
    at = haystack.indexOf(text, at + 1);
  }
  return -1;
}

/** Whether a JSON body has the value at the path; false for anything that is not JSON. */
export function matchesField(body: string, path: readonly string[], value: string): boolean {
  return hasField(jsonOf(body), path, value);
}

/** Undefined where it is none; what is no number is found by its word. */
function jsonOf(body: string): unknown {
  const read = readMeant(body, (found) => `"${found}"`);
  return read.ok ? read.value : undefined;
}

/** The same of a body that is parsed already. */
export function hasField(parsed: unknown, path: readonly string[], value: string): boolean {
  let found = parsed;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return false;
    found = (found as Record<string, unknown>)[step];
  }
  if (typeof found === 'number') return value.trim() !== '' && Number(value) === found;
  if (typeof found === 'object' && found !== null) return false;
  return String(found).toLowerCase() === value.toLowerCase();
}

/** Whether an event matches every term. No terms match everything. However many there are, its body is read once. */
export function matchesSearch(event: Searchable, terms: readonly SearchTerm[]): boolean {
  let lower: readonly string[] | null = null;
  let json: { readonly value: unknown } | null = null;
  const matches = (term: SearchTerm): boolean => {
    switch (term.kind) {
      case 'type':
        return event.type.toLowerCase() === term.value.toLowerCase();
      case 'stream':
        return event.stream.toLowerCase() === term.value.toLowerCase();
      case 'field':
        json ??= { value: jsonOf(event.body) };
        return hasField(json.value, term.path, term.value);
      case 'text':
        lower ??= [event.body, event.type, event.stream, event.id ?? ''].map((text) => text.toLowerCase());
        return lower.some((text) => findText(text, term.text, term.whole) >= 0);
    }
  };
  return terms.every(matches);
}
