import { type Bucket, boundedSum } from '../../../shared/meters';

const fields = 6;
const [atStart, atCount, atSum, atMin, atMax, atLast] = [0, 1, 2, 3, 4, 5];
const smallest = 16;

/**
 * The last buckets of one series, oldest overwritten first. Only seconds in which something happened take room,
 * and it grows with use, so that a thousand quiet series cost next to nothing.
 */
export class BucketRing {
  private values = new Float64Array(smallest * fields);
  private capacity = smallest;
  /** Index of the oldest bucket. */
  private head = 0;
  private size = 0;

  constructor(private readonly limit: number) {}

  /** Adds an increment; to the newest bucket when it is of the same second. `start` in epoch ms. */
  add(start: number, count: number, sum: number, min: number, max: number, last: number): void {
    const values = this.values;
    if (this.size > 0) {
      const at = ((this.head + this.size - 1) % this.capacity) * fields;
      if (values[at + atStart] === start) {
        values[at + atCount] = (values[at + atCount] ?? 0) + count;
        values[at + atSum] = boundedSum(values[at + atSum] ?? 0, sum);
        values[at + atMin] = Math.min(values[at + atMin] ?? min, min);
        values[at + atMax] = Math.max(values[at + atMax] ?? max, max);
        values[at + atLast] = last;
        return;
      }
    }
    if (this.size === this.capacity) this.grow();
    if (this.size === this.capacity) {
      this.head = (this.head + 1) % this.capacity;
      this.size--;
    }
    const at = ((this.head + this.size) % this.capacity) * fields;
    this.size++;
    this.values[at + atStart] = start;
    this.values[at + atCount] = count;
    this.values[at + atSum] = sum;
    this.values[at + atMin] = min;
    this.values[at + atMax] = max;
    this.values[at + atLast] = last;
  }

  /** Buckets with `start` ≥ `since`, in the order they were added. */
  since(since: number): Bucket[] {
    const buckets: Bucket[] = [];
    for (let index = 0; index < this.size; index++) {
      const at = ((this.head + index) % this.capacity) * fields;
      if ((this.values[at + atStart] ?? 0) >= since) buckets.push(this.read(at));
    }
    return buckets;
  }

  private read(at: number): Bucket {
    return {
      start: this.values[at + atStart] ?? 0,
      count: this.values[at + atCount] ?? 0,
      sum: this.values[at + atSum] ?? 0,
      min: this.values[at + atMin] ?? 0,
      max: this.values[at + atMax] ?? 0,
      last: this.values[at + atLast] ?? 0,
    };
  }

  private grow(): void {
    const capacity = Math.min(this.limit, this.capacity * 2);
    if (capacity <= this.capacity) return;
    const grown = new Float64Array(capacity * fields);
    for (let index = 0; index < this.size; index++) {
      const at = ((this.head + index) % this.capacity) * fields;
      grown.set(this.values.subarray(at, at + fields), index * fields);
    }
    this.values = grown;
    this.capacity = capacity;
    this.head = 0;
  }
}
