import type { PathStep } from '../../../../shared/member-path';
import { elementsOf, membersOf, parseJson, type Slice } from '../json-scan';

/** So many places of a path with stars are found in one text, and so many members of one object. */
const mostPlaces = 100_000;
const mostMembers = 10_000;

/**
 * The texts of the values at a path, as they stand in a JSON text: their digits are kept. Text within text is read, where
 * it is JSON or not. In the text's order.
 */
export function textsAt(text: string, steps: readonly PathStep[]): readonly string[] {
  let texts: string[] = [text];
  for (const step of steps) {
    const next: string[] = [];
    for (const one of texts) {
      for (const slice of slicesOf(one, step)) {
        if (next.length >= mostPlaces) break;
        next.push(one.slice(slice.start, slice.end));
      }
    }
    texts = next;
  }
  return texts.map(unquoted);
}

function slicesOf(text: string, step: PathStep): readonly Slice[] {
  switch (step.kind) {
    case 'member': {
      const slice = membersOf(text, mostMembers)?.get(step.name);
      return slice === undefined ? [] : [slice];
    }
    case 'item': {
      const slice = elementsOf(text)?.at(step.at);
      return slice === undefined ? [] : [slice];
    }
    case 'each':
      return elementsOf(text) ?? [...(membersOf(text, mostMembers)?.values() ?? [])];
  }
}

/** What a string says; anything else as it stands. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  const parsed = parseJson(text);
  return parsed.ok && typeof parsed.value === 'string' ? parsed.value : text;
}
