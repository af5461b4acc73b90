import type { PastEpoch } from '../core/delivery';

/** Kept per stream. */
const perStream = 4;
/** Gaps kept of each: its end is the last of them. */
const perEpoch = 16;

/**
 * Remembers the last epochs that streams left, across restarts. A return to one within a minute means that several
 * instances answer and do not share a log; and what was delivered of it then must not be delivered again.
 */
export class EpochMemory {
  private readonly past: PastEpoch[];
  private changed = false;

  constructor(
    /** Epochs kept per source. */
    private readonly limit: number,
    restored: readonly PastEpoch[],
  ) {
    this.past = restored.slice(-limit);
  }

  left(entry: PastEpoch): void {
    this.forget(entry.stream, entry.epoch);
    this.past.push(entry.left === undefined ? entry : { ...entry, left: entry.left.slice(-perEpoch) });
    this.changed = true;
    const ofStream = this.past.filter(({ stream }) => stream === entry.stream);
    const oldest = ofStream.length > perStream ? ofStream[0] : this.past.length > this.limit ? this.past[0] : undefined;
    if (oldest !== undefined) this.forget(oldest.stream, oldest.epoch);
  }

  /** The epoch is over for good, or entered again. */
  forget(stream: string, epoch: string): void {
    const at = this.past.findIndex((entry) => entry.stream === stream && entry.epoch === epoch);
    if (at === -1) return;
    this.past.splice(at, 1);
    this.changed = true;
  }

  /** How far an epoch had come when it was left, and when; null when it is new. */
  find(stream: string, epoch: string): PastEpoch | null {
    return this.past.find((entry) => entry.stream === stream && entry.epoch === epoch) ?? null;
  }

  /** Epochs that a stream left since `stored`, which names those it had left before and `current`, the one it was in. */
  leftSince(stream: string, stored: readonly PastEpoch[], current: string | null): readonly PastEpoch[] {
    return this.past.filter(
      (entry) =>
        entry.stream === stream &&
        entry.epoch !== current &&
        !stored.some(({ stream: name, epoch }) => name === stream && epoch === entry.epoch),
    );
  }

  /** The list where it changed since the last call, or where `always`; null otherwise. */
  takeChange(always: boolean): readonly PastEpoch[] | null {
    if (!this.changed && !always) return null;
    this.changed = false;
    return [...this.past];
  }
}
