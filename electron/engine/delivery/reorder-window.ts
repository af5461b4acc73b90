import type { GapCause } from '../../../shared/gap';
import { keptEvent, roomOf } from '../core/kept-event';
import type { DecodedEvent } from '../core/protocol';

/** A number's place taken by something that was received and can never become an event. */
export class Unreadable {
  constructor(readonly cause: Extract<GapCause, 'decode-error' | 'too-large'>) {}
}

export type Held = DecodedEvent | Unreadable;

/** What all windows of a source may hold together. */
export class WindowBudget {
  events = 0;
  bytes = 0;

  constructor(
    private readonly maxEvents: number,
    private readonly maxBytes: number,
  ) {}

  get exceeded(): boolean {
    return this.events > this.maxEvents || this.bytes > this.maxBytes;
  }
}

/** Neighbouring numbers, both ends included. */
export interface Run {
  from: number;
  to: number;
}

/**
 * Events of one stream ahead of their turn. When the source's budget is spent it lets its *newest* go: those can be
 * asked for again after the ones before them, and nothing is declared missing that is only late. What is held is known
 * by its runs, so that neither the ends nor the holes have to be looked for.
 */
export class ReorderWindow {
  private readonly held = new Map<number, Held>();
  private readonly ascending: Run[] = [];

  constructor(private readonly budget: WindowBudget) {}

  get size(): number {
    return this.held.size;
  }

  /** Runs of numbers held, ascending. */
  get runs(): readonly Readonly<Run>[] {
    return this.ascending;
  }

  /** Highest number held; 0 when empty. */
  get max(): number {
    return this.ascending[this.ascending.length - 1]?.to ?? 0;
  }

  /** Lowest number held; null when empty. */
  get lowest(): number | null {
    return this.ascending[0]?.from ?? null;
  }

  has(seq: number): boolean {
    return this.held.has(seq);
  }

  /** Holds an event whose number is not held. Answers the numbers it had to let go to make room, its own perhaps among them. */
  put(seq: number, event: Held): readonly number[] {
    this.held.set(seq, event instanceof Unreadable ? event : keptEvent(event));
    this.include(seq);
    this.budget.events++;
    this.budget.bytes += sizeOf(event);
    if (!this.budget.exceeded) return nothing;
    const dropped: number[] = [];
    while (this.held.size > 0 && this.budget.exceeded) {
      const newest = this.max;
      this.take(newest);
      dropped.push(newest);
    }
    return dropped;
  }

  take(seq: number): Held | undefined {
    const event = this.held.get(seq);
    if (event === undefined) return undefined;
    this.held.delete(seq);
    this.exclude(seq);
    this.budget.events--;
    this.budget.bytes -= sizeOf(event);
    return event;
  }

  /** Everything held, ascending; nothing is held any more. */
  takeAll(): readonly Held[] {
    const all: Held[] = [];
    for (const { from, to } of [...this.ascending]) {
      for (let seq = from; seq <= to; seq++) {
        const event = this.take(seq);
        if (event !== undefined) all.push(event);
      }
    }
    return all;
  }

  /** Index of the first run that ends at `seq` or behind it. */
  private runAt(seq: number): number {
    let low = 0;
    let high = this.ascending.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ascending[middle]?.to ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private include(seq: number): void {
    const at = this.runAt(seq);
    const before = this.ascending[at - 1];
    const after = this.ascending[at];
    const joinsBefore = before !== undefined && before.to === seq - 1;
    const joinsAfter = after !== undefined && after.from === seq + 1;
    if (joinsBefore && joinsAfter) {
      before.to = after.to;
      this.ascending.splice(at, 1);
    } else if (joinsBefore) before.to = seq;
    else if (joinsAfter) after.from = seq;
    else this.ascending.splice(at, 0, { from: seq, to: seq });
  }

  private exclude(seq: number): void {
    const at = this.runAt(seq);
    const run = this.ascending[at];
    if (run === undefined) return;
    if (run.from === run.to) this.ascending.splice(at, 1);
    else if (seq === run.from) run.from++;
    else if (seq === run.to) run.to--;
    else {
      this.ascending.splice(at + 1, 0, { from: seq + 1, to: run.to });
      run.to = seq - 1;
    }
  }
}

const nothing: readonly number[] = [];

function sizeOf(event: Held): number {
  return event instanceof Unreadable ? 0 : roomOf(event);
}
