import type { ReasonedEvidence } from '../../../shared/reasons';
import type { TransportKind } from '../../../shared/transport';
import { type BootMs, type Clock, later, type WallMs } from '../core/clock';

/** What worked on a network, and what spoke against the rungs above it. */
export interface RememberedRung {
  readonly transport: TransportKind;
  readonly why: ReasonedEvidence;
  /** When it was learnt. */
  readonly at: WallMs;
}

/** Which transport worked, per (origin, network), shared by all sources. An entry holds for an hour. */
export interface RungMemory {
  recall(origin: string, network: string): RememberedRung | null;
  remember(origin: string, network: string, rung: RememberedRung): void;
  /** The top rung works again: nothing to remember. */
  forget(origin: string, network: string): void;
}

/** Entries kept; the oldest goes first. */
const limit = 500;

/** `uptime` measures the hour, so that sleep counts. */
export function createRungMemory(clock: Clock, memoryMs = 3_600_000): RungMemory {
  const entries = new Map<string, { readonly rung: RememberedRung; readonly until: BootMs }>();
  const keyOf = (origin: string, network: string): string => `${network} ${origin}`;
  return {
    recall(origin, network) {
      const entry = entries.get(keyOf(origin, network));
      return entry && entry.until > clock.uptime() ? entry.rung : null;
    },
    remember(origin, network, rung) {
      const key = keyOf(origin, network);
      entries.delete(key);
      entries.set(key, { rung, until: later(clock.uptime(), memoryMs) });
      const oldest = entries.keys().next();
      if (entries.size > limit && !oldest.done) entries.delete(oldest.value);
    },
    forget(origin, network) {
      entries.delete(keyOf(origin, network));
    },
  };
}
