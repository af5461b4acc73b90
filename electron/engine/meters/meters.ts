import type { Bucket, SeriesName } from '../../../shared/meters';
import type { Clock } from '../core/clock';
import type { DeliveredEvent } from '../core/delivery';
import type { RollupIncrement } from '../core/journal';
import type { Measured } from '../core/protocol';
import { Cadence } from './cadence';
import { type MeterLimits, meterLimits } from './limits';
import { LiveSpans } from './live-spans';
import { MeasuredSeries } from './measured';
import { SenderClock } from './sender-clock';
import { SeriesTable } from './series';
import { Shapes } from './shapes';

export interface MetersDeps {
  readonly clock: Clock;
  readonly limits?: Partial<MeterLimits>;
}

/** Seconds that the rate is averaged over, and that the spark line shows. */
const rateSeconds = 5;
const sparkSeconds = 60;
/** events, bytes, lagMs, roundTripMs, reconnects, repeated, lost. */
const fixedSeries = 7;

/** Measures one source. Buckets follow the wall clock at the time of observation. */
export interface Meters {
  /** Delivered events of one step: how many, how large, how old (receivedAt − sentAt), and the numbers in them. */
  observe(events: readonly DeliveredEvent[]): void;
  /** Numbers that came beside events. */
  measured(measured: readonly Measured[]): void;
  roundTrip(ms: number): void;
  reconnect(): void;
  /** Events dropped as repeats, or lost for good, since the last call. */
  repeated(count: number): void;
  lost(count: number): void;
  /** Whether events are to be expected: outside of it silence is neither learnt nor stale, and the spark line has holes. */
  live(live: boolean): void;
  /**
   * Once a second. One that comes late tells that we stood still: silence in that time was not the feed's. Whether rate, spark
   * line or staleness may read otherwise than at the last one: of a source that rests they do not.
   */
  tick(): boolean;
  /** What every series grew by since the last call, by the second: belongs into the events' own transaction. */
  drain(): readonly RollupIncrement[];
  /** One-second buckets of the last `seconds`, oldest first, the running one included; seconds without anything are left out. */
  recent(series: SeriesName, seconds: number): readonly Bucket[];
  seriesNames(): readonly SeriesName[];
  /** Events per second over the last five full seconds. */
  eventsPerSecond(): number;
  /** Events of each of the last 60 full seconds, oldest first; null where it was not live. */
  spark(): readonly (number | null)[];
  /** Learnt pause between events, ms; null while unknown. */
  cadenceMs(): number | null;
  /** No event for 3 × the learnt cadence while live, as far as we looked. */
  stale(): boolean;
  /** Monotonic time at which it becomes stale if nothing comes; null when unknown or not live. */
  staleAt(): number | null;
  /** By how much the sender's clock runs ahead of ours, ms; null while it does not. Lag is unknown then, and not measured. */
  senderAheadMs(): number | null;
  /** Numbers not measured since there were too many series, and increments nobody drained. */
  readonly refused: number;
  readonly evicted: number;
}

/** What one step adds to a series: summed here, the table is written once for all of it. */
class Gathered {
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  last = 0;

  observe(value: number): void {
    this.count += 1;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.last = value;
  }
}

export function createMeters(deps: MetersDeps): Meters {
  const { clock } = deps;
  const limits: MeterLimits = { ...meterLimits, ...deps.limits };
  const capacity = limits.valueSeries + limits.measuredSeries + fixedSeries;
  const table = new SeriesTable(capacity, limits.recentSeconds, limits.waiting);
  const shapes = new Shapes(limits, table, () => clock.wall());
  const named = new MeasuredSeries(limits, table);
  const cadence = new Cadence();
  const clockOfSender = new SenderClock();
  const spans = new LiveSpans(sparkSeconds * 1000);
  const events = table.index('events');
  const bytes = table.index('bytes');
  const lag = table.index('lagMs');
  let tickedAt: number | null = null;
  /** When something was last put into what is shown, and how it reads since the last tick. */
  let movedAt = clock.now();
  let wasStale = false;

  function count(name: SeriesName, by: number): void {
    if (by <= 0) return;
    table.at(clock.wall());
    table.observe(table.index(name), by);
  }

  /** Events per full second of the last `seconds`, oldest first. */
  function perSecond(seconds: number): number[] {
    const now = Math.floor(clock.wall() / 1000) * 1000;
    const counts = new Array<number>(seconds).fill(0);
    for (const bucket of table.recent('events', now - seconds * 1000)) {
      const at = seconds - (now - bucket.start) / 1000;
      if (at >= 0 && at < seconds) counts[at] = (counts[at] ?? 0) + bucket.sum;
    }
    return counts;
  }

  function stale(): boolean {
    const now = clock.now();
    const at = cadence.staleAt();
    // Overdue: what came meanwhile may be waiting to be read.
    const overdue = tickedAt !== null && now - tickedAt > limits.tickLateMs;
    return at !== null && now >= at && !overdue;
  }

  return {
    observe(delivered) {
      if (delivered.length === 0) return;
      movedAt = clock.now();
      table.at(clock.wall());
      cadence.heard(movedAt);
      const sizes = new Gathered();
      const lags = new Gathered();
      for (const event of delivered) {
        sizes.observe(event.bytes);
        if (event.sentAt !== null) {
          const late = clockOfSender.lag(event.sentAt, event.receivedAt);
          if (late !== null) lags.observe(late);
        }
        if (event.measures === undefined) shapes.observe(event.type, event.value, event.of);
        else named.observe({ type: event.type, measures: event.measures });
      }
      const count = delivered.length;
      table.add(events, { count, sum: count, min: 1, max: 1, last: 1 });
      table.add(bytes, sizes);
      table.add(lag, lags);
    },

    measured(measured) {
      table.at(clock.wall());
      for (const one of measured) named.observe(one);
    },
    roundTrip(ms) {
      table.at(clock.wall());
      table.observe(table.index('roundTripMs'), ms);
    },
    reconnect: () => count('reconnects', 1),
    repeated: (by) => count('repeated', by),
    lost: (by) => count('lost', by),

    live(live) {
      if (live) cadence.resumed(clock.now());
      else cadence.interrupted();
      spans.set(live, clock.wall());
      movedAt = clock.now();
    },

    drain() {
      shapes.release();
      return table.drain();
    },
    recent: (series, seconds) => table.recent(series, clock.wall() - seconds * 1000),
    seriesNames: () => table.list(),
    eventsPerSecond: () => perSecond(rateSeconds).reduce((sum, each) => sum + each, 0) / rateSeconds,

    spark() {
      const end = Math.floor(clock.wall() / 1000) * 1000;
      return perSecond(sparkSeconds).map((each, index) => {
        const start = end - (sparkSeconds - index) * 1000;
        return each > 0 || spans.overlaps(start, start + 1000) ? each : null;
      });
    },

    cadenceMs: () => cadence.get(),
    staleAt: () => cadence.staleAt(),
    tick() {
      const now = clock.now();
      if (tickedAt !== null && now - tickedAt > limits.tickLateMs) cadence.stoodStill(now);
      tickedAt = now;
      shapes.release();
      const turned = stale() !== wasStale;
      if (turned) wasStale = !wasStale;
      return turned || now - movedAt <= (sparkSeconds + 2) * 1000;
    },
    stale,

    senderAheadMs: () => clockOfSender.aheadMs(),

    get refused() {
      return shapes.refused + named.refused;
    },
    get evicted() {
      return table.evicted;
    },
  };
}
