import { fillPlaces } from '../../../../shared/places-in-text';
import type { Recipe } from '../../../../shared/recipe';
import type { Asking } from '../../core/protocol';

/** `{{name}}`, and in an answer `{{.path}}`: what stands there in the message that is answered. */
const place = /\{\{(\.?[^{}\s]{1,200})\}\}/g;

/** Places that need no variable: the place to go on from, the number of the message on its connection, epoch ms. */
export const ownPlaces: ReadonlySet<string> = new Set(['cursor', 'n', 'now']);

/** What stands in them. `cursor`: what is gone on behind, or what the recipe puts there as long as there is none. */
export function ownValues(cursor: string, asking: Asking | undefined): Readonly<Record<string, string>> {
  return { cursor, ...(asking ? { n: String(asking.n), now: String(Math.round(asking.wall)) } : {}) };
}

/** What stands for the place to go on from as long as there is none. */
export function firstCursor({ resume }: Pick<Recipe, 'resume'>): string {
  return resume?.kind === 'message' ? resume.first : '';
}

/** The names in the places of a text, as they are written. */
export function placesIn(text: string): readonly string[] {
  return Array.from(text.matchAll(place), ([, name = '']) => name);
}

/** A text of a recipe with its places filled. What `known` does not know (null) stays as it is written: the feed's answer shows it. */
export function fillText(text: string, known: (name: string) => string | null): string {
  return fillPlaces(text, place, (found) => known(found[1] ?? '') ?? found[0]);
}

/**
 * A text of a recipe with its variables and `values` in their places. A variable may hold the place of a secret,
 * which is filled where the text leaves.
 */
export function filled(
  text: string,
  { variables }: Pick<Recipe, 'variables'>,
  values: Readonly<Record<string, string>>,
): string {
  return fillText(text, (name) => {
    if (Object.hasOwn(values, name)) return values[name] ?? '';
    return variables.find((variable) => variable.name === name)?.value ?? null;
  });
}
