import type { LogEntry } from '../backplane/backplane';
import type { CannotResume, Goodbye } from '../messages';
import type { Outlet } from './subscription';

/** What a poll is answered, before it is put into words. */
export interface PollAnswer {
  readonly epoch: string;
  readonly from: number;
  readonly head: number;
  readonly entries: readonly LogEntry[];
  readonly more: boolean;
  readonly cannotResume: CannotResume | null;
  readonly goodbye: Goodbye | null;
}

/** The wire of one poll: it takes one answer. */
export interface PollOutlet {
  answer(answer: PollAnswer): void | Promise<void>;
}

/** Where the bytes of an SSE answer go. */
export interface ByteSink {
  /** `flushed` once the socket has taken them. */
  write(chunk: Buffer | string, flushed?: () => void): void;
  end(chunk: string): void;
}

/**
 * Every wire of the gateway passes here once, when it is made, before anything is written to it: who wants to stand
 * between the gateway and its clients hands out another one.
 */
export interface Outlets {
  push(stream: string, outlet: Outlet): Outlet;
  bytes(sink: ByteSink): ByteSink;
  poll(stream: string, outlet: PollOutlet): PollOutlet;
}

/** The wires as they are. */
export const plainOutlets: Outlets = {
  push: (_stream, outlet) => outlet,
  bytes: (sink) => sink,
  poll: (_stream, outlet) => outlet,
};
