import { bootMs, type Clock, monotonicMs, type Timer, wallMs } from '../core/clock';

interface Entry {
  readonly due: number;
  readonly order: number;
  callback: (() => void) | null;
}

/** Controls of a fake clock beside the `Clock` the engine sees. */
export interface FakeClock extends Clock {
  /** Moves monotonic time on by `ms`, firing what falls due, in order, each at its own instant. */
  advance(ms: number): void;
  /** The same, letting promises settle after every timer. */
  advanceAsync(ms: number): Promise<void>;
  /** Fires the next timer, if one is due within `withinMs`; false when none is. */
  step(withinMs: number): boolean;
  /** The machine sleeps: wall clock and uptime run on, monotonic time and timers stand still (Linux). */
  sleep(ms: number): void;
  /** The wall clock alone jumps (a correction, a person). */
  shiftWall(ms: number): void;
  /** The process is busy for `ms`: what falls due fires together afterwards, and then what had arrived is read. */
  jump(ms: number, arrived: () => void): void;
  /** From now on every timer fires this much late (an overloaded machine). */
  setLateness(ms: number): void;
  /** Timers set and neither fired nor cancelled. Zero after everything is closed. */
  pending(): number;
}

/** How many microtask turns `advanceAsync` grants after each timer; promise chains in the engine are shorter. */
const settleTurns = 10;

/**
 * A clock that only moves when told. Invariants: monotonic time never goes back; timers fire in order of due
 * time, then of setting; none fires inside the call that set it; `advance(0)` fires what is due now.
 */
export function createFakeClock(options: { readonly wall?: number; readonly uptime?: number } = {}): FakeClock {
  let now = 0;
  let wallOffset = options.wall ?? Date.UTC(2026, 0, 1, 12);
  let uptimeOffset = options.uptime ?? 3_600_000;
  let lateness = 0;
  let order = 0;
  let live = 0;
  const heap: Entry[] = [];

  const before = (a: Entry, b: Entry): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);

  function push(entry: Entry): void {
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || !before(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  function pop(): Entry | undefined {
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const left = heap[child];
      if (!left) break;
      const right = heap[child + 1];
      let smaller = left;
      if (right && before(right, left)) {
        child += 1;
        smaller = right;
      }
      if (!before(smaller, last)) break;
      heap[index] = smaller;
      index = child;
    }
    heap[index] = last;
    return top;
  }

  /** Drops cancelled timers from the top so that `heap[0]` is live. */
  function next(): Entry | undefined {
    while (heap[0] && heap[0].callback === null) pop();
    return heap[0];
  }

  function step(withinMs: number): boolean {
    const entry = next();
    if (!entry || entry.due > now + withinMs) return false;
    pop();
    now = Math.max(now, entry.due);
    const callback = entry.callback;
    entry.callback = null;
    live -= 1;
    callback?.();
    return true;
  }

  return {
    now: () => monotonicMs(now),
    wall: () => wallMs(now + wallOffset),
    uptime: () => bootMs(now + uptimeOffset),
    after(ms, callback): Timer {
      if (!(ms >= 0)) throw new RangeError(`A timer needs a delay of 0 ms or more, not ${ms}.`);
      const entry: Entry = { due: now + ms + lateness, order: order++, callback };
      push(entry);
      live += 1;
      return {
        cancel() {
          if (entry.callback === null) return;
          entry.callback = null;
          live -= 1;
        },
      };
    },
    step,
    advance(ms) {
      const end = now + ms;
      while (step(end - now));
      now = end;
    },
    async advanceAsync(ms) {
      const end = now + ms;
      const settle = async (): Promise<void> => {
        for (let turn = 0; turn < settleTurns; turn += 1) await Promise.resolve();
      };
      await settle();
      while (step(end - now)) await settle();
      now = end;
    },
    jump(ms, arrived) {
      now += ms;
      // Timers that are due come first, then I/O, then timers that those set.
      const due = order;
      for (let entry = next(); entry && entry.due <= now && entry.order < due; entry = next()) step(0);
      arrived();
      while (step(0));
    },
    sleep(ms) {
      wallOffset += ms;
      uptimeOffset += ms;
    },
    shiftWall(ms) {
      wallOffset += ms;
    },
    setLateness(ms) {
      lateness = ms;
    },
    pending: () => live,
  };
}
