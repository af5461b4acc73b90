/** Characters of each body that travel to a window. */
export const shownChars = 2_000;

/** The newest event of one type, or of one thing of a list: what a stream says is so. */
export interface StateRow {
  readonly stream: string;
  readonly type: string;
  /** Which thing of a list it is of: one that has ended has the type `ended`. Null where the feed is no list of things. */
  readonly thing: string | null;
  /** Ordinal of the event; null where a snapshot said it. */
  readonly ordinal: number | null;
  readonly epoch: string | null;
  readonly seq: number | null;
  /** Sender's time, epoch ms; null when the feed gives none. */
  readonly sentAt: number | null;
  /** When it was read, as an event or in a snapshot, epoch ms. */
  readonly receivedAt: number;
  /** Body text as received, digits kept; its first 2,000 characters. Binary bodies: base64. */
  readonly body: string;
  readonly encoding: 'text' | 'base64';
  /** Whole length in bytes. */
  readonly bytes: number;
}

/** The state of a source: snapshots with newer events on top. */
export interface StateView {
  /** By stream, then in the order the types were first seen; at most 1,000. */
  readonly rows: readonly StateRow[];
  /** Events whose type or size found no room. */
  readonly refused: number;
  /** Whether the feed can be asked for a snapshot. */
  readonly offered: boolean;
}

/** What came of asking for a snapshot, in a sentence. */
export interface SnapshotAnswer {
  readonly ok: boolean;
  readonly text: string;
}
