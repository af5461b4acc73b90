/** Bounds of the sequencer. Counts, bytes and milliseconds, each named by its suffix. */
export interface SequencerLimits {
  /** Events held out of order, per source. */
  readonly windowEvents: number;
  /** Bytes of bodies held out of order, per source. */
  readonly windowBytes: number;
  /** How long a number may stay out of order before its absence is a gap, ms. */
  readonly reorderMs: number;
  /** How long newer events are held back for a repair that makes no progress, ms. After that they pass and the gap stays open. */
  readonly holdMs: number;
  /** Events asked for in one repair. */
  readonly repairEvents: number;
  /** A repair without an answer or any progress for this long has failed, ms. */
  readonly repairTimeoutMs: number;
  /** Repairs running at once, per source. */
  readonly repairsInFlight: number;
  /** Smallest and largest wait between repairs that bring nothing, ms. */
  readonly repairMinMs: number;
  readonly repairMaxMs: number;
  /** Open gaps per stream. Beyond it nothing is passed or split: it is asked for again in order. */
  readonly openGaps: number;
  /** The same of all streams of a source together. */
  readonly openGapsInAll: number;
  /** Dedupe keys kept for feeds without numbers; of a list that is polled, as many as it is long. */
  readonly recentKeys: number;
  /** Epochs left that are remembered, per source. */
  readonly pastEpochs: number;
  /** Streams with a cursor of their own, per source. */
  readonly streams: number;
  /** Characters in the names of all those streams. */
  readonly streamNameChars: number;
  /** Events in one step of delivery. */
  readonly stepEvents: number;
  /**
   * A number further ahead than this of what a feed that can resume has sent is not believed: an event not without an
   * attach answer that says the same, an attach answer not without such an event.
   */
  readonly jump: number;
  /** How much of a new epoch's beginning is asked for when the attach answer starts behind it. */
  readonly epochBackfill: number;
  /** A session that resumed and has heard nothing for this long is not known to have resumed, ms. */
  readonly resumeProofMs: number;
  /** Events that a look saw may still come by themselves for this long, ms. */
  readonly lookGraceMs: number;
  /** A return to an epoch left less than this ago means that instances do not share a log, ms. */
  readonly epochReturnMs: number;
}

/** What ships. */
export const sequencerLimits: SequencerLimits = {
  windowEvents: 10_000,
  windowBytes: 16 * 1024 * 1024,
  reorderMs: 250,
  holdMs: 10_000,
  repairEvents: 5_000,
  repairTimeoutMs: 15_000,
  repairsInFlight: 4,
  repairMinMs: 300,
  repairMaxMs: 30_000,
  openGaps: 1_000,
  openGapsInAll: 50_000,
  recentKeys: 2_000,
  pastEpochs: 1_000,
  streams: 10_000,
  streamNameChars: 1024 * 1024,
  stepEvents: 256,
  jump: 10_000_000,
  epochBackfill: 1_000_000,
  resumeProofMs: 10_000,
  lookGraceMs: 2_000,
  epochReturnMs: 60_000,
};
