import { type RecipeRead, readRecipeText } from '../../shared/recipe-text';
import { readRegular } from './regular-file';

/** Larger than any recipe, bytes. */
const largestFile = 512 * 1024;

/** Reads a recipe from a file that a person named or chose. Rejects with a FileRefused or the system's error. */
export async function readRecipeFile(path: string): Promise<RecipeRead> {
  return readRecipeText((await readRegular(path, largestFile)).toString('utf8'));
}
