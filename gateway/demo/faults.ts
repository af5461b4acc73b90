import { type FaultSettings, noFaults } from '../../shared/faults';
import type { LogEntry } from '../backplane/backplane';

/** How many of the coming events are tampered with. */
export interface NextFaults {
  readonly lose: number;
  readonly repeat: number;
  /** Pairs. */
  readonly reorder: number;
}

export interface GatewayFaultState {
  readonly settings: FaultSettings;
  readonly next: NextFaults;
}

/** What faults do to connections; `demo.ts` provides it. */
export interface FaultEffects {
  changed(before: FaultSettings, after: FaultSettings): void;
  dropConnections(): void;
  restart(): Promise<void>;
  /** Nothing listens for this long, ms; resolves when it does so no longer. */
  down(ms: number): Promise<void>;
}

/** Faults on purpose, for demonstrations and tests. Every method throws outside demo mode. */
export interface GatewayFaults {
  state(): GatewayFaultState;
  change(settings: Partial<FaultSettings>): GatewayFaultState;
  /** Tampers with the next n events only; adds to nothing, replaces what was set before. */
  tamperNext(next: Partial<NextFaults>): GatewayFaultState;
  /** Resets every connection once. */
  dropConnections(): void;
  /** Starts every stream anew, with a new epoch and no events. */
  restart(): Promise<void>;
  /** Closes the listener for a while; resolves when it is open again (or the gateway was closed). */
  down(ms: number): Promise<void>;
}

/** The gateway's own side of the faults. */
export interface FaultMachine {
  readonly settings: FaultSettings;
  readonly api: GatewayFaults;
  /** What really goes out live for these entries of a stream. Touches each number once; may hold one back to swap it. */
  live(stream: string, epoch: string, entries: readonly LogEntry[]): readonly LogEntry[];
  /** Whether one is held back to be swapped. */
  holds(stream: string): boolean;
  /** What was held back to be swapped, when nothing came to swap it with. */
  release(stream: string): readonly LogEntry[];
  /** The same as `live` for a poll answer; holds nothing back. */
  answer(stream: string, epoch: string, entries: readonly LogEntry[]): readonly LogEntry[];
  /** Resolves at once, or when a stall ends. */
  gate(): Promise<void>;
}

/** See `FaultMachine`. */
export function createFaults(effects: FaultEffects): FaultMachine {
  let settings: FaultSettings = noFaults;
  let next: NextFaults = { lose: 0, repeat: 0, reorder: 0 };
  let counted = 0;
  const waiting = new Set<() => void>();
  /** Newest number of each stream that went out: what comes again afterwards is a repair and is left whole. */
  const gone = new Map<string, { readonly epoch: string; readonly seq: number }>();

  const state = (): GatewayFaultState => ({ settings, next });

  /** Whether this event is chosen, by the standing setting or by the count still to go. */
  function takes(kind: keyof NextFaults): boolean {
    if (next[kind] > 0) {
      next = { ...next, [kind]: next[kind] - 1 };
      return true;
    }
    if (!settings[kind]) return false;
    if (kind !== 'lose') return true;
    counted += 1;
    return counted % 10 === 0;
  }

  /** The last of an odd number, waiting for one to change places with. */
  const held = new Map<string, LogEntry>();

  function release(stream: string): readonly LogEntry[] {
    const entry = held.get(stream);
    held.delete(stream);
    return entry === undefined ? [] : [entry];
  }

  function swapped(entries: readonly LogEntry[], hold: string | null): LogEntry[] {
    const out: LogEntry[] = [];
    let waiting = (hold === null ? undefined : held.get(hold)) ?? null;
    if (hold !== null) held.delete(hold);
    for (const entry of entries) {
      if (waiting !== null) {
        out.push(entry, waiting);
        waiting = null;
      } else if (takes('reorder')) waiting = entry;
      else out.push(entry);
    }
    if (waiting === null) return out;
    if (hold === null) out.push(waiting);
    else held.set(hold, waiting);
    return out;
  }

  function tamper(stream: string, epoch: string, entries: readonly LogEntry[], hold: boolean): readonly LogEntry[] {
    const last = entries.at(-1);
    if (last === undefined) return entries;
    const before = gone.get(stream);
    const mark = before?.epoch === epoch ? before.seq : 0;
    if (last.seq <= mark) return entries;
    gone.set(stream, { epoch, seq: last.seq });
    const fresh = entries.findIndex((entry) => entry.seq > mark);
    const kept = entries.slice(fresh).filter(() => !takes('lose'));
    const repeated = swapped(kept, hold ? stream : null).flatMap((entry) =>
      takes('repeat') ? [entry, entry] : [entry],
    );
    return [...entries.slice(0, fresh), ...repeated];
  }

  return {
    get settings() {
      return settings;
    },
    live: (stream, epoch, entries) => tamper(stream, epoch, entries, true),
    holds: (stream) => held.has(stream),
    release,
    answer: (stream, epoch, entries) => tamper(stream, epoch, entries, false),
    gate() {
      if (!settings.stall) return Promise.resolve();
      return new Promise((resolve) => waiting.add(resolve));
    },
    api: {
      state,
      change(change) {
        const before = settings;
        settings = { ...settings, ...change };
        if (before.stall && !settings.stall) {
          for (const resume of waiting) resume();
          waiting.clear();
        }
        effects.changed(before, settings);
        return state();
      },
      tamperNext(change) {
        next = { ...next, ...change };
        return state();
      },
      dropConnections: () => effects.dropConnections(),
      restart: () => effects.restart(),
      down: (ms) => effects.down(ms),
    },
  };
}

function refuse(): never {
  throw new Error('The gateway runs without demo mode: there are no faults to set.');
}

/** What a gateway without demo mode has in their place. */
export const noDemo: GatewayFaults = {
  state: refuse,
  change: refuse,
  tamperNext: refuse,
  dropConnections: refuse,
  restart: async () => refuse(),
  down: async () => refuse(),
};
