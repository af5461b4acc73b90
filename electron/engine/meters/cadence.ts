/** Gaps between arrivals looked back on, and how many are needed before anything is claimed. */
const lookedBack = 32;
const needed = 5;
/** Pauses so long that the feed was stale; this many of them among those looked back on are a new pace, not outages. */
const newPace = 3;
/** A busy feed is not stale because it paused for a few milliseconds, ms. */
const shortest = 1_000;

/**
 * Learns how often events come: the longest pause of the last few, so that a bursty feed is not called stale between
 * its bursts. Times are monotonic ms. Pauses that are ours (offline, paused, asleep) must be told, or they are learnt.
 */
export class Cadence {
  private readonly pauses: number[] = [];
  private doubted: number[] = [];
  private sinceDoubt = 0;
  private lastAt: number | null = null;

  /** Events arrived. */
  heard(now: number): void {
    if (this.lastAt !== null && now > this.lastAt) this.learn(now - this.lastAt);
    this.lastAt = now;
  }

  private learn(pause: number): void {
    const known = this.get();
    if (known !== null && pause > 3 * known) {
      this.doubted.push(pause);
      this.sinceDoubt = 0;
      if (this.doubted.length < newPace) return;
      this.pauses.push(...this.doubted);
      this.doubted = [];
    } else {
      this.pauses.push(pause);
      if (++this.sinceDoubt > lookedBack) this.doubted = [];
    }
    while (this.pauses.length > lookedBack) this.pauses.shift();
  }

  /** From here on silence is not the feed's doing. */
  interrupted(): void {
    this.lastAt = null;
  }

  /** Silence is the feed's own again. */
  resumed(now: number): void {
    this.lastAt ??= now;
  }

  /** We did nothing for a while: silence counts anew from here. */
  stoodStill(now: number): void {
    if (this.lastAt !== null) this.lastAt = now;
  }

  /** The learnt cadence, ms; null while unknown. */
  get(): number | null {
    return this.pauses.length < needed ? null : Math.max(shortest, ...this.pauses);
  }

  /** When the feed becomes stale if nothing comes: 3 × the cadence after the last event, monotonic ms; null when unknown. */
  staleAt(): number | null {
    const cadence = this.get();
    return cadence === null || this.lastAt === null ? null : this.lastAt + 3 * cadence;
  }
}
