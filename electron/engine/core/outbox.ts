import type { OutboxItem } from '../../../shared/outbox';

/** Where messages wait for their feed, across restarts. Production: a file that only grows, and is packed at start. */
export interface OutboxStore {
  /** What a source had not forgotten, by number. */
  load(source: string): Promise<readonly OutboxItem[]>;
  /** Replaces what is kept of these messages. Durable when it resolves; rejects with the disk's error. */
  put(source: string, items: readonly OutboxItem[]): Promise<void>;
  /** Forgets these messages, or all of the source. */
  forget(source: string, numbers?: readonly number[]): Promise<void>;
}
