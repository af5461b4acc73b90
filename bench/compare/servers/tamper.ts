/** What a tampering server sends instead of what was published. The log itself stays whole. */
export interface Tamper {
  repeatNext(count: number): void;
  reorderNext(count: number): void;
  /** What goes out live for these events, in order. May hold the last one back until the next call. */
  live(events: readonly number[]): number[];
}

/** Tampers as the gateway's demo faults do: events twice, neighbours in each other's place. */
export function createTamper(): Tamper {
  let repeat = 0;
  let reorder = 0;
  let held: number | null = null;
  return {
    repeatNext(count) {
      repeat = count;
    },
    reorderNext(count) {
      reorder = count;
    },
    live(events) {
      const out: number[] = [];
      for (const event of events) {
        if (held !== null) {
          out.push(event, held);
          held = null;
        } else if (reorder > 0) {
          reorder -= 2;
          held = event;
        } else if (repeat > 0) {
          repeat -= 1;
          out.push(event, event);
        } else out.push(event);
      }
      return out;
    },
  };
}
