import { parentPort } from 'node:worker_threads';
import { realDisk } from './disk';
import type { ToWorker } from './messages';
import { createJournalServer } from './server';

/** Entry of the journal's worker thread (bundled as out/main/journal-worker.js). */
const port = parentPort;
if (!port) throw new Error('the journal worker runs as a worker thread only');

const server = createJournalServer({
  disk: realDisk,
  send: (message, transfer) => port.postMessage(message, [...transfer]),
  later(work, ms) {
    if (ms === 0) setImmediate(work);
    else setTimeout(work, ms);
  },
});

port.on('message', (message: ToWorker) => server.handle(message));
