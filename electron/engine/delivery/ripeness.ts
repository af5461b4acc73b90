import type { Clock } from '../core/clock';

/**
 * For feeds that cannot be asked again: which numbers have waited long enough for stragglers. Noted a tenth of the
 * waiting time at once, so that steady loss costs a dozen marks, and no jump waits for the one before it.
 */
export class Ripeness {
  private readonly marks: { readonly at: number; frontier: number }[] = [];
  private ripe = 0;

  constructor(
    private readonly clock: Clock,
    private readonly waitMs: number,
  ) {}

  /** Everything up to `frontier` is known to exist from now on. */
  note(frontier: number): void {
    const at = this.clock.now();
    const last = this.marks.at(-1);
    if (last !== undefined && at - last.at < this.waitMs / 10) last.frontier = frontier;
    else this.marks.push({ at, frontier });
  }

  /** Numbers below this have waited long enough. */
  below(): number {
    const due = this.clock.now() - this.waitMs;
    for (let mark = this.marks[0]; mark !== undefined && mark.at <= due; mark = this.marks[0]) {
      this.ripe = mark.frontier;
      this.marks.shift();
    }
    return this.ripe;
  }

  /** How long until more is ripe, ms; null when nothing waits. */
  waitMore(): number | null {
    const next = this.marks[0];
    return next === undefined ? null : next.at + this.waitMs - this.clock.now();
  }

  clear(): void {
    this.marks.length = 0;
    this.ripe = 0;
  }
}
