import type { OutboxItem } from '../../../shared/outbox';

/**
 * Where messages wait for their feed, across restarts. Production: a file of lines that is packed now and then.
 * Writes take effect in the order they were asked for, each wholly or not at all: what is rejected is not there, now or
 * after a restart. While what is kept cannot be read, everything rejects with a sentence and nothing is written over it.
 */
export interface OutboxStore {
  /** What a source had not forgotten, by number, once everything that was asked to be written is. */
  load(source: string): Promise<readonly OutboxItem[]>;
  /** Replaces what is kept of these messages. Durable when it resolves; rejects with the disk's error. */
  put(source: string, items: readonly OutboxItem[]): Promise<void>;
  /**
   * Forgets these messages, or all of the source. All of a source goes at once, whatever the disk says: a removal is not
   * taken back. Where the disk does not take that, it is the first thing to be written once it does.
   */
  forget(source: string, numbers?: readonly number[]): Promise<void>;
  /** The highest number that a message of a source was ever given, as far as it is known; absent: that of what `load` says. */
  last?(source: string): number;
  /** What was found damaged when it was read, and where it is kept, in a sentence; null where nothing was. */
  damage?(): string | null;
}
