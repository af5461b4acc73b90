import type { Recipe } from '../../../../shared/recipe';
import { placeOfSecret } from '../../../../shared/secret-places';
import type { TypedSecret } from '../reach/reach-fields';

/** What was typed for the variables of a recipe, by their names; what is not in it stays as it is. */
export type TypedVariables = Readonly<Record<string, string>>;

/**
 * The recipe with what was typed for its variables: what is secret gets a name that nobody has, and goes to where secrets
 * are kept.
 */
export function withVariables(
  recipe: Recipe,
  typed: TypedVariables,
  newName: () => string,
): { readonly recipe: Recipe; readonly secrets: readonly TypedSecret[] } {
  const secrets: TypedSecret[] = [];
  const variables = recipe.variables.map((variable) => {
    const value = typed[variable.name];
    if (value === undefined || (variable.secret && value === '')) return variable;
    if (!variable.secret) return { ...variable, value };
    const name = `${newName()}.${variable.name}`;
    secrets.push({ name, value });
    return { ...variable, value: placeOfSecret(name) };
  });
  return { recipe: { ...recipe, variables }, secrets };
}

/** The recipe with one more secret that its messages can hold, and how they name it. */
export function withNewSecret(recipe: Recipe): { readonly recipe: Recipe; readonly place: string } {
  const names = new Set(recipe.variables.map(({ name }) => name));
  let number = 1;
  while (names.has(`secret${number}`)) number += 1;
  const name = `secret${number}`;
  const variables = [...recipe.variables, { name, title: `Secret ${number}`, value: '', secret: true }];
  return { recipe: { ...recipe, variables }, place: `{{${name}}}` };
}
