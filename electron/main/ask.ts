import { BrowserWindow, dialog } from 'electron';
import type { Question } from './questions';

/** Asks a person, in a dialog of the system: what the page draws cannot answer it. Closing it is a no. */
export async function ask({ message, detail, buttons }: Question): Promise<boolean> {
  const { response } = await overWindow((window) => {
    const options = {
      type: 'warning' as const,
      title: 'Wirewatch',
      message,
      detail,
      buttons: buttons.filter((button) => button !== undefined),
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    };
    return window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options);
  });
  return response === 1;
}

/** Shows a dialog over the window a person looks at, or alone where there is none. */
export function overWindow<Answer>(show: (window: BrowserWindow | null) => Promise<Answer>): Promise<Answer> {
  return show(BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0] ?? null);
}
