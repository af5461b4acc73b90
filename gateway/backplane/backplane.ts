import type { Position } from '../../shared/position';

/** One event of a log, encoded once: `json` is the whole event message as every transport sends it. */
export interface LogEntry {
  readonly seq: number;
  /** Epoch ms. */
  readonly time: number;
  readonly type: string;
  readonly json: string;
  /** UTF-8 length of `json`. */
  readonly bytes: number;
}

/** What is appended. `data` is JSON text; `key` makes appending it again a no-op. */
export interface Draft {
  readonly type: string;
  readonly data: string;
  readonly id?: string;
  readonly key?: string;
  /** It is for the log of this epoch and no other; absent: for whichever there is. */
  readonly onlyIn?: string;
}

export interface Appended {
  readonly position: Position;
  /** The key was used before: nothing was added, `position` is the first one's. */
  readonly repeated: boolean;
}

/** Where a stream stands. `oldest` is `head + 1` when it holds nothing. */
export interface StreamInfo {
  readonly epoch: string;
  readonly oldest: number;
  readonly head: number;
}

export interface ReadRequest {
  readonly epoch: string;
  readonly after: number;
  readonly limit: number;
  /** Stop after this many bytes, but never before the first entry. */
  readonly maxBytes: number;
}

/** An answer to a read; `entries` begin at `after + 1` without a hole, or it is said why not. */
export type Page =
  | { readonly kind: 'page'; readonly info: StreamInfo; readonly entries: readonly LogEntry[] }
  | { readonly kind: 'other-epoch'; readonly info: StreamInfo }
  | { readonly kind: 'trimmed'; readonly info: StreamInfo };

/** The last event of one type. `data` is JSON text. */
export interface Latest {
  readonly type: string;
  readonly seq: number;
  readonly time: number;
  readonly data: string;
}

/** Hears a stream. Entries come in order, each once, in the batches they were appended in. */
export interface Follower {
  entries(entries: readonly LogEntry[]): void;
  /** The numbering starts anew; what came before is not related to what comes now. */
  epoch(info: StreamInfo): void;
}

/**
 * The event log behind a gateway. Memory serves one process; drivers for Redis Streams or Kafka let any
 * instance serve any client from any cursor. Answers are promises because theirs will be.
 */
export interface Backplane {
  /** Where a stream stands; null when there is none of this name. */
  info(stream: string): Promise<StreamInfo | null>;
  /** Makes a stream, or finds it. */
  open(stream: string): Promise<StreamInfo>;
  count(): Promise<number>;
  /** UTF-8 bytes of what all streams hold together: events, the last one of each type, keys. What is over age is let go first. */
  heldBytes(): Promise<number>;
  /** Appends all, in order, in one batch; resolves when a reader can see them. */
  append(stream: string, drafts: readonly Draft[]): Promise<readonly Appended[]>;
  read(stream: string, request: ReadRequest): Promise<Page>;
  /** Last event of each type, least recent first. */
  latest(stream: string): Promise<{ readonly info: StreamInfo; readonly latest: readonly Latest[] }>;
  /** Hears what is appended from now on; returns its own end. */
  follow(stream: string, follower: Follower): () => void;
  /** Forgets entries up to and including `seq`. */
  trim(stream: string, seq: number): Promise<void>;
  /** Starts every stream anew with a new epoch. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Puts the event message together (docs/protocol.md *Messages*). */
export function encodeEvent(stream: string, position: Position, time: number, draft: Draft): string {
  const id = draft.id === undefined ? '' : `,"id":${JSON.stringify(draft.id)}`;
  return `{"kind":"event","stream":${JSON.stringify(stream)},"epoch":${JSON.stringify(position.epoch)},"seq":${position.seq},"time":${time},"type":${JSON.stringify(draft.type)},"data":${draft.data}${id}}`;
}
