/** Bounds of what watches one source. */
export interface AlertLimits {
  /**
   * Raised again so soon after its end, it is the same alert again, counted once more, ms. It bounds how many alerts a
   * number can raise that flips with every event.
   */
  readonly settleMs: number;
  /** After a start, a wake, a return of the network or a pause, how long *not live* does not count yet, ms. */
  readonly graceMs: number;
  /** Losses belong to one alert until none came for so long, ms. */
  readonly gapQuietMs: number;
}

/** What ships. */
export const alertLimits: AlertLimits = { settleMs: 10_000, graceMs: 15_000, gapQuietMs: 600_000 };

/** Longest count told; beyond it an alert only goes on. */
export const mostCounted = 1_000_000_000;
