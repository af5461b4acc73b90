/** Bounds of the meters of one source. */
export interface MeterLimits {
  /** Series taken from events' bodies. */
  readonly valueSeries: number;
  /** Series that feeds name themselves, with their labels: those of this run, gone ones included. */
  readonly measuredSeries: number;
  /** Keys looked at over all bodies' shapes. */
  readonly shapeKeys: number;
  /** How many objects deep a number may lie. */
  readonly depth: number;
  /** Arrays up to this long are measured by index; longer ones are not. */
  readonly arrayItems: number;
  /** Seconds of one-second buckets kept in memory, per series. */
  readonly recentSeconds: number;
  /** Increments waiting to be drained. Beyond it the oldest go, counted. */
  readonly waiting: number;
  /** A tick, due every second, that comes later than this after the one before was held up by something of ours, ms. */
  readonly tickLateMs: number;
}

/** What ships. */
export const meterLimits: MeterLimits = {
  valueSeries: 300,
  measuredSeries: 1_600,
  shapeKeys: 4_000,
  depth: 4,
  arrayItems: 4,
  recentSeconds: 300,
  waiting: 20_000,
  tickLateMs: 2_000,
};
