import type { Recipe } from '../../../shared/recipe';
import { type RecipeRead, recipeText } from '../../../shared/recipe-text';
import { messageNames, readDescriptors } from '../../engine/protocols/body-encodings/descriptors';
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
  /** Lets a person choose a descriptor set and reads its bytes; null when they did not choose. */
  readonly openDescriptors: () => Promise<Uint8Array | null>;
}

/** Recipes that come with the application, and from files and to files that a person chooses. */
export interface RecipeDesk {
  list(): readonly Recipe[];
  /** Null when the person did not choose one. Nothing is stored by it. */
  read(): Promise<Recipe | null>;
  /** The name of the file; null when the person did not choose one. Secrets stay here. */
  write(recipe: Recipe): Promise<string | null>;
  /** A descriptor set in base64, one that can be read; null when the person did not choose one. Nothing is stored by it. */
  describe(): Promise<string | null>;
  /** Full names of the messages of a descriptor set, those that can be chosen. */
  messages(descriptors: string): readonly string[];
}

/** More are not listed: nobody finds one among them. */
const mostMessages = 2_000;

/** See `RecipeDesk`. */
export function createRecipeDesk({ shipped, open, save, openDescriptors }: RecipeDeskDeps): RecipeDesk {
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
        const read = await orRefused(open);
        if (read === null) return null;
        const found = read.ok ? recipeProblems(read.recipe) : read.problems;
        if (read.ok && found.length === 0) return read.recipe;
        const problems = found.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`));
        throw new CommandRefused({ kind: 'refused', message: problems.join(' ') });
      }),
    write: (recipe) => alone(() => save(`${recipe.name}.json`, recipeText(recipe))),
    describe: () =>
      alone(async () => {
        const bytes = await orRefused(openDescriptors);
        if (bytes === null) return null;
        const base64 = Buffer.from(bytes).toString('base64');
        const set = readDescriptors(base64);
        if (set.ok) return base64;
        throw new CommandRefused({
          kind: 'refused',
          message: `${set.why} Make one with protoc --include_imports --descriptor_set_out.`,
        });
      }),
    messages: (descriptors) => messageNames(readDescriptors(descriptors)).slice(0, mostMessages),
  };
}

/** What is no file, or too large a one, is refused in its own words. */
async function orRefused<Read>(read: () => Promise<Read>): Promise<Read> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FileRefused) throw new CommandRefused({ kind: 'refused', message: error.message });
    throw error;
  }
}
