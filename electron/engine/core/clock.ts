/** A pending timer. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

declare const reckoning: unique symbol;

/** Monotonic milliseconds since an arbitrary start: for deadlines and ages. Stands still while asleep on Linux. */
export type MonotonicMs = number & { readonly [reckoning]: 'monotonic' };

/** Wall clock, epoch milliseconds: for what people read. May jump either way. */
export type WallMs = number & { readonly [reckoning]: 'wall' };

/** Milliseconds since the machine booted, time asleep included: for waits that sleep does not prolong. */
export type BootMs = number & { readonly [reckoning]: 'boot' };

/** An instant some time after (or before) another of the same reckoning. Differences of instants are plain numbers. */
export function later<Instant extends MonotonicMs | WallMs | BootMs>(at: Instant, ms: number): Instant {
  return (at + ms) as Instant;
}

/** The first of several instants. */
export function earliest<Instant extends MonotonicMs | WallMs | BootMs>(...times: readonly Instant[]): Instant {
  return Math.min(...times) as Instant;
}

/** The last of several instants. */
export function latest<Instant extends MonotonicMs | WallMs | BootMs>(...times: readonly Instant[]): Instant {
  return Math.max(...times) as Instant;
}

/** Names a plain number as an instant: for whoever makes a clock. */
export const monotonicMs = (ms: number): MonotonicMs => ms as MonotonicMs;
export const wallMs = (ms: number): WallMs => ms as WallMs;
export const bootMs = (ms: number): BootMs => ms as BootMs;

/** An instant that never comes. */
export const never = monotonicMs(Number.POSITIVE_INFINITY);
/** An instant before everything. */
export const longAgo = bootMs(Number.NEGATIVE_INFINITY);

/**
 * Time as the engine sees it. Everything that waits or measures takes it from here, so that one seed
 * replays one run. Invariants: `now` never goes back; a timer never fires early, never inside the call
 * that set it, and timers due at the same instant fire in the order they were set.
 */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start. Does not count time asleep on Linux. */
  now(): MonotonicMs;
  /** Wall clock, epoch milliseconds. May jump either way. */
  wall(): WallMs;
  /** Milliseconds since the machine booted, time asleep included (`os.uptime`). */
  uptime(): BootMs;
  /** Calls back once after `ms` milliseconds (≥ 0) of monotonic time. */
  after(ms: number, callback: () => void): Timer;
  /** `now` runs on while the machine sleeps (macOS, Windows), so that a late timer may come of either. Absent: it does not. */
  readonly runsAsleep?: boolean;
  /** Processor time that this process has used, ms; absent where nobody measures it. */
  worked?(): number;
}

/** A timer that comes this late, ms, shows that the process was busy. */
const busyMs = 50;

/**
 * Calls back once after `ms`, to judge a silence. Where the process was busy past that time, what has arrived meanwhile
 * lies unread: one turn of I/O comes first, in which it may cancel this.
 */
export function deadline(clock: Clock, ms: number, overdue: () => void): Timer {
  const dueAt = later(clock.now(), ms);
  let timer = clock.after(ms, () => {
    if (clock.now() - dueAt < busyMs) overdue();
    else timer = clock.after(0, overdue);
  });
  return { cancel: () => timer.cancel() };
}
