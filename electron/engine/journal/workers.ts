import { Worker } from 'node:worker_threads';
import type { FromWorker, JournalWorker, ToWorker } from './messages';
import type { JournalDisk } from './open';
import type { JournalServer } from './server';
import { createJournalServer } from './server';

/**
 * Starts the journal in a thread. `entry` is the bundled worker (absolute path), or `worker.ts` itself where tsx is
 * installed (tests, benchmarks, the command line from source).
 */
export function openThread(entry: string): JournalWorker {
  const thread = entry.endsWith('.ts')
    ? new Worker(`require('tsx/cjs'); require(${JSON.stringify(entry)});`, { eval: true })
    : new Worker(entry);
  let ended = false;
  let why = 'it ended';
  let tellExit: ((why: string) => void) | null = null;
  // From the first moment: it may end before anybody listens.
  thread.on('error', (error) => {
    why = error.message;
  });
  const gone = new Promise<void>((resolve) => {
    thread.on('exit', () => {
      resolve();
      if (ended) return;
      ended = true;
      tellExit?.(why);
    });
  });
  return {
    post(message, transfer) {
      if (!ended) thread.postMessage(message, [...transfer]);
    },
    listen(onMessage, onExit) {
      if (ended) queueMicrotask(() => onExit(why));
      tellExit = onExit;
      thread.on('message', (message: FromWorker) => {
        if (!ended) onMessage(message);
      });
    },
    terminate() {
      // Asked, not cut off: a thread that is ended inside SQLite takes the whole process with it.
      if (!ended) thread.postMessage({ kind: 'end' } satisfies ToWorker);
      ended = true;
      return gone;
    },
  };
}

/** The journal in this thread: every message is carried out when posted, answers come in a microtask. */
export interface InlineWorker extends JournalWorker {
  readonly server: JournalServer;
}

/** For simulations and tests: no thread, no timer; upkeep runs when `server.upkeep` is called. */
export function openInline(disk: JournalDisk): InlineWorker {
  let listener: (message: FromWorker) => void = () => undefined;
  let ended = false;
  const server = createJournalServer({
    disk,
    send(message) {
      queueMicrotask(() => {
        if (!ended) listener(message);
      });
    },
    later: null,
  });
  return {
    server,
    post(message: ToWorker) {
      if (!ended) server.handle(message);
    },
    listen(onMessage) {
      listener = onMessage;
    },
    async terminate() {
      ended = true;
    },
  };
}
