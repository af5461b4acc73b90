import { basename } from 'node:path';
import { BrowserWindow, dialog } from 'electron';
import { ask } from '../ask';
import { questions } from '../questions';
import { writeAtomically } from '../settings/atomic-file';
import type { BackupDeps } from './backup-desk';
import { readChosen } from './chosen-file';

const filters = [{ name: 'Wirewatch backups', extensions: ['json'] }];

/** The dialogs of the system: a page never names a path. */
export const backupDialogs: Pick<BackupDeps, 'open' | 'save' | 'askToOpen'> = {
  async open() {
    const options = { title: 'Import a backup', properties: ['openFile' as const], filters };
    const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];
    const answer = window ? await dialog.showOpenDialog(window, options) : await dialog.showOpenDialog(options);
    const [path] = answer.filePaths;
    if (answer.canceled || path === undefined) return null;
    return readChosen(path);
  },
  async save(proposed, text) {
    const options = { title: 'Export a backup', defaultPath: proposed, filters };
    const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];
    const answer = window ? await dialog.showSaveDialog(window, options) : await dialog.showSaveDialog(options);
    if (answer.canceled || !answer.filePath) return null;
    await writeAtomically(answer.filePath, text);
    return basename(answer.filePath);
  },
  askToOpen: (url) => ask(questions.open(url)),
};
