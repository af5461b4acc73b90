import { type Bucket, boundedSum, type SeriesName } from '../../../shared/meters';
import type { RollupIncrement } from '../core/journal';
import { BucketRing } from './ring';

/** Series that there is room for at first: it grows with use. */
const smallest = 32;

/**
 * What every series gathered since it was last handed over, column by column: observing is the hottest write of the
 * engine after delivery itself, and typed arrays keep it free of allocation.
 */
export class SeriesTable {
  private readonly names: SeriesName[] = [];
  private readonly indexes = new Map<SeriesName, number>();
  private readonly rings: BucketRing[] = [];
  private counts = new Float64Array(smallest);
  private sums = new Float64Array(smallest);
  private mins = new Float64Array(smallest).fill(Number.POSITIVE_INFINITY);
  private maxs = new Float64Array(smallest).fill(Number.NEGATIVE_INFINITY);
  private lasts = new Float64Array(smallest);
  private readonly dirty: number[] = [];
  private ready: RollupIncrement[] = [];
  /** Start of the current second, epoch ms. */
  private second = Number.NaN;
  /** Increments that had to go because nobody drained them. */
  evicted = 0;

  /** `capacity`: how many series there can be. `waiting`: increments kept for a drain that does not come. */
  constructor(
    private readonly capacity: number,
    private readonly recentSeconds: number,
    private readonly waiting: number,
  ) {}

  /** Moves to the second of `wall`; when the clock was set back, it simply goes on in an older one. */
  at(wall: number): void {
    const second = Math.floor(wall / 1000) * 1000;
    if (second === this.second) return;
    this.close();
    this.second = second;
  }

  /** Index of a series, made when it is new. Throws a RangeError beyond the capacity, which callers keep to. */
  index(name: SeriesName): number {
    const known = this.indexes.get(name);
    if (known !== undefined) return known;
    const index = this.names.length;
    if (index >= this.capacity) throw new RangeError(`More than ${this.capacity} series.`);
    if (index === this.counts.length) this.grow();
    this.names.push(name);
    this.indexes.set(name, index);
    this.rings.push(new BucketRing(this.recentSeconds));
    return index;
  }

  private grow(): void {
    const longer = (from: Float64Array, fill: number) => {
      const to = new Float64Array(from.length * 2).fill(fill, from.length);
      to.set(from);
      return to;
    };
    this.counts = longer(this.counts, 0);
    this.sums = longer(this.sums, 0);
    this.mins = longer(this.mins, Number.POSITIVE_INFINITY);
    this.maxs = longer(this.maxs, Number.NEGATIVE_INFINITY);
    this.lasts = longer(this.lasts, 0);
  }

  /** One observation. Call `at` first. */
  observe(index: number, value: number): void {
    const count = this.counts[index] ?? 0;
    if (count === 0) this.dirty.push(index);
    this.counts[index] = count + 1;
    this.sums[index] = (this.sums[index] ?? 0) + value;
    if (value < (this.mins[index] ?? 0)) this.mins[index] = value;
    if (value > (this.maxs[index] ?? 0)) this.maxs[index] = value;
    this.lasts[index] = value;
  }

  /** Several observations at once. */
  add(index: number, more: Omit<Bucket, 'start'>): void {
    if (more.count === 0) return;
    const count = this.counts[index] ?? 0;
    if (count === 0) this.dirty.push(index);
    this.counts[index] = count + more.count;
    this.sums[index] = (this.sums[index] ?? 0) + more.sum;
    this.mins[index] = Math.min(this.mins[index] ?? 0, more.min);
    this.maxs[index] = Math.max(this.maxs[index] ?? 0, more.max);
    this.lasts[index] = more.last;
  }

  /** Increments since the last call. Each observation is in exactly one of them. */
  drain(): readonly RollupIncrement[] {
    this.close();
    const drained = this.ready;
    this.ready = [];
    return drained;
  }

  recent(name: SeriesName, since: number): readonly Bucket[] {
    this.close();
    const index = this.indexes.get(name);
    return index === undefined ? [] : (this.rings[index]?.since(since) ?? []);
  }

  list(): readonly SeriesName[] {
    return [...this.names];
  }

  /** Ends what was gathered of the current second. */
  private close(): void {
    if (this.dirty.length === 0) return;
    for (const index of this.dirty) {
      const series = this.names[index];
      if (series === undefined) continue;
      const count = this.counts[index] ?? 0;
      const sum = boundedSum(this.sums[index] ?? 0, 0);
      const min = this.mins[index] ?? 0;
      const max = this.maxs[index] ?? 0;
      const last = this.lasts[index] ?? 0;
      this.rings[index]?.add(this.second, count, sum, min, max, last);
      this.ready.push({ series, start: this.second, count, sum, min, max, last });
      this.counts[index] = 0;
      this.sums[index] = 0;
      this.mins[index] = Number.POSITIVE_INFINITY;
      this.maxs[index] = Number.NEGATIVE_INFINITY;
    }
    this.dirty.length = 0;
    const over = this.ready.length - this.waiting;
    if (over > 0) {
      this.ready.splice(0, over);
      this.evicted += over;
    }
  }
}
