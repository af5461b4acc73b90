/**
 * A delivered event as the renderer and queries see it. Bodies over 16 KB travel as a preview.
 */
export interface EventRow {
  /** Grows by one per delivered event of a source, across restarts: the row's identity. */
  readonly ordinal: number;
  readonly stream: string;
  readonly epoch: string | null;
  readonly seq: number | null;
  readonly id: string | null;
  readonly type: string;
  /** Sender's time, epoch ms; null when the feed gives none. */
  readonly sentAt: number | null;
  /** When its last byte was read here, epoch ms. */
  readonly receivedAt: number;
  /** Body text exactly as received (digits kept); the first 16 KB when longer. Binary bodies: base64. */
  readonly body: string;
  readonly encoding: 'text' | 'base64';
  /** Whole length in bytes. */
  readonly bytes: number;
  /** Arrived after its gap was open: shown at its place, marked late. */
  readonly late: boolean;
}
