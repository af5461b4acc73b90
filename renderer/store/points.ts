import type { Update } from '../../shared/ipc';
import type { Bucket, SeriesName } from '../../shared/meters';

/** Seconds of live points kept per series; history is read again before they run out. */
export const liveSeconds = 900;

/** Most series kept at once: what one window may ask for. */
const maxSeries = 64;

/**
 * One-second buckets of the source that is open, as they arrive. Outside React: charts read it at their own pace.
 * Bounded to `liveSeconds` per series and 64 series.
 */
export class LivePoints {
  #source: string | null = null;
  #version = 0;
  readonly #series = new Map<SeriesName, Map<number, Bucket>>();

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** Forgets everything when another source is opened. */
  open(source: string | null): void {
    if (source === this.#source) return;
    this.#source = source;
    this.#series.clear();
    this.#version += 1;
  }

  add({ source, points }: Extract<Update, { kind: 'points' }>): void {
    if (source !== this.#source) return;
    for (const { series, bucket } of points) {
      const known = this.#series.get(series) ?? new Map<number, Bucket>();
      if (!this.#series.has(series) && this.#series.size >= maxSeries) continue;
      this.#series.set(series, known);
      known.set(bucket.start, bucket);
      for (const start of known.keys()) {
        if (known.size <= liveSeconds) break;
        known.delete(start);
      }
    }
    this.#version += 1;
  }

  /** Buckets of a series from `from` (epoch ms) on, in order of arrival. */
  since(series: SeriesName, from: number): readonly Bucket[] {
    return [...(this.#series.get(series)?.values() ?? [])].filter((bucket) => bucket.start >= from);
  }
}
