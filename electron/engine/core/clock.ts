/** A pending timer. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/**
 * Time as the engine sees it. Everything that waits or measures takes it from here, so that one seed
 * replays one run. Invariants: `now` never goes back; a timer never fires early, never inside the call
 * that set it, and timers due at the same instant fire in the order they were set.
 */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start. Does not count time asleep on Linux. */
  now(): number;
  /** Wall clock, epoch milliseconds. May jump either way. */
  wall(): number;
  /** Milliseconds since the machine booted, time asleep included (`os.uptime`). */
  uptime(): number;
  /** Calls back once after `ms` milliseconds (≥ 0) of monotonic time. */
  after(ms: number, callback: () => void): Timer;
}
