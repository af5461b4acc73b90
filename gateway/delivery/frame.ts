import type { LogEntry } from '../backplane/backplane';

/** The SSE text of one event: `id` and `data`, both free of line breaks by construction (epochs are base 36, JSON escapes them). */
export function sseEvent(epoch: string, entry: LogEntry): string {
  return `id: ${epoch}:${entry.seq}\ndata: ${entry.json}\n\n`;
}

/** The SSE text of a control message; `id` only where it is a position. */
export function sseControl(event: string, json: string, id: string | null): string {
  return `event: ${event}\n${id === null ? '' : `id: ${id}\n`}data: ${json}\n\n`;
}

/**
 * Events that go out together, encoded once per transport however many clients there are, and only if a client
 * of that transport exists.
 */
export class Batch {
  readonly epoch: string;
  /** What goes over the wire. */
  readonly entries: readonly LogEntry[];
  /** Range of the log this batch stands for. */
  readonly first: number;
  readonly last: number;
  #sse: Buffer | null = null;
  #webSocket: readonly Buffer[] | null = null;

  constructor(epoch: string, range: { readonly first: number; readonly last: number }, entries: readonly LogEntry[]) {
    this.epoch = epoch;
    this.first = range.first;
    this.last = range.last;
    this.entries = entries;
  }

  get sse(): Buffer {
    this.#sse ??= Buffer.from(this.entries.map((entry) => sseEvent(this.epoch, entry)).join(''));
    return this.#sse;
  }

  get webSocket(): readonly Buffer[] {
    this.#webSocket ??= this.entries.map((entry) => Buffer.from(entry.json));
    return this.#webSocket;
  }
}
