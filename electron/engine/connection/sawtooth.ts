/** Watches the lag of an SSE stream's events for the mark that a buffer leaves. */
export interface Sawtooth {
  /** An event arrived: its sender's time and our own, epoch ms. Non-null when the pattern is complete. */
  event(sentAt: number, receivedAt: number): { readonly bursts: number; readonly lagMs: number } | null;
  reset(): void;
}

/** Events this close together, ms, arrived in one burst. */
const burstGapMs = 150;
/** A burst must have been sent over at least this long, ms, to say anything. */
const leastSpanMs = 2_000;
const leastEvents = 3;
const burstsNeeded = 3;

/**
 * A buffer collects and lets go at once: within a burst the first event is old, the last is fresh, and (arrival −
 * send time) falls like a sawtooth. Only differences are used, so that clocks need not agree.
 */
export function createSawtooth(): Sawtooth {
  // Events of a burst; numbers apart, since an object per event costs more than the rest of this.
  let events = 0;
  let firstSentAt = 0;
  let firstAt = 0;
  let lastSentAt = 0;
  let lastAt = 0;
  let bursts = 0;
  let lagMs = 0;

  function endBurst(): void {
    if (events === 0) return;
    const sentSpan = lastSentAt - firstSentAt;
    const arrivalSpan = lastAt - firstAt;
    const toothed = events >= leastEvents && sentSpan >= leastSpanMs && arrivalSpan <= sentSpan / 4;
    bursts = toothed ? bursts + 1 : 0;
    lagMs = toothed ? Math.max(lagMs, sentSpan - arrivalSpan) : 0;
  }

  return {
    event(sentAt, receivedAt) {
      const follows = events > 0 && receivedAt - lastAt <= burstGapMs;
      if (!follows) {
        endBurst();
        events = 0;
        firstSentAt = sentAt;
        firstAt = receivedAt;
      }
      events += 1;
      lastSentAt = sentAt;
      lastAt = receivedAt;
      if (follows || bursts < burstsNeeded) return null;
      const found = { bursts, lagMs };
      bursts = 0;
      lagMs = 0;
      return found;
    },
    reset() {
      events = 0;
      bursts = 0;
      lagMs = 0;
    },
  };
}
