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
  return placesAt(text, steps).map(({ start, end }) => unquoted(text.slice(start, end)));
}

/** A JSON text without the values at these paths: two are the same where only those differ. */
export function textWithout(text: string, paths: readonly (readonly PathStep[])[]): string {
  const places = paths.flatMap((steps) => placesAt(text, steps)).sort((a, b) => a.start - b.start);
  let rest = '';
  let from = 0;
  for (const { start, end } of places) {
    if (start < from) continue;
    rest += text.slice(from, start);
    from = end;
  }
  return rest + text.slice(from);
}

function placesAt(text: string, steps: readonly PathStep[]): readonly Slice[] {
  let places: Slice[] = [{ start: 0, end: text.length }];
  for (const step of steps) {
    const next: Slice[] = [];
    for (const place of places) {
      for (const { start, end } of slicesOf(text.slice(place.start, place.end), step)) {
        if (next.length >= mostPlaces) break;
        next.push({ start: place.start + start, end: place.start + end });
      }
    }
    places = next;
  }
  return places;
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
