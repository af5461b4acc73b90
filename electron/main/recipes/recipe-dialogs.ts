import { basename } from 'node:path';
import { dialog } from 'electron';
import { mostDescriptorBytes } from '../../../shared/recipe';
import { readRecipeFile } from '../../node/recipe-file';
import { readRegular } from '../../node/regular-file';
import { overWindow } from '../ask';
import { writeAtomically } from '../settings/atomic-file';
import type { RecipeDeskDeps } from './recipe-desk';

const filters = [{ name: 'Wirewatch recipes', extensions: ['json'] }];

/** The dialogs of the system: a page never names a path. */
export const recipeDialogs: Pick<RecipeDeskDeps, 'open' | 'save' | 'openDescriptors'> = {
  async open() {
    const options = { title: 'Import a recipe', properties: ['openFile' as const], filters };
    const answer = await overWindow((window) =>
      window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options),
    );
    const [path] = answer.filePaths;
    return answer.canceled || path === undefined ? null : readRecipeFile(path);
  },
  async openDescriptors() {
    // Its name ends as its maker liked: .binpb, .desc, .pb, .protoset.
    const options = { title: 'Choose a descriptor set of Protobuf', properties: ['openFile' as const] };
    const answer = await overWindow((window) =>
      window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options),
    );
    const [path] = answer.filePaths;
    return answer.canceled || path === undefined ? null : readRegular(path, mostDescriptorBytes);
  },
  async save(proposed, text) {
    const options = { title: 'Export a recipe', defaultPath: proposed, filters };
    const answer = await overWindow((window) =>
      window ? dialog.showSaveDialog(window, options) : dialog.showSaveDialog(options),
    );
    if (answer.canceled || !answer.filePath) return null;
    await writeAtomically(answer.filePath, text);
    return basename(answer.filePath);
  },
};
