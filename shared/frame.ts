/** A raw frame as received, for people who look at what a feed really says. Long ones travel as their beginning. */
export interface FrameRow {
  /** Grows by one per frame of a source within a run of the application. */
  readonly number: number;
  /** When its last byte was read, epoch ms. */
  readonly receivedAt: number;
  /** Whole length in bytes, as on the wire after decompression. */
  readonly bytes: number;
  /** `text`: as received; `base64`: a binary frame. Its first 4 KB. */
  readonly encoding: 'text' | 'base64';
  readonly data: string;
  /** SSE `event:` and `id:`; null elsewhere. */
  readonly event: string | null;
  readonly id: string | null;
}

/** The newest frames kept of a source, in memory only. */
export interface FramesView {
  /** Oldest first. */
  readonly rows: readonly FrameRow[];
  /** Frames of this run that are kept no longer. */
  readonly evicted: number;
}
