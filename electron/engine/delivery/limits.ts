/** Bounds of the sequencer. Counts, bytes and milliseconds, each named by its suffix. */
export interface SequencerLimits {
  /** Events held out of order, per stream. */
  readonly windowEvents: number;
  /** Bytes of bodies held out of order, per stream. */
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
  /** Dedupe keys kept for feeds without numbers. */
  readonly recentKeys: number;
  /** Epochs left that are remembered, per source. */
  readonly pastEpochs: number;
  /** Streams with a cursor of their own, per source. */
  readonly streams: number;
  /** Events in one step of delivery. */
  readonly stepEvents: number;
  /** A number further ahead than this of what a feed that can resume has sent is not believed without an attach answer. */
  readonly jump: number;
  /** How much of a new epoch's beginning is asked for when the attach answer starts behind it. */
  readonly epochBackfill: number;
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
  recentKeys: 2_000,
  pastEpochs: 1_000,
  streams: 10_000,
  stepEvents: 256,
  jump: 10_000_000,
  epochBackfill: 1_000_000,
  epochReturnMs: 60_000,
};
