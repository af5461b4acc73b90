import { BrowserWindow, dialog } from 'electron';
import { inPlainSight } from '../plain-sight';
import type { ConsentDeps } from './consent';

/** The dialogs of the system: what the page draws cannot answer them. */
export const consentDialogs: Pick<ConsentDeps, 'chooseFile' | 'askToRun'> = {
  async chooseFile() {
    const { canceled, filePaths } = await overWindow((window) => {
      const options = {
        title: 'Open a recording',
        properties: ['openFile' as const],
        filters: [
          { name: 'Recordings', extensions: ['gz', 'jsonl'] },
          { name: 'All files', extensions: ['*'] },
        ],
      };
      return window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options);
    });
    return canceled ? null : (filePaths[0] ?? null);
  },
  async askToRun(command) {
    const { response } = await overWindow((window) => {
      const options = {
        type: 'warning' as const,
        title: 'Wirewatch',
        message: 'Run this command to get a token?',
        detail: `It runs with your rights, each time a token is needed:\n\n${inPlainSight(command)}`,
        buttons: ['Do not run', 'Run'],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
      };
      return window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options);
    });
    return response === 1;
  },
};

function overWindow<Answer>(show: (window: BrowserWindow | null) => Promise<Answer>): Promise<Answer> {
  return show(BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0] ?? null);
}
