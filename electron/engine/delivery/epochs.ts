/** Epochs a stream left, newest last, and how far it had come in each. */
interface Past {
  readonly epoch: string;
  readonly cursor: number;
  /** Monotonic ms. */
  readonly leftAt: number;
}

const remembered = 4;

/**
 * Remembers the last few epochs of each stream. A return to one within a minute means that several instances answer
 * and do not share a log; and what was delivered of it then must not be delivered again.
 */
export class EpochMemory {
  private readonly past = new Map<string, Past[]>();

  left(stream: string, epoch: string, cursor: number, at: number): void {
    const list = (this.past.get(stream) ?? []).filter((entry) => entry.epoch !== epoch);
    list.push({ epoch, cursor, leftAt: at });
    this.past.set(stream, list.slice(-remembered));
  }

  /** How far an epoch had come when it was left, and when; null when it is new. */
  find(stream: string, epoch: string): { readonly cursor: number; readonly leftAt: number } | null {
    return this.past.get(stream)?.find((entry) => entry.epoch === epoch) ?? null;
  }
}
