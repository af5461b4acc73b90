/** Events that tell about a sender's clock before the next ones judge anew, and how long they may take, ms. */
const windowEvents = 256;
const windowMs = 60_000;
/** An event cannot arrive before it was sent. Up to this the clocks are as equal as clocks are, ms. */
const toleranceMs = 2_000;

/**
 * Judges by the events themselves whether a sender's clock runs ahead of ours: then its times say nothing of how late
 * an event is. Looks at the last events only, so that a clock that was set right is believed again.
 */
export class SenderClock {
  private least = Number.POSITIVE_INFINITY;
  private leastBefore = Number.POSITIVE_INFINITY;
  private events = 0;
  private since = 0;

  /** How late an event is, ms; null where the sender's clock cannot tell. Times are epoch ms. */
  lag(sentAt: number, receivedAt: number): number | null {
    const lag = receivedAt - sentAt;
    if (this.events >= windowEvents || receivedAt - this.since >= windowMs || receivedAt < this.since) {
      this.leastBefore = this.events > 0 ? this.least : Number.POSITIVE_INFINITY;
      this.least = Number.POSITIVE_INFINITY;
      this.events = 0;
      this.since = receivedAt;
    }
    this.events += 1;
    if (lag < this.least) this.least = lag;
    if (this.aheadMs() !== null) return null;
    return Math.max(0, lag);
  }

  /** By how much the sender's clock runs ahead, at least, ms; null while it does not. */
  aheadMs(): number | null {
    const least = Math.min(this.least, this.leastBefore);
    return least < -toleranceMs ? -least : null;
  }
}
