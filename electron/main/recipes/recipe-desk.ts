import type { Recipe } from '../../../shared/recipe';
import { type RecipeRead, recipeText } from '../../../shared/recipe-text';
import { recipeProblems } from '../../engine/protocols/recipe/problems';
import { FileRefused } from '../../node/regular-file';
import { CommandRefused } from '../ipc/dispatcher';

export interface RecipeDeskDeps {
  /** Those that come with the application, by name. */
  readonly shipped: ReadonlyMap<string, Recipe>;
  /** Lets a person choose a recipe and reads it; null when they did not choose. */
  readonly open: () => Promise<RecipeRead | null>;
  /** Lets a person choose where to, and writes it; the file's name, null when they did not choose. */
  readonly save: (proposed: string, text: string) => Promise<string | null>;
}

/** Recipes that come with the application, and from files and to files that a person chooses. */
export interface RecipeDesk {
  list(): readonly Recipe[];
  /** Null when the person did not choose one. Nothing is stored by it. */
  read(): Promise<Recipe | null>;
  /** The name of the file; null when the person did not choose one. Secrets stay here. */
  write(recipe: Recipe): Promise<string | null>;
}

/** See `RecipeDesk`. */
export function createRecipeDesk({ shipped, open, save }: RecipeDeskDeps): RecipeDesk {
  let asking = false;

  /** One dialog at a time: a window that asks for many gets the first one answered. */
  async function alone<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    if (asking) throw new CommandRefused({ kind: 'refused', message: 'Another dialog is open: answer it first.' });
    asking = true;
    try {
      return await ask();
    } finally {
      asking = false;
    }
  }

  return {
    list: () => [...shipped.values()],
    read: () =>
      alone(async () => {
        try {
          const read = await open();
          if (read === null) return null;
          const found = read.ok ? recipeProblems(read.recipe) : read.problems;
          if (read.ok && found.length === 0) return read.recipe;
          const problems = found.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`));
          throw new CommandRefused({ kind: 'refused', message: problems.join(' ') });
        } catch (error) {
          if (error instanceof FileRefused) throw new CommandRefused({ kind: 'refused', message: error.message });
          throw error;
        }
      }),
    write: (recipe) => alone(() => save(`${recipe.name}.json`, recipeText(recipe))),
  };
}
