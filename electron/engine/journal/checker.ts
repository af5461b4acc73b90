import type { JournalWorker } from './messages';

export interface CheckerDeps {
  openWorker(): JournalWorker;
  readonly folder: string;
  /** The file is proven damaged. */
  damaged(why: string): void;
}

/** Checks the whole file when there is a reason to, in a worker of its own, beside the flow. */
export interface Checker {
  /** There is a reason: the last run did not end by itself, or a row cannot be read. */
  suspect(): void;
  /** Begins where there is a reason and no check is under way. */
  run(): void;
  /** Resolves when a check under way is over: nothing else ends it. */
  close(): Promise<void>;
}

export function createChecker({ openWorker, folder, damaged }: CheckerDeps): Checker {
  let suspected = false;
  let closed = false;
  let checking: JournalWorker | null = null;
  return {
    suspect() {
      suspected = true;
    },
    run() {
      if (!suspected || checking || closed) return;
      const worker = openWorker();
      checking = worker;
      const done = (): void => {
        void worker.terminate();
        if (checking === worker) checking = null;
      };
      worker.listen((message) => {
        if (message.kind !== 'checked') return;
        suspected = false;
        if (!message.sound && !closed) damaged(message.text);
        done();
      }, done);
      worker.post({ kind: 'check', folder }, []);
    },
    async close() {
      closed = true;
      await checking?.terminate();
    },
  };
}
