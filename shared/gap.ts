/** Why a range of events is missing. */
export type GapCause =
  | 'missed' // numbers jumped; being asked for
  | 'retention'
  | 'epoch-changed'
  | 'no-replay'
  | 'not-resumed' // its ids count its events, and it went on further ahead than it was asked to
  | 'too-large'
  | 'decode-error'
  | 'journal-paused'
  | 'journal-damaged' // it was stored, in a file that was found damaged and set aside
  | 'not-running'
  /** A list that is polled showed nothing any more of what it had shown before. */
  | 'page-rolled-over';

/** Whether a gap stands for events of which nobody knows how many there were, nor which: it has no range to tell. */
export function isOfUnknownSize({ epoch, cause, to }: Gap): boolean {
  return epoch === '' && (cause !== 'not-resumed' || to === null);
}

/**
 * A known missing range of one stream, both ends included. `to` is null while its far end is unknown.
 * open → filled | lost(cause).
 */
export interface Gap {
  readonly id: string;
  readonly stream: string;
  readonly epoch: string;
  readonly from: number;
  readonly to: number | null;
  readonly status: 'open' | 'filled' | 'lost';
  readonly cause: GapCause;
  /** Wall clock, epoch ms: when it was noticed, and when it was filled or given up. */
  readonly openedAt: number;
  readonly closedAt: number | null;
  /**
   * Ordinal of the event it stands before: the next one to be delivered when it was noticed. Clocks that jump say nothing
   * of the order. Absent where an older version stored it.
   */
  readonly before?: number;
}
