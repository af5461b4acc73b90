import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What a client's process is told at its start, as JSON in its first argument. */
export interface ClientOrder {
  /** `127.0.0.1:PORT` of the proxy. */
  readonly host: string;
  /** Folder for what must survive a kill. */
  readonly folder: string;
  /** Bundled worker of the journal. */
  readonly journalWorker: string;
}

/** What a client's process says to the one that started it. */
export type ClientReport =
  | { readonly kind: 'open' }
  | ({ readonly kind: 'progress' } & Progress)
  | { readonly kind: 'finished'; readonly notes: Readonly<Record<string, number>> };

export interface Progress {
  /** Newest number handed to the application. */
  readonly newest: number;
  /** Attempts of this process to open a connection (for socket.io a session), all ways together. */
  readonly attempts: number;
  /** Nothing is being fetched or written any more. */
  readonly settled: boolean;
}

export type ClientCommand = { readonly kind: 'finish' };

/** File with one number a line, in the order of arrival. */
export const recordFile = 'record.txt';

const reportEveryMs = 20;

export function orderOf(argv: readonly string[]): ClientOrder {
  return JSON.parse(argv[2] ?? '{}') as ClientOrder;
}

/** Talks to the process that started this one. `look` is asked every 20 ms how far the client is. */
export function reporter(look: () => Progress) {
  let last: Progress = { newest: 0, attempts: 0, settled: true };
  const say = (report: ClientReport): void => {
    process.send?.(report);
  };
  setInterval(() => {
    const now = look();
    if (now.newest === last.newest && now.attempts === last.attempts && now.settled === last.settled) return;
    last = now;
    say({ kind: 'progress', ...now });
  }, reportEveryMs);
  // Whoever started it is gone: nobody would end it.
  process.on('disconnect', () => process.exit(1));
  return {
    open: () => say({ kind: 'open' }),
    /** Runs `finish`, passes its notes on and ends the process. */
    onFinish(finish: () => Promise<Readonly<Record<string, number>>>): void {
      process.on('message', (message: ClientCommand) => {
        if (message.kind !== 'finish') return;
        void finish().then((notes) => process.send?.({ kind: 'finished', notes }, () => process.exit(0)));
      });
    },
  };
}

/**
 * The application around one of the other clients: writes each event down the moment it is handed over, with a write
 * that a kill cannot take back, so that none of them loses by how it is watched.
 */
export function notebook(order: ClientOrder) {
  const file = openSync(join(order.folder, recordFile), 'a');
  let newest = 0;
  let attempts = 0;
  const report = reporter(() => ({ newest, attempts, settled: true }));
  report.onFinish(async () => ({}));
  return {
    open: report.open,
    attempt(): void {
      attempts += 1;
    },
    heard(n: number): void {
      writeSync(file, `${n}\n`);
      newest = Math.max(newest, n);
    },
  };
}

/** Where an application on a plain WebSocket is, by the server's greeting and the newest event. */
export function followFeed(book: ReturnType<typeof notebook>) {
  let after: number | null = null;
  return {
    /** What to ask the server for; null before it ever answered. */
    after: () => after,
    message(data: unknown): void {
      const message = JSON.parse(String(data)) as { kind: 'hello'; head: number } | { kind: 'event'; n: number };
      if (message.kind === 'hello') {
        after ??= message.head;
        return;
      }
      book.heard(message.n);
      after = Math.max(after ?? 0, message.n);
    },
  };
}
