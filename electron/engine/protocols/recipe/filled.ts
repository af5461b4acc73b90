import type { Recipe } from '../../../../shared/recipe';

const placePattern = /\{\{([a-z][a-z0-9_]{0,29})\}\}/gi;

/**
 * A text of a recipe with its variables and `values` (`cursor`, `n`, `now`) in their places. A variable may hold the place of
 * a secret, which is filled where the text leaves. What is no name of either stays as it is written.
 */
export function filled(
  text: string,
  { variables }: Pick<Recipe, 'variables'>,
  values: Readonly<Record<string, string>>,
): string {
  return text.replace(placePattern, (place, name: string) => {
    if (Object.hasOwn(values, name)) return escapedFor(text, values[name] ?? '');
    return variables.find((variable) => variable.name === name)?.value ?? place;
  });
}

/** A value inside a JSON text stays inside its string: a feed's word for a place must not write messages of ours. */
function escapedFor(text: string, value: string): string {
  return /^\s*[[{]/.test(text) ? JSON.stringify(value).slice(1, -1) : value;
}
