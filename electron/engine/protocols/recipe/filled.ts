import { fillPlaces } from '../../../../shared/places-in-text';
import type { Recipe } from '../../../../shared/recipe';

const place = /\{\{([a-z][a-z0-9_]{0,29})\}\}/gi;

/**
 * A text of a recipe with its variables and `values` (`cursor`) in their places. A variable may hold the place of a secret,
 * which is filled where the text leaves. What is no name of either stays as it is written.
 */
export function filled(
  text: string,
  { variables }: Pick<Recipe, 'variables'>,
  values: Readonly<Record<string, string>>,
): string {
  return fillPlaces(text, place, (found) => {
    const name = found[1] ?? '';
    if (Object.hasOwn(values, name)) return values[name] ?? '';
    return variables.find((variable) => variable.name === name)?.value ?? found[0];
  });
}
