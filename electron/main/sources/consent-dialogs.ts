import { BrowserWindow, dialog } from 'electron';
import { inPlainSight } from '../plain-sight';
import type { ConsentDeps } from './consent';

/** The dialogs of the system: what the page draws cannot answer them. */
export const consentDialogs: Pick<ConsentDeps, 'chooseFile' | 'askToRun' | 'askToSend'> = {
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
  async askToRun(command, places) {
    const detail = `It runs with your rights, each time a token is needed:\n\n${inPlainSight(command)}\n\nIts tokens go to:\n${listed(places)}`;
    return agreedTo({ message: 'Run this command to get a token?', detail, buttons: ['Do not run', 'Run'] });
  },
  async askToSend({ source, commands, held, more }) {
    const what = commands.length === 0 ? 'What is kept secret' : 'What is kept secret, or a token of its command,';
    const known = held.length === 0 ? 'for no source that is known any more.' : `for:\n${listed(held)}`;
    const run = commands.length === 0 ? '' : `\n\nIts command:\n${listed(commands)}`;
    return agreedTo({
      message: 'Send a secret to another address?',
      detail: `${what} for the source “${inPlainSight(source)}” would go to:\n${listed(more)}\n\nIt was entered ${known}${run}`,
      buttons: ['Do not send', 'Send'],
    });
  },
};

interface Question {
  readonly message: string;
  readonly detail: string;
  /** No, then yes. */
  readonly buttons: readonly [string, string];
}

async function agreedTo({ message, detail, buttons }: Question): Promise<boolean> {
  const { response } = await overWindow((window) => {
    const options = {
      type: 'warning' as const,
      title: 'Wirewatch',
      message,
      detail,
      buttons: [...buttons],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    };
    return window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options);
  });
  return response === 1;
}

function listed(lines: readonly string[]): string {
  return lines.map((line) => `  ${inPlainSight(line)}`).join('\n');
}

function overWindow<Answer>(show: (window: BrowserWindow | null) => Promise<Answer>): Promise<Answer> {
  return show(BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0] ?? null);
}
