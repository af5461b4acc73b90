import { later, type WallMs, wallMs } from '../core/clock';

/** Two of these are remembered, ms. What came in one go, as a backlog does, is soon none of the pace. */
const windowMs = 10_000;
/** What came in less is taken to have come in this long, ms. */
const leastMs = 1_000;
/** A feed may go so much faster than it did lately, and by so many events at any pace. */
const faster = 3;
const always = 20;

/** How fast the events of a feed came lately, by the wall clock: it runs on while the machine sleeps. Breaks are no part of it. */
export class Pace {
  private startedAt: WallMs | null = null;
  private newestAt: WallMs = wallMs(0);
  private count = 0;
  private before = { count: 0, ms: 0 };

  /** An event came; `first`: after a break. */
  note(at: WallMs, first: boolean): void {
    const { startedAt } = this;
    const since = at - this.newestAt;
    this.newestAt = at;
    if (startedAt === null || since < 0) {
      // The first, or the clock was set back.
      this.startedAt = at;
      this.count = 0;
      this.before = { count: 0, ms: 0 };
    } else if (first) {
      this.startedAt = later(startedAt, since);
    } else if (at - startedAt >= windowMs) {
      this.before = { count: this.count, ms: at - startedAt };
      this.startedAt = at;
      this.count = 0;
    }
    this.count += 1;
  }

  /** As many events as may have been missed since the newest. */
  mostUntil(at: WallMs): number {
    if (this.startedAt === null) return always;
    const { count, ms } = this.before;
    const perMs = (this.count + count) / Math.max(leastMs, this.newestAt - this.startedAt + ms);
    return always + faster * perMs * Math.max(0, at - this.newestAt);
  }
}
