import { ipcMain, type WebContents } from 'electron';
import { channels } from '../../../shared/channels';
import type { UpdateBatch } from '../../../shared/ipc';
import type { Dispatch } from './dispatcher';

/** Binds the dispatcher to Electron's channel; returns what unbinds it. */
export function registerCommands(dispatch: Dispatch): () => void {
  ipcMain.handle(channels.command, (event, name: unknown, args: unknown) => {
    const frame = event.senderFrame;
    return dispatch(
      { id: event.sender.id, url: frame?.url ?? null, mainFrame: frame !== null && frame.parent === null },
      name,
      args,
    );
  });
  return () => ipcMain.removeHandler(channels.command);
}

/** Sends a batch to a page, if it is still there. */
export function sendUpdates(contents: WebContents, batch: UpdateBatch): void {
  if (!contents.isDestroyed()) contents.send(channels.update, batch);
}
