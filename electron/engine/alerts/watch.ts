import type { Transition } from '../../../shared/connection';
import type { Gap } from '../../../shared/gap';
import type { DeliveredEvent } from '../core/delivery';
import type { Measured } from '../core/protocol';
import type { RuleCourse } from './course';

/** What a source is at a full second. */
export interface Moment {
  /** Monotonic and wall clock, ms. */
  readonly now: number;
  readonly wall: number;
  /** Live, silent for 3 × its cadence, and not because we hold it back. */
  readonly stale: boolean;
  /** An open WebSocket says nothing of what is expected of it. */
  readonly openSilent: boolean;
  /** Resumes of which nothing shows whether they went on where they were asked to, so far. */
  readonly unproven: number;
}

/** One rule at one source. What a kind of rule does not look at is left out, so that it costs nothing. */
export interface RuleWatch {
  readonly course: RuleCourse;
  event?(event: DeliveredEvent): void;
  /** Numbers that came beside events; `at`: wall clock, epoch ms. */
  measured?(measured: readonly Measured[], at: number): void;
  /** Events came, however many. */
  heard?(wall: number): void;
  gaps?(gaps: readonly Gap[], wall: number): void;
  transition?(transition: Transition, now: number, lastByteAt: number | null): void;
  tick?(moment: Moment): void;
}
