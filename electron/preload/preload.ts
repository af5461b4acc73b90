import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import { channels } from '../../shared/channels';
import type { Bridge, UpdateBatch } from '../../shared/ipc';

/**
 * The bridge: the only thing a page can reach. It hands on one command call and one subscription, never ipcRenderer
 * itself; main checks everything that comes through.
 */
const bridge: Bridge = {
  call: (name, args) => ipcRenderer.invoke(channels.command, name, args),
  onUpdates(listener) {
    const forward = (_event: IpcRendererEvent, batch: UpdateBatch) => listener(batch);
    ipcRenderer.on(channels.update, forward);
    return () => {
      ipcRenderer.removeListener(channels.update, forward);
    };
  },
};

contextBridge.exposeInMainWorld('wirewatch', bridge);
