import { dialog } from 'electron';
import { ask, overWindow } from '../ask';
import { questions } from '../questions';
import type { ConsentDeps } from './consent';

/** The dialogs of the system: what the page draws cannot answer them. */
export const consentDialogs: Pick<ConsentDeps, 'chooseFile' | 'askToRun' | 'askToSend' | 'askToPost'> = {
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
  askToRun: (command, places) => ask(questions.run(command, places)),
  askToSend: (question) => ask(questions.send(question)),
  askToPost: (question) => ask(questions.post(question)),
};
