import { type Clock, type MonotonicMs, monotonicMs, type Timer } from '../core/clock';

/** A place in a governor's queue, then a handshake in flight. */
export interface Ticket {
  /** The handshake is over, or no longer wanted. Twice does nothing. */
  release(): void;
}

/** One budget of handshakes per origin for the whole application. */
export interface Governor {
  /**
   * Asks to begin a handshake. `grant` runs as soon as the budget allows, perhaps within this call, at most once,
   * and never after `release`. Owners take turns, however much each asks for. A ticket that is not released frees
   * its place by itself after `holdMs`: an answer that is held back on purpose must not starve the others.
   */
  request(origin: string, owner: string, holdMs: number, grant: () => void): Ticket;
  /** An owner begins a handshake, whichever of its connections it is: one that is edited keeps its pace. */
  begin(owner: string): void;
  /** When it last did; long ago where it never did, or not lately. */
  begunAt(owner: string): MonotonicMs;
  /** Handshakes in flight and waiting, of every origin. */
  size(): { readonly inFlight: number; readonly waiting: number };
}

export interface GovernorLimits {
  readonly maxInFlight: number;
  readonly maxPerSecond: number;
}

export const defaultLimits: GovernorLimits = { maxInFlight: 6, maxPerSecond: 10 };

interface Want {
  readonly holdMs: number;
  readonly grant: () => void;
  state: 'waiting' | 'flying' | 'done';
  timer: Timer | null;
}

interface Gate {
  /** Owners in the order of their turns; a Map keeps insertion order. */
  readonly queues: Map<string, Want[]>;
  readonly starts: MonotonicMs[];
  inFlight: number;
  timer: Timer | null;
}

const secondMs = 1_000;

export function createGovernor(clock: Clock, limits: GovernorLimits = defaultLimits): Governor {
  const gates = new Map<string, Gate>();
  /** Newest last; what is older than a second is nobody's pace any more. */
  const begun = new Map<string, MonotonicMs>();

  function nextWant(gate: Gate): Want | null {
    const first = gate.queues.entries().next();
    if (first.done) return null;
    const [owner, queue] = first.value;
    const want = queue.shift() ?? null;
    gate.queues.delete(owner);
    // The owner goes to the end of the line with what it still wants.
    if (queue.length > 0) gate.queues.set(owner, queue);
    return want;
  }

  function pump(origin: string, gate: Gate): void {
    for (;;) {
      const now = clock.now();
      while (gate.starts[0] !== undefined && gate.starts[0] <= now - secondMs) gate.starts.shift();
      if (gate.queues.size === 0 || gate.inFlight >= limits.maxInFlight) break;
      const oldest = gate.starts[0];
      if (gate.starts.length >= limits.maxPerSecond && oldest !== undefined) {
        gate.timer ??= clock.after(oldest + secondMs - now, () => {
          gate.timer = null;
          pump(origin, gate);
        });
        break;
      }
      const want = nextWant(gate);
      if (!want) break;
      want.state = 'flying';
      gate.inFlight += 1;
      gate.starts.push(now);
      want.timer = clock.after(want.holdMs, () => finish(origin, gate, want));
      want.grant();
    }
    if (gate.queues.size === 0) {
      gate.timer?.cancel();
      gate.timer = null;
      const last = gate.starts[gate.starts.length - 1];
      // A gate that nobody needs is forgotten; one still inside its second keeps its count until asked again.
      if (gate.inFlight === 0 && (last === undefined || last <= clock.now() - secondMs)) gates.delete(origin);
    }
  }

  function finish(origin: string, gate: Gate, want: Want): void {
    if (want.state !== 'flying') return;
    want.state = 'done';
    want.timer?.cancel();
    gate.inFlight -= 1;
    pump(origin, gate);
  }

  return {
    request(origin, owner, holdMs, grant) {
      let gate = gates.get(origin);
      if (!gate) {
        gate = { queues: new Map(), starts: [], inFlight: 0, timer: null };
        gates.set(origin, gate);
      }
      const mine = gate;
      const want: Want = { holdMs, grant, state: 'waiting', timer: null };
      const queue = mine.queues.get(owner);
      if (queue) queue.push(want);
      else mine.queues.set(owner, [want]);
      pump(origin, mine);
      return {
        release() {
          if (want.state === 'flying') return finish(origin, mine, want);
          if (want.state === 'done') return;
          want.state = 'done';
          const left = (mine.queues.get(owner) ?? []).filter((other) => other !== want);
          if (left.length > 0) mine.queues.set(owner, left);
          else mine.queues.delete(owner);
          pump(origin, mine);
        },
      };
    },
    begin(owner) {
      begun.delete(owner);
      begun.set(owner, clock.now());
      for (const [other, at] of begun) {
        if (at > clock.now() - secondMs) break;
        begun.delete(other);
      }
    },
    begunAt: (owner) => begun.get(owner) ?? monotonicMs(Number.NEGATIVE_INFINITY),
    size() {
      let inFlight = 0;
      let waiting = 0;
      for (const gate of gates.values()) {
        inFlight += gate.inFlight;
        for (const queue of gate.queues.values()) waiting += queue.length;
      }
      return { inFlight, waiting };
    },
  };
}
