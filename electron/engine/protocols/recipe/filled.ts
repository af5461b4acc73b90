import { fillPlaces } from '../../../../shared/places-in-text';
import type { Recipe } from '../../../../shared/recipe';

const placePattern = /\{\{([a-z][a-z0-9_]{0,29})\}\}/gi;

/**
 * A text of a recipe with its variables and `values` (`cursor`, `n`, `now`) in their places. A variable may hold the place of
 * a secret, which is filled where the text leaves. What is no name of either stays as it is written. Inside a string of a
 * JSON text a value stays inside of it: neither a person's words nor a feed's word for a place write messages of ours.
 */
export function filled(
  text: string,
  { variables }: Pick<Recipe, 'variables'>,
  values: Readonly<Record<string, string>>,
): string {
  return fillPlaces(text, placePattern, ([place, name = '']) => {
    const value = Object.hasOwn(values, name)
      ? values[name]
      : variables.find((variable) => variable.name === name)?.value;
    return value ?? place;
  });
}
