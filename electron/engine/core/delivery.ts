import type { Gap } from '../../../shared/gap';
import type { Position, ResumePoint } from '../../../shared/position';
import type { DecodedEvent } from './protocol';

/** An event that passed order and dedupe: exactly once, in order, or inside a declared gap. */
export interface DeliveredEvent extends DecodedEvent {
  /** Grows by one per delivered event of a source, across restarts. */
  readonly ordinal: number;
  /** Filled an open gap after newer events had passed. */
  readonly late: boolean;
}

/** A gap that became lost as its epoch was left. `to` null: the end of the epoch, which nobody knows. */
export interface LeftGap {
  readonly id: string;
  readonly from: number;
  readonly to: number | null;
  /** Wall clock, epoch ms. */
  readonly openedAt: number;
  /** As in `Gap`. */
  readonly before?: number;
}

/** An epoch that a stream left, and how far it had come in it. */
export interface PastEpoch {
  readonly stream: string;
  readonly epoch: string;
  readonly cursor: number;
  /** Wall clock, epoch ms. */
  readonly leftAt: number;
  /** What it owed then, ascending, as far as it is kept; absent where an older version stored it. */
  readonly left?: readonly LeftGap[];
}

/** Everything the sequencer must find again after a restart, per source. */
export interface DeliveryCheckpoint {
  readonly resume: ResumePoint;
  readonly openGaps: readonly Gap[];
  /** Recent dedupe keys, oldest first, for feeds without numbers. */
  readonly recentKeys: readonly string[];
  readonly nextOrdinal: number;
  /** Epochs left lately, oldest first: what was delivered of them is not delivered again. */
  readonly pastEpochs: readonly PastEpoch[];
}

/** A change to the window of dedupe keys, which may hold thousands. */
export interface KeyChange {
  /** `append`: keep what is stored and add; `replace`: forget what is stored. */
  readonly mode: 'append' | 'replace';
  readonly keys: readonly string[];
  /** Length of the whole window afterwards: what is older falls out at its beginning. */
  readonly size: number;
}

/**
 * What one step changed of a `DeliveryCheckpoint`, so that a step costs what moved in it and not what there is. Steps
 * applied in order to what is stored give the next whole. Gaps travel beside it, in `Delivery.gaps`. After
 * `reopenSince` (the journal lost some steps) the next one is whole again.
 */
export interface CheckpointStep {
  /** Streams that moved, and where they stand now. No prototype: a feed may call a stream `__proto__`. */
  readonly positions: Readonly<Record<string, Position>>;
  /** `positions` names every stream: what is stored of others is forgotten. */
  readonly whole: boolean;
  readonly token: string | null;
  /** Null: unchanged. */
  readonly keys: KeyChange | null;
  /** The whole list; null: unchanged. */
  readonly pastEpochs: readonly PastEpoch[] | null;
  readonly nextOrdinal: number;
}

/** One step of delivery: what the journal writes in one transaction. */
export interface Delivery {
  readonly events: readonly DeliveredEvent[];
  /** Gaps that opened or changed in this step. */
  readonly gaps: readonly Gap[];
  /** What moved of the cursor in this step. */
  readonly checkpoint: CheckpointStep;
}

/** Whether a stage can take more. `wait`: stop reading from the sockets until it says `go`. */
export type Pressure = 'go' | 'wait';
