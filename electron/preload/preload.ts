import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import { channels } from '../../shared/channels';
import type { Bridge, UpdateBatch } from '../../shared/ipc';
import { refusalOf } from './gate';

/**
 * The bridge: the only thing a page can reach. It hands on one command call and one subscription, never ipcRenderer
 * itself; main checks everything that comes through.
 *
 * A page attaches first of all, so that is asked before its code is even loaded: state and page come at the same time
 * instead of one after the other. What main sends until the page listens is held for it; main sends at most two batches
 * that nobody acknowledged.
 */
let attaching: Promise<unknown> | null = null;
// The empty document before the page has a script context too where a debugger looks at it, and must not attach in the page's place.
if (location.protocol !== 'about:') {
  attaching = ipcRenderer.invoke(channels.command, 'window.attach', {});
  // Whoever asks is told of a failure; nobody may have asked yet.
  attaching.catch(() => {});
}

let early: UpdateBatch[] = [];
const hold = (_event: IpcRendererEvent, batch: UpdateBatch) => void early.push(batch);
ipcRenderer.on(channels.update, hold);

const bridge: Bridge = {
  call(name, args) {
    const refusal = refusalOf(name, args);
    if (refusal !== null) return Promise.resolve(refusal);
    if (name !== 'window.attach' || attaching === null) return ipcRenderer.invoke(channels.command, name, args);
    const first = attaching as ReturnType<typeof bridge.call<typeof name>>;
    attaching = null;
    return first;
  },
  onUpdates(listener) {
    const forward = (_event: IpcRendererEvent, batch: UpdateBatch) => listener(batch);
    ipcRenderer.removeListener(channels.update, hold);
    ipcRenderer.on(channels.update, forward);
    for (const batch of early) listener(batch);
    early = [];
    return () => {
      ipcRenderer.removeListener(channels.update, forward);
    };
  },
};

contextBridge.exposeInMainWorld('wirewatch', bridge);
