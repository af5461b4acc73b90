/** Learns how often a stream sends its heartbeat comments, where nobody promised it. */
export interface Cadence {
  /** A comment came. Non-null when the cadence is known, or known better than before, ms. */
  comment(at: number): number | null;
  /** Something else came: a feed may start its idle timer anew, so that this interval tells nothing. */
  frame(): void;
}

const samples = 4;
/** A cadence below this, ms, is taken for this: a watchdog that is too keen would cut healthy streams. */
const leastMs = 5_000;
/** How much the longest interval may exceed the shortest for a cadence to be believed. */
const evenness = 1.5;

export function createCadence(): Cadence {
  let lastAt: number | null = null;
  let intervals: number[] = [];
  let known: number | null = null;
  return {
    comment(at) {
      if (lastAt !== null && at > lastAt) intervals = [...intervals, at - lastAt].slice(-samples);
      lastAt = at;
      if (intervals.length < samples) return null;
      const longest = Math.max(...intervals);
      if (longest > evenness * Math.min(...intervals)) return null;
      const learnt = Math.max(leastMs, longest);
      if (known !== null && learnt <= known) return null;
      known = learnt;
      return learnt;
    },
    frame() {
      lastAt = null;
    },
  };
}
