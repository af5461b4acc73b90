import type { Gap } from '../../../../shared/gap';
import type { Position } from '../../../../shared/position';
import type { DeliveredEvent } from '../../core/delivery';

/** Holds what is delivered of one stream against what its server published. Gaps are told before what follows them. */
export interface Judge {
  delivered(events: readonly DeliveredEvent[]): void;
  gaps(changed: readonly Gap[]): void;
  /** Where `gaps` is told of the end only: gaps as they are declared, which later split and narrow. */
  declared(changed: readonly Gap[]): void;
  /** When everything has calmed down: is each event since the first attach delivered, or lost in a declared gap? */
  settle(first: Position | null): void;
  count(): number;
  /** What of the events published between two moments (monotonic ms) is neither there nor in a gap; null when all is. Looks at the newest only. */
  behind(since: number, at: number): string | null;
  /** The rows and gaps of a journal, in place of what was told. */
  stored(events: readonly DeliveredEvent[], gaps: readonly Gap[]): void;
  /** Numbers in gaps that were lost for good, as far as they can be counted. */
  lost(): number;
}
