import type { Gap } from '../../../shared/gap';
import type { ResumePoint } from '../../../shared/position';
import type { DecodedEvent } from './protocol';

/** An event that passed order and dedupe: exactly once, in order, or inside a declared gap. */
export interface DeliveredEvent extends DecodedEvent {
  /** Grows by one per delivered event of a source, across restarts. */
  readonly ordinal: number;
  /** Filled an open gap after newer events had passed. */
  readonly late: boolean;
}

/** Everything the sequencer must find again after a restart, per source. */
export interface DeliveryCheckpoint {
  readonly resume: ResumePoint;
  readonly openGaps: readonly Gap[];
  /** Recent dedupe keys, oldest first, for feeds without numbers. */
  readonly recentKeys: readonly string[];
  readonly nextOrdinal: number;
}

/** One step of delivery: what the journal writes in one transaction. */
export interface Delivery {
  readonly events: readonly DeliveredEvent[];
  /** Gaps that opened or changed in this step. */
  readonly gaps: readonly Gap[];
  /** The cursor after this step. */
  readonly checkpoint: DeliveryCheckpoint;
}

/** Whether a stage can take more. `wait`: stop reading from the sockets until it says `go`. */
export type Pressure = 'go' | 'wait';
