import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type RecordedLine, RecordingError, type RecordingHeader } from '../engine/recording/format';
import type { RecordingPort } from '../engine/recording/port';
import type { FromReader, ReadingFailure, ToReader } from './recording-messages';

/** Memory of the thread's objects, MiB: the longest line there may be takes a fraction of it. */
const memoryMb = 1024;

interface Waiting {
  answered(message: FromReader): void;
  failed(error: Error): void;
}

/**
 * The recordings of this machine, read in a thread of their own: to decompress and to parse takes as long as the file
 * likes. The thread runs while a recording is open. `entry` is the bundled worker (absolute path), or `recording-worker.ts`
 * itself where tsx is installed (tests).
 */
export function createRecordings(entry: string): RecordingPort {
  let thread: Worker | null = null;
  let last = 0;
  /** Headers asked for, and recordings that are open. */
  const inUse = new Set<number>();
  const waiting = new Map<number, Waiting>();

  function running(): Worker {
    if (thread) return thread;
    const resourceLimits = { maxOldGenerationSizeMb: memoryMb };
    const started = entry.endsWith('.ts')
      ? new Worker(`require('tsx/cjs'); require(${JSON.stringify(entry)});`, { eval: true, resourceLimits })
      : new Worker(entry, { resourceLimits });
    let why = 'it ended';
    started.on('message', (message: FromReader) => {
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      asked?.answered(message);
    });
    started.on('error', (error) => {
      why = error.message;
    });
    started.on('exit', () => {
      if (thread !== started) return;
      thread = null;
      const left = [...waiting.values()];
      waiting.clear();
      inUse.clear();
      for (const { failed } of left) failed(new Error(`The recording could not be read: its reader ended (${why}).`));
    });
    thread = started;
    return started;
  }

  function post(message: ToReader): void {
    running().postMessage(message);
  }

  function begin(): number {
    last += 1;
    inUse.add(last);
    return last;
  }

  function end(id: number): void {
    if (!inUse.delete(id) || inUse.size > 0) return;
    const idle = thread;
    thread = null;
    void idle?.terminate();
  }

  function ask<Answer>(message: ToReader, read: (answer: FromReader) => Answer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      waiting.set(message.id, {
        answered: (answer) => (answer.kind === 'failed' ? reject(errorOf(answer.failure)) : resolve(read(answer))),
        failed: reject,
      });
      post(message);
    });
  }

  return {
    async header(address): Promise<RecordingHeader> {
      const path = pathOf(address);
      const id = begin();
      try {
        return await ask({ kind: 'header', id, path }, (answer) => {
          if (answer.kind === 'header') return answer.header;
          throw new Error('The reader of recordings answered something else.');
        });
      } finally {
        end(id);
      }
    },

    open(address) {
      const path = pathOf(address);
      const id = begin();
      post({ kind: 'open', id, path });
      return {
        next: () =>
          inUse.has(id)
            ? ask({ kind: 'next', id }, (answer): readonly RecordedLine[] | null =>
                answer.kind === 'lines' ? answer.lines : null,
              )
            : Promise.reject(new Error('The recording could not be read on: its reader ended.')),
        close() {
          if (!inUse.has(id)) return;
          waiting.delete(id);
          post({ kind: 'close', id });
          end(id);
        },
      };
    },
  };
}

function pathOf(address: string): string {
  return /^file:/i.test(address) ? fileURLToPath(address) : address;
}

function errorOf(failure: ReadingFailure): Error {
  switch (failure.kind) {
    case 'recording':
      return new RecordingError(failure.problem);
    case 'other':
      return Object.assign(new Error(failure.message), failure.code === null ? {} : { code: failure.code });
  }
}
