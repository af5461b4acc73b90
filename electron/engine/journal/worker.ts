import { parentPort } from 'node:worker_threads';
import { realDisk } from './disk';
import type { ToWorker } from './messages';
import { createJournalServer } from './server';

/** Entry of the journal's worker thread (bundled as out/main/journal-worker.js). */
const port = parentPort;
if (!port) throw new Error('the journal worker runs as a worker thread only');

/** Nothing that was put off is begun any more. */
let ending = false;

const server = createJournalServer({
  disk: realDisk,
  send: (message, transfer) => port.postMessage(message, [...transfer]),
  later(work, ms) {
    const act = (): void => {
      if (!ending) work();
    };
    if (ms === 0) setImmediate(act);
    else setTimeout(act, ms).unref();
  },
});
port.on('message', (message: ToWorker) => {
  if (message.kind === 'end') {
    ending = true;
    port.close();
  } else server.handle(message);
});
