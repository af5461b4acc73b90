import type { FieldError } from './errors';
import { issueText } from './issue-text';
import { holdsMore } from './json-size';
import { type Recipe, recipeSchema } from './recipe';
import { secretsIn, withSecrets } from './secret-places';

/** More than any recipe holds; more is not even parsed. */
const mostValues = 5_000;
/** So much is said of what is wrong: more is not read by anybody. */
const mostProblems = 12;
/** Characters of a field's name, and of a sentence, that are said. */
const longest = 300;

export type RecipeRead =
  | { readonly ok: true; readonly recipe: Recipe }
  | { readonly ok: false; readonly problems: readonly FieldError[] };

/** Reads the text of a recipe's file (docs/recipes.md). Never throws: whatever is wrong is named by field. */
export function readRecipeText(text: string): RecipeRead {
  const whole = (message: string): RecipeRead => ({ ok: false, problems: [{ field: '', message, fix: '' }] });
  if (holdsMore(text, mostValues)) return whole(`The file holds more than ${mostValues} values: no recipe does.`);
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    return whole(`The file is not JSON (${error instanceof Error ? error.message : String(error)}).`.slice(0, longest));
  }
  const kind: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, 'wirewatch') : null;
  if (typeof kind !== 'string' || !kind.startsWith('recipe/')) {
    return whole('This is no recipe of Wirewatch: it does not begin with "wirewatch": "recipe/1".');
  }
  const read = recipeSchema.safeParse(raw);
  if (read.success) return { ok: true, recipe: read.data };
  const problems = read.error.issues.slice(0, mostProblems).map((issue) => ({
    field: issue.path.join('.').slice(0, longest),
    message: issueText(issue).slice(0, longest),
    fix: '',
  }));
  return { ok: false, problems };
}

/**
 * A recipe as a file holds it, for others: what is secret in it, or names what is kept on this machine, is left to be
 * entered.
 */
export function recipeText(recipe: Recipe): string {
  const variables = recipe.variables.map((variable) =>
    variable.secret || secretsIn(variable.value).length > 0 ? { ...variable, value: '' } : variable,
  );
  return `${withSecrets(JSON.stringify({ ...recipe, variables }, null, 2), () => '…')}\n`;
}
