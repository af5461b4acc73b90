import type { GapCause } from '../../../shared/gap';
import type { DecodedEvent } from '../core/protocol';

/** A number's place taken by something that was received and can never become an event. */
export class Unreadable {
  constructor(readonly cause: Extract<GapCause, 'decode-error' | 'too-large'>) {}
}

export type Held = DecodedEvent | Unreadable;

/**
 * Events ahead of their turn, bounded by count and bytes. When full it lets the *newest* go: those can be asked
 * for again after the ones before them, and nothing is declared missing that is only late.
 */
export class ReorderWindow {
  private readonly held = new Map<number, Held>();
  private bytes = 0;
  private highest = 0;

  constructor(
    private readonly maxEvents: number,
    private readonly maxBytes: number,
  ) {}

  get size(): number {
    return this.held.size;
  }

  /** Highest number held; 0 when empty. */
  get max(): number {
    return this.held.size === 0 ? 0 : this.highest;
  }

  has(seq: number): boolean {
    return this.held.has(seq);
  }

  /** Holds an event. Answers the numbers it had to let go to make room, its own perhaps among them. */
  put(seq: number, event: Held): readonly number[] {
    this.held.set(seq, event);
    this.bytes += sizeOf(event);
    if (seq > this.highest || this.held.size === 1) this.highest = seq;
    if (this.held.size <= this.maxEvents && this.bytes <= this.maxBytes) return nothing;
    const dropped: number[] = [];
    while (this.held.size > 0 && (this.held.size > this.maxEvents || this.bytes > this.maxBytes)) {
      const newest = this.highest;
      this.take(newest);
      dropped.push(newest);
    }
    return dropped;
  }

  take(seq: number): Held | undefined {
    const event = this.held.get(seq);
    if (event === undefined) return undefined;
    this.held.delete(seq);
    this.bytes -= sizeOf(event);
    if (seq === this.highest && this.held.size > 0) {
      this.highest = 0;
      for (const key of this.held.keys()) if (key > this.highest) this.highest = key;
    }
    return event;
  }

  /** Lowest number held, `from` or above, where nothing below `from` is held; null when empty. Holes are mostly short. */
  lowest(from: number): number | null {
    if (this.held.size === 0) return null;
    for (let seq = from; seq < from + probed; seq++) if (this.held.has(seq)) return seq;
    let lowest = Number.POSITIVE_INFINITY;
    for (const key of this.held.keys()) if (key < lowest) lowest = key;
    return lowest;
  }

  /** Numbers held, ascending. */
  numbers(): readonly number[] {
    return [...this.held.keys()].sort((a, b) => a - b);
  }

  clear(): void {
    this.held.clear();
    this.bytes = 0;
    this.highest = 0;
  }
}

/** Numbers tried one by one before all that are held are looked through. */
const probed = 64;

const nothing: readonly number[] = [];

function sizeOf(event: Held): number {
  return event instanceof Unreadable ? 0 : event.bytes;
}
