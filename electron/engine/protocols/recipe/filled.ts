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
  const json = /^\s*[[{]/.test(text);
  return text.replace(placePattern, (place, name: string, at: number) => {
    const value = Object.hasOwn(values, name)
      ? values[name]
      : variables.find((variable) => variable.name === name)?.value;
    if (value === undefined) return place;
    return json && isInString(text, at) ? JSON.stringify(value).slice(1, -1) : value;
  });
}

/** Whether a place of a JSON text is inside one of its strings. */
function isInString(text: string, at: number): boolean {
  let inside = false;
  for (let index = 0; index < at; index += 1) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === '"') inside = !inside;
  }
  return inside;
}
