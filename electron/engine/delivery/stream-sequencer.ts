import type { Gap, GapCause } from '../../../shared/gap';
import type { Position } from '../../../shared/position';
import type { Clock, Timer } from '../core/clock';
import type { Random } from '../core/random';
import type { DeliveryCounters } from './counters';
import { OpenGaps } from './gaps';
import type { SequencerLimits } from './limits';
import { Missing, type WantedRange } from './missing';
import { type Held, ReorderWindow, Unreadable } from './reorder-window';
import { Ripeness } from './ripeness';
import type { Step } from './step';

/** What all streams of a source share. */
export interface StreamContext {
  readonly contiguous: boolean;
  readonly resumable: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: SequencerLimits;
  readonly counters: DeliveryCounters;
  readonly step: Step;
  /** Sessions that may still bring events. */
  sessions(): number;
  /** The stream has something to be asked for again. */
  wants(stream: StreamSequencer): void;
  /** Something happened outside of any input: emit it. */
  wake(): void;
  /** The cursor or the gaps moved. */
  touched(stream: StreamSequencer): void;
}

/**
 * Order and dedupe of one stream that numbers its events. `cursor` means: everything up to here was delivered or
 * lies in a declared gap. The next number passes at once (`quick`); anything else goes through the window.
 */
export class StreamSequencer {
  epoch: string | null = null;
  cursor = 0;
  /** Nothing is held, missing or pending: the next number may pass without a look at anything else. */
  quick = false;
  readonly gaps: OpenGaps;
  /** Counts every number settled away from the quick path, so that a repair knows whether it brought anything. */
  progress = 0;
  /** Where delivery of this epoch began, in this run. */
  beginning = 0;
  /** How many events the next repair asks for; halved when an answer is too large to take. */
  repairEvents: number;
  /** Cause of a hole the feed cannot fill: changes from `not-running` once something was heard. */
  private unfillable: GapCause;
  private readonly window: ReorderWindow;
  private readonly missing: Missing;
  private readonly ripeness: Ripeness;
  /** Highest number known to exist though it is not held: let go on overflow, or named by the server. */
  private claimed = 0;
  /** Numbers below are gone at the server. */
  private goneBelow = 0;
  private lastProgressAt = 0;
  private stalled = false;
  /** The hole in front is declared and is asked for. */
  private asking = false;
  private timer: Timer | null = null;
  private expectedNext = 0;

  constructor(
    readonly name: string,
    private readonly context: StreamContext,
    restored: Position | null,
  ) {
    const { limits, clock, random, counters } = context;
    this.window = new ReorderWindow(limits.windowEvents, limits.windowBytes);
    this.ripeness = new Ripeness(clock, limits.reorderMs);
    this.repairEvents = limits.repairEvents;
    this.unfillable = restored === null ? 'no-replay' : 'not-running';
    this.gaps = new OpenGaps(
      {
        stream: name,
        wall: () => clock.wall(),
        newId: () => random.id(),
        lost: (count) => {
          if (count === null) counters.lostUnknown += 1;
          else counters.lost += count;
        },
      },
      context.contiguous,
    );
    this.missing = new Missing(this.window, this.gaps);
    if (restored !== null) {
      this.epoch = restored.epoch;
      this.cursor = restored.seq;
      this.beginning = restored.seq;
    }
    this.settle();
  }

  get held(): number {
    return this.window.size;
  }

  /** Highest number that must be settled before everything received so far is delivered or gapped. */
  get frontier(): number {
    return Math.max(this.cursor, this.window.max, this.claimed);
  }

  /** An event of this stream's epoch (or of none yet, which waits for an attach answer). */
  accept(seq: number, event: Held): void {
    this.context.touched(this);
    this.expectedNext = seq + 1;
    if (this.epoch !== null && seq <= this.cursor) {
      this.acceptBehind(seq, event);
    } else if (!this.context.contiguous) {
      this.cursor = seq;
      this.pass(seq, event);
    } else if (this.epoch !== null && seq === this.cursor + 1) {
      this.advance(seq, event);
      this.drain();
      this.settle();
    } else if (this.window.has(seq)) {
      this.context.counters.repeated++;
    } else {
      this.hold(seq, event);
    }
  }

  /** The server names its newest number: what it claims and we lack is missing once nothing arrives any more. */
  claim(head: number): void {
    if (!this.context.contiguous || !this.context.resumable || head <= this.frontier) return;
    this.claimed = head;
    this.settle();
  }

  /** The server begins after `from`, which is ahead of the cursor: what lies between does not come by itself. */
  skipTo(from: number): void {
    if (!this.context.contiguous || from <= this.cursor) return;
    this.claimed = Math.max(this.claimed, from);
    this.settle();
    if (this.context.sessions() <= 1) this.resolve(true);
  }

  /** The server has forgotten everything below `oldest`. Another session may still bring some of it, so holes wait for that. */
  forget(oldest: number): void {
    this.context.touched(this);
    this.goneBelow = Math.max(this.goneBelow, oldest);
    this.gaps.lose(0, Math.min(this.cursor, oldest - 1), 'retention');
    if (!this.context.contiguous) {
      if (oldest - 1 > this.cursor && this.epoch !== null) {
        this.gaps.declareLost(this.epoch, this.cursor + 1, oldest - 1, 'retention');
        this.cursor = oldest - 1;
      }
      return;
    }
    if (oldest - 1 > this.cursor) this.claimed = Math.max(this.claimed, oldest - 1);
    this.settle();
    if (this.context.sessions() <= 1) this.resolve(true);
  }

  /** Everything missing in `after`–`to` will not come. */
  giveUp(after: number, to: number, cause: GapCause): void {
    if (this.epoch === null || to <= after) return;
    this.context.touched(this);
    this.progress++;
    if (after < this.cursor) this.gaps.lose(after + 1, Math.min(to, this.cursor), cause);
    while (this.cursor < to && this.cursor >= after) {
      this.loseHole(this.epoch, Math.min(this.holeEnd() ?? to, to), cause);
    }
    this.settle();
  }

  /** A number arrived that can never become an event. */
  unreadable(seq: number, what: Unreadable): void {
    if (this.epoch === null || !this.context.contiguous) return;
    if (seq > this.cursor) {
      this.accept(seq, what);
    } else if (this.gaps.has(seq)) {
      this.gaps.lose(seq, seq, what.cause);
      this.progress++;
      this.context.touched(this);
      this.settle();
    }
  }

  /** The number that a session in order would have brought next. */
  get next(): number {
    return this.quick ? this.cursor + 1 : Math.max(this.cursor + 1, this.expectedNext);
  }

  /** Begins at a place of an epoch. What was held for want of one is sorted in, or belongs elsewhere. */
  begin(epoch: string, cursor: number): void {
    const held = this.takeHeld();
    // What was let go while there was no epoch yet is still known to exist.
    this.claimed = this.epoch === null ? this.claimed : 0;
    this.epoch = epoch;
    this.cursor = cursor;
    this.beginning = cursor;
    this.goneBelow = 0;
    this.context.touched(this);
    for (const event of held) {
      if (event instanceof Unreadable || event.position === null) continue;
      if (event.position.epoch === epoch) this.accept(event.position.seq, event);
      else this.context.counters.otherEpoch++;
    }
    this.settle();
  }

  /**
   * Leaves the epoch: what it still owed is lost. Events held behind a hole did arrive, so they pass, in order, with
   * the holes between them declared; the last gap has no far end, since nobody can say how far the epoch went.
   */
  leave(): void {
    if (this.epoch === null) return;
    const cause: GapCause = 'epoch-changed';
    while (this.window.size > 0) this.loseHole(this.epoch, this.holeEnd() ?? this.cursor, cause);
    this.gaps.loseAll(cause);
    this.gaps.declareLost(this.epoch, this.cursor + 1, null, cause);
    this.context.touched(this);
  }

  /** Everything after `stored` is missing from the journal though it was delivered, and of gaps it knows `gaps`: it is fetched again. */
  reopen(stored: number, gaps: readonly Gap[]): void {
    if (this.epoch === null) return;
    this.context.touched(this);
    if (!this.context.contiguous) this.cursor = Math.min(this.cursor, stored);
    else if (this.context.resumable) this.gaps.reopen(this.epoch, gaps, stored, this.cursor);
    else if (stored < this.cursor) this.gaps.declareLost(this.epoch, stored + 1, this.cursor, 'journal-paused');
    this.settle();
    this.context.wants(this);
  }

  /** A session resumes from the cursor: what is missing may come by itself, so the waits begin anew. */
  resumed(): void {
    if (!this.stalled) return;
    this.lastProgressAt = this.context.clock.now();
    this.timer?.cancel();
    this.arm();
  }

  /** No session is left that could bring what is missing by itself. */
  orphaned(): void {
    this.unfillable = 'no-replay';
    if (!this.context.resumable) this.resolve(true);
    this.asking = false;
  }

  /** The next range to ask for again; null when there is none. */
  wanted(): WantedRange | null {
    if (this.epoch === null || !this.context.resumable) return null;
    if (this.asking && this.holeEnd() !== null) {
      return this.missing.holes(this.cursor, this.claimed, this.repairEvents);
    }
    return this.missing.nextGap(this.cursor, this.repairEvents);
  }

  /** A repair brought something and a hole remains: it is asked for without waiting once more. */
  continueAsking(): void {
    if (!this.quick && this.holeEnd() !== null) this.resolve(true);
    this.context.wants(this);
  }

  /** What is missing of an answered range came, as often as it was asked for, in a form nobody can read. */
  stillUnreadable(range: WantedRange, undecodable: number): boolean {
    return this.missing.stillUnreadable(this.cursor, range, undecodable);
  }

  close(): void {
    this.timer?.cancel();
    this.timer = null;
  }

  private acceptBehind(seq: number, event: Held): void {
    if (this.gaps.size === 0 || !this.gaps.fill(seq, this.context.limits.openGaps)) {
      this.context.counters.repeated++;
      return;
    }
    this.progress++;
    if (!(event instanceof Unreadable)) this.context.step.deliver(event, true);
    if (this.gaps.size === 0) this.settle();
  }

  private hold(seq: number, event: Held): void {
    const { counters, resumable, limits, clock } = this.context;
    if (resumable && this.epoch !== null && seq - this.frontier > limits.jump) {
      // One corrupt number must not drag the cursor to the end of the number line. If it is true, an attach says so.
      counters.undecodable++;
      return;
    }
    counters.reordered++;
    const dropped = this.window.put(seq, event);
    if (!this.stalled) {
      this.stalled = true;
      this.lastProgressAt = clock.now();
    }
    if (!resumable) this.ripeness.note(this.frontier);
    if (dropped.length > 0) {
      counters.overflowed += dropped.length;
      for (const number of dropped) this.claimed = Math.max(this.claimed, number);
      if (!resumable || !this.asking) this.resolve(true);
    }
    this.settle();
  }

  private advance(seq: number, event: Held): void {
    this.cursor = seq;
    this.progress++;
    this.unfillable = 'no-replay';
    if (this.stalled) this.lastProgressAt = this.context.clock.now();
    this.pass(seq, event);
  }

  private pass(seq: number, event: Held): void {
    if (event instanceof Unreadable) {
      if (this.epoch !== null) this.gaps.declareLost(this.epoch, seq, seq, event.cause);
      return;
    }
    if (this.gaps.size > 0) this.gaps.fill(seq, Number.POSITIVE_INFINITY);
    this.context.step.deliver(event, false);
  }

  private drain(): void {
    while (this.window.size > 0) {
      const event = this.window.take(this.cursor + 1);
      if (event === undefined) return;
      this.advance(this.cursor + 1, event);
    }
  }

  /** The cursor passes what will not come. */
  private loseHole(epoch: string, to: number, cause: GapCause): void {
    if (to > this.cursor) {
      this.gaps.declareLost(epoch, this.cursor + 1, to, cause);
      this.cursor = to;
      this.progress++;
      this.lastProgressAt = this.context.clock.now();
      this.unfillable = 'no-replay';
      this.context.touched(this);
    }
    this.drain();
  }

  /** Last number of the hole in front of the cursor; null when there is none. */
  private holeEnd(): number | null {
    const lowest = this.window.lowest(this.cursor + 1);
    if (lowest !== null) return lowest - 1;
    return this.claimed > this.cursor ? this.claimed : null;
  }

  /**
   * Decides about the hole in front of the cursor. `now` skips the wait for stragglers, where it is known that none
   * can come by itself.
   */
  private resolve(now: boolean): void {
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
      if (this.goneBelow > this.cursor + 1) {
        this.loseHole(this.epoch, Math.min(end, this.goneBelow - 1), 'retention');
      } else if (!resumable) {
        this.loseHole(this.epoch, end, this.unfillable);
      } else if (idle >= limits.holdMs && this.gaps.size < limits.openGaps) {
        this.passOpen(this.epoch);
      } else {
        this.declare(this.epoch);
        if (sessions() > 0) this.asking = true;
        this.context.wants(this);
        break;
      }
    }
    this.settle();
  }

  /** The hole in front is a gap now, for everyone to see, while newer events still wait for its repair. */
  private declare(epoch: string): void {
    if (this.gaps.size >= this.context.limits.openGaps) return;
    const end = this.holeEnd();
    if (end === null) return;
    this.gaps.declareOpen(epoch, this.cursor + 1, end, 'missed');
    this.context.touched(this);
  }

  /** The repair brought nothing for too long: newer events pass, the gap stays open and is asked for until it is answered. */
  private passOpen(epoch: string): void {
    for (let end = this.holeEnd(); end !== null; end = this.holeEnd()) {
      if (this.gaps.size >= this.context.limits.openGaps) return;
      this.gaps.declareOpen(epoch, this.cursor + 1, end, 'missed');
      this.cursor = end;
      this.progress++;
      this.drain();
    }
    this.context.touched(this);
    this.context.wants(this);
  }

  private takeHeld(): Held[] {
    const held: Held[] = [];
    for (const number of this.window.numbers()) {
      const event = this.window.take(number);
      if (event !== undefined) held.push(event);
    }
    return held;
  }

  /** Brings `quick`, the stall clock and the timer in line with what is held and missing. */
  private settle(): void {
    if (this.claimed <= this.cursor) this.claimed = 0;
    if (this.goneBelow <= this.cursor + 1) this.goneBelow = 0;
    const waiting = this.window.size > 0 || this.claimed > 0;
    this.quick =
      this.context.contiguous &&
      this.epoch !== null &&
      !waiting &&
      this.gaps.size === 0 &&
      this.unfillable !== 'not-running';
    if (!waiting) {
      this.timer?.cancel();
      this.timer = null;
      this.ripeness.clear();
      this.stalled = false;
      this.asking = false;
      return;
    }
    if (!this.stalled) {
      this.stalled = true;
      this.lastProgressAt = this.context.clock.now();
    }
    if (this.timer === null) this.arm();
  }

  private arm(): void {
    const { clock, limits } = this.context;
    const idle = clock.now() - this.lastProgressAt;
    const due = this.ripeness.waitMore() ?? (idle < limits.reorderMs ? limits.reorderMs : limits.holdMs) - idle;
    // Every wait is at least a tenth of the reorder time, whatever the clock says: no hot loop is possible.
    this.timer = clock.after(Math.max(limits.reorderMs / 10, due), () => {
      this.timer = null;
      if (this.epoch === null) this.implyBeginning();
      else this.resolve(false);
      if (this.stalled && this.timer === null) this.arm();
      this.context.wake();
    });
  }

  /** No attach answer came with the events: the lowest number held is taken for the beginning. */
  private implyBeginning(): void {
    const lowest = this.window.lowest(0);
    const event = lowest === null ? undefined : this.window.take(lowest);
    if (lowest === null || event === undefined || event instanceof Unreadable || event.position === null) return;
    this.window.put(lowest, event);
    this.begin(event.position.epoch, lowest - 1);
  }
}
