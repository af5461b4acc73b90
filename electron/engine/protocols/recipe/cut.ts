import type { PathStep } from '../../../../shared/member-path';
import type { Recipe } from '../../../../shared/recipe';
import { ownPart } from '../../core/own-text';
import { elementsOf, skipSpace, skipValue } from '../json-scan';
import { parseMeant } from '../meant-json';
import { textsAt } from './slices';

/** One message as it stands in a frame. */
export interface Part {
  readonly text: string;
  /** The parsed text; undefined where it is no JSON. */
  readonly value: unknown;
}

/** What a frame is made of. */
export interface Cut {
  /** In the order in which they happened, as far as the framing says it. */
  readonly parts: readonly Part[];
  /** It holds many things: none is a list as well. */
  readonly list: boolean;
  /** The order is the feed's own business, and may have to be guessed. */
  readonly unordered: boolean;
  /** What the parts were taken out of, where it says more than they do. */
  readonly whole: Part | null;
  /** Why it cannot be cut; null where it can. */
  readonly problem: string | null;
}

type Framing = Recipe['read']['framing'];

/** More messages are not taken out of one frame. */
const mostParts = 100_000;
const tooMany = `it has more than ${mostParts} messages`;
const separator = '\u001e';

export function partOf(text: string): Part {
  return { text, value: parseMeant(text) };
}

/** Cuts a frame's text into its messages. `items`: where a list of them stands in it; null: it says that itself. */
export function cutFrame(text: string, framing: Framing, items: readonly PathStep[] | null): Cut {
  if (items !== null) return itemsOf(text, framing, items);
  switch (framing) {
    case 'auto':
      return guessed(text);
    case 'message':
      return cut([partOf(text)], false);
    case 'lines':
      return between(text, '\n');
    case 'records':
      return between(text, separator);
    case 'joined': {
      const joined = joinedIn(text);
      return joined === null ? none('it is no run of JSON values') : cut(joined, true);
    }
    case 'array':
    case 'array-newest-first': {
      const array = arrayIn(partOf(text));
      if (array === null) return none('it is no list');
      return cut(framing === 'array' ? array : [...array].reverse(), true);
    }
  }
}

function between(text: string, separators: string): Cut {
  const parts = several(text, separators);
  return parts === null ? none(tooMany) : cut(parts, true);
}

function cut(parts: readonly Part[], list: boolean, unordered = false): Cut {
  if (parts.length > mostParts) return none(tooMany);
  return { parts, list, unordered, whole: null, problem: null };
}

function none(problem: string): Cut {
  return { parts: [], list: false, unordered: false, whole: null, problem };
}

function itemsOf(text: string, framing: Framing, items: readonly PathStep[]): Cut {
  const whole = partOf(text);
  if (whole.value === undefined) return { ...none('it is no JSON'), whole };
  const found = textsAt(text, items).map((each) => partOf(ownPart(each, text)));
  const lists = found.map(arrayIn);
  const starred = items.some(({ kind }) => kind === 'each');
  // A path leads to a list, or with a star to what is in one.
  const parts = lists.every((list) => list !== null) ? lists.flatMap((list) => list ?? []) : starred ? found : null;
  if (parts === null || (found.length === 0 && !starred))
    return { ...none('there is no list where one should be'), whole };
  const newestFirst = framing === 'array-newest-first';
  return { ...cut(newestFirst ? [...parts].reverse() : parts, true, framing === 'auto'), whole };
}

/** Many in one frame: a list of objects, records, or values one after another; otherwise it is one message. */
function guessed(text: string): Cut {
  // `["a", 1]` is one message.
  if (/^\s*\[\s*\]\s*$/.test(text)) return { ...cut([], true), whole: partOf(text) };
  const whole = partOf(text);
  if (whole.value !== undefined) {
    const array = Array.isArray(whole.value) && whole.value.every(isObject) ? arrayIn(whole) : null;
    return array === null ? cut([whole], false) : cut(array, true, true);
  }
  const parts = recordsIn(text) ?? (/^\s*[[{]/.test(text) ? joinedIn(text) : null);
  return parts === null ? cut([whole], false) : cut(parts, parts.length > 1, true);
}

/** The texts between separators, blank ones left out; null where they are too many to be messages. */
function several(text: string, between: string): readonly Part[] | null {
  const texts = text.split(between, mostParts + 1);
  if (texts.length > mostParts) return null;
  return texts.map((one) => one.trim()).flatMap((one) => (one === '' ? [] : [partOf(ownPart(one, text))]));
}

function arrayIn({ text, value }: Part): readonly Part[] | null {
  if (!Array.isArray(value)) return null;
  const values: readonly unknown[] = value;
  const slices = elementsOf(text, undefined, mostParts);
  if (slices?.length !== values.length) return null;
  return slices.map(({ start, end }, index) => ({ text: ownPart(text.slice(start, end), text), value: values[index] }));
}

function recordsIn(text: string): readonly Part[] | null {
  if (!text.includes(separator)) return null;
  const parts = several(text, separator) ?? [];
  return parts.length > 0 && parts.every(({ value }) => value !== undefined) ? parts : null;
}

/** Objects and lists that follow each other, with or without space between; null where anything else is among them. */
function joinedIn(text: string): readonly Part[] | null {
  const parts: Part[] = [];
  for (let at = skipSpace(text, 0); at < text.length; ) {
    const end = text[at] === '{' || text[at] === '[' ? skipValue(text, at) : -1;
    if (end === -1 || parts.length === mostParts) return null;
    const part = partOf(ownPart(text.slice(at, end), text));
    if (part.value === undefined) return null;
    parts.push(part);
    at = skipSpace(text, end);
  }
  return parts;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
