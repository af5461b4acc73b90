import type { GapCause } from '../../../shared/gap';
import type { Position } from '../../../shared/position';
import type { Clock } from '../core/clock';
import type { Random } from '../core/random';
import type { DeliveryCounters } from './counters';
import { Front } from './front';
import { OpenGaps } from './gaps';
import type { SequencerLimits } from './limits';
import { type Held, Unreadable, type WindowBudget } from './reorder-window';
import { Ripeness } from './ripeness';
import type { Step } from './step';
import type { Waiter, Waits } from './waits';

/** What all streams of a source share. */
export interface StreamContext<Stream> {
  readonly contiguous: boolean;
  readonly resumable: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: SequencerLimits;
  readonly counters: DeliveryCounters;
  readonly step: Step;
  readonly budget: WindowBudget;
  readonly waits: Waits;
  /** Streams with something ahead of their cursors. */
  readonly unsettled: Set<Stream>;
  /** Sessions that may still bring events. */
  sessions(): number;
  /** The stream has something to be asked for again. */
  wants(stream: Stream): void;
  /** The cursor or the gaps moved. */
  touched(stream: Stream): void;
}

/**
 * Where a stream stands, and what is done about a hole in front of it. `cursor` means: everything up to here was
 * delivered or lies in a declared gap.
 */
export abstract class StreamCursor<Self> implements Waiter {
  epoch: string | null = null;
  cursor = 0;
  /** Nothing is held, missing or pending: the next number may pass without a look at anything else. */
  quick = false;
  readonly gaps: OpenGaps;
  /** Counts every number settled away from the quick path, so that a repair knows whether it brought anything. */
  progress = 0;
  /** Where delivery of this epoch began, in this run. */
  beginning = 0;
  protected readonly front: Front;
  protected readonly ripeness: Ripeness;
  /** Cause of a hole the feed cannot fill: changes from `not-running` once something was heard. */
  protected unfillable: GapCause;
  protected lastProgressAt = 0;
  protected stalled = false;
  /** The hole in front is declared and is asked for. */
  protected asking = false;

  constructor(
    readonly name: string,
    protected readonly context: StreamContext<Self>,
    restored: Position | null,
  ) {
    const { limits, clock, random, counters, budget, step } = context;
    this.front = new Front(budget, limits.jump);
    this.ripeness = new Ripeness(clock, limits.reorderMs);
    this.unfillable = restored === null ? 'no-replay' : 'not-running';
    this.gaps = new OpenGaps(
      {
        stream: name,
        wall: () => clock.wall(),
        newId: () => random.id(),
        nextOrdinal: () => step.nextOrdinal,
        lost: (count) => {
          if (count === null) counters.lostUnknown++;
          else counters.lost += count;
        },
        found: (count) => {
          if (count === null) counters.lostUnknown--;
          else counters.lost -= count;
        },
      },
      context.contiguous,
    );
    if (restored !== null) {
      this.epoch = restored.epoch;
      this.cursor = restored.seq;
      this.beginning = restored.seq;
    }
    this.settle();
  }

  get held(): number {
    return this.front.window.size;
  }

  /** Highest number that must be settled before everything received so far is delivered or gapped. */
  get frontier(): number {
    return this.front.frontier(this.cursor);
  }

  waited(): void {
    if (this.epoch === null) this.implyBeginning();
    else this.resolve(false);
    if (this.stalled && !this.context.waits.has(this)) this.arm();
  }

  close(): void {
    this.context.waits.cancel(this);
  }

  protected abstract get self(): Self;
  /** No attach answer came with what is held. */
  protected abstract implyBeginning(): void;

  protected advance(seq: number, event: Held): void {
    this.cursor = seq;
    this.progress++;
    this.unfillable = 'no-replay';
    if (this.stalled) this.lastProgressAt = this.context.clock.now();
    this.pass(seq, event);
  }

  protected pass(seq: number, event: Held): void {
    if (event instanceof Unreadable) {
      if (this.epoch !== null) this.gaps.declareLost(this.epoch, seq, seq, event.cause);
      return;
    }
    if (this.gaps.size > 0) this.gaps.fill(seq, Number.POSITIVE_INFINITY);
    this.context.step.deliver(event, false);
  }

  protected drain(): void {
    while (this.front.window.size > 0) {
      const event = this.front.window.take(this.cursor + 1);
      if (event === undefined) return;
      this.advance(this.cursor + 1, event);
    }
  }

  /** The cursor passes what will not come. */
  protected loseHole(epoch: string, to: number, cause: GapCause): void {
    if (to > this.cursor) {
      this.gaps.declareLost(epoch, this.cursor + 1, to, cause);
      this.cursor = to;
      this.progress++;
      this.lastProgressAt = this.context.clock.now();
      this.unfillable = 'no-replay';
      this.context.touched(this.self);
    }
    this.drain();
  }

  /** How many gaps the stream may have: where all streams together have too many, no more than it has. */
  protected get gapRoom(): number {
    const { limits, counters } = this.context;
    return counters.gapsOpen < limits.openGapsInAll ? limits.openGaps : Math.min(limits.openGaps, this.gaps.size);
  }

  protected holeEnd(): number | null {
    return this.front.holeEnd(this.cursor);
  }

  /**
   * Decides about the hole in front of the cursor. `now` skips the wait for stragglers, where it is known that none
   * can come by itself.
   */
  protected resolve(now: boolean): void {
    const { limits, clock, resumable, sessions } = this.context;
    while (this.epoch !== null) {
      const end = this.holeEnd();
      if (end === null) break;
      if (end <= this.cursor) {
        this.drain();
        continue;
      }
      const idle = clock.now() - this.lastProgressAt;
      if (!now && (resumable ? idle < limits.reorderMs : end >= this.ripeness.below())) break;
      if (this.front.goneBelow > this.cursor + 1) {
        this.loseHole(this.epoch, Math.min(end, this.front.goneBelow - 1), 'retention');
      } else if (!resumable) {
        this.loseHole(this.epoch, end, this.unfillable);
      } else if (idle >= limits.holdMs && this.gaps.size < this.gapRoom) {
        this.passOpen(this.epoch);
      } else {
        this.declare(this.epoch);
        if (sessions() > 0) this.asking = true;
        this.context.wants(this.self);
        break;
      }
    }
    this.settle();
  }

  /** Brings `quick`, the stall clock and the timer in line with what is held and missing. */
  protected settle(): void {
    const { front, context } = this;
    front.passed(this.cursor);
    const { waiting } = front;
    this.quick =
      context.contiguous &&
      this.epoch !== null &&
      !waiting &&
      this.gaps.size === 0 &&
      this.unfillable !== 'not-running';
    if (!waiting) {
      context.unsettled.delete(this.self);
      context.waits.cancel(this);
      this.ripeness.clear();
      this.stalled = false;
      this.asking = false;
      return;
    }
    context.unsettled.add(this.self);
    if (!this.stalled) {
      this.stalled = true;
      this.lastProgressAt = context.clock.now();
    }
    if (!context.waits.has(this)) this.arm();
  }

  protected arm(): void {
    const { clock, limits, waits } = this.context;
    const idle = clock.now() - this.lastProgressAt;
    const due = this.ripeness.waitMore() ?? (idle < limits.reorderMs ? limits.reorderMs : limits.holdMs) - idle;
    waits.arm(this, due);
  }

  /** The hole in front is a gap now, for everyone to see, while newer events still wait for its repair. */
  private declare(epoch: string): void {
    if (this.gaps.size >= this.gapRoom) return;
    const end = this.holeEnd();
    if (end === null) return;
    this.gaps.declareOpen(epoch, this.cursor + 1, end, 'missed');
    this.context.touched(this.self);
  }

  /** The repair brought nothing for too long: newer events pass, the gap stays open and is asked for until it is answered. */
  private passOpen(epoch: string): void {
    for (let end = this.holeEnd(); end !== null; end = this.holeEnd()) {
      if (this.gaps.size >= this.gapRoom) return;
      this.gaps.declareOpen(epoch, this.cursor + 1, end, 'missed');
      this.cursor = end;
      this.progress++;
      this.drain();
    }
    this.context.touched(this.self);
    this.context.wants(this.self);
  }
}
