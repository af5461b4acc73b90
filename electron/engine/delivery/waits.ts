import { type Clock, deadline, type Timer } from '../core/clock';

/** Somebody who waits. */
export interface Waiter {
  /** The time is over. May arm again. */
  waited(): void;
}

/** One timer for all streams of a source that wait: a thousand of them wake the source together, not one by one. */
export class Waits {
  private readonly due = new Map<Waiter, number>();
  private timer: Timer | null = null;
  private timerAt = Number.POSITIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    /** Shortest time between two wakes, ms: no hot loop is possible. */
    private readonly shortestMs: number,
    /** All whose time was over have been told. */
    private readonly wake: () => void,
  ) {}

  has(waiter: Waiter): boolean {
    return this.due.has(waiter);
  }

  arm(waiter: Waiter, ms: number): void {
    const at = this.clock.now() + Math.max(this.shortestMs, ms);
    this.due.set(waiter, at);
    if (at < this.timerAt) this.set(at);
  }

  cancel(waiter: Waiter): void {
    this.due.delete(waiter);
    if (this.due.size === 0) this.stop();
  }

  close(): void {
    this.due.clear();
    this.stop();
  }

  private set(at: number): void {
    this.timer?.cancel();
    this.timerAt = at;
    this.timer = deadline(this.clock, at - this.clock.now(), () => this.fire());
  }

  private stop(): void {
    this.timer?.cancel();
    this.timer = null;
    this.timerAt = Number.POSITIVE_INFINITY;
  }

  private fire(): void {
    this.timer = null;
    this.timerAt = Number.POSITIVE_INFINITY;
    const now = this.clock.now();
    const ripe: Waiter[] = [];
    for (const [waiter, at] of this.due) if (at <= now) ripe.push(waiter);
    for (const waiter of ripe) this.due.delete(waiter);
    for (const waiter of ripe) waiter.waited();
    let next = Number.POSITIVE_INFINITY;
    for (const at of this.due.values()) if (at < next) next = at;
    if (next !== Number.POSITIVE_INFINITY) this.set(Math.max(next, now + this.shortestMs));
    if (ripe.length > 0) this.wake();
  }
}
