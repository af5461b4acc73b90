import type { Gap, GapCause } from '../../../shared/gap';
import type { Position } from '../../../shared/position';
import type { LeftGap } from '../core/delivery';
import { Missing, type WantedRange } from './missing';
import { type Held, Unreadable } from './reorder-window';
import { type StreamContext as Shared, StreamCursor } from './stream-cursor';

export type StreamContext = Shared<StreamSequencer>;

/**
 * Order and dedupe of one stream that numbers its events. The next number passes at once (`quick`); anything else goes
 * through the window.
 */
export class StreamSequencer extends StreamCursor<StreamSequencer> {
  /** How many events the next repair asks for; halved when an answer is too large to take. */
  repairEvents: number;
  /** Repairs asked for in this run. */
  repairsAsked = 0;
  /** Open gaps when they were last counted for the source. */
  gapsCounted = 0;
  private readonly missing: Missing;
  private expectedNext = 0;

  constructor(name: string, context: StreamContext, restored: Position | null) {
    super(name, context, restored);
    this.repairEvents = context.limits.repairEvents;
    this.missing = new Missing(this.front.window, this.gaps);
  }

  protected get self(): StreamSequencer {
    return this;
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
    } else if (this.front.window.has(seq)) {
      this.context.counters.repeated++;
    } else {
      this.hold(seq, event);
    }
  }

  /** The server names its newest number: what it claims and we lack is missing once nothing arrives any more. */
  claim(head: number): void {
    if (!this.context.contiguous || !this.context.resumable || head <= this.frontier) return;
    // One corrupt number must not drag the cursor to the end of the number line.
    if (!this.front.believes(head, this.cursor)) {
      this.context.counters.undecodable++;
      return;
    }
    this.front.note(head);
    this.settle();
  }

  /** The server begins after `from`, which is ahead of the cursor: what lies between does not come by itself. */
  skipTo(from: number): void {
    if (!this.context.contiguous || from <= this.cursor) return;
    if (!this.front.believes(from, this.cursor)) {
      this.front.doubt(from, false);
      return;
    }
    this.skip(from);
  }

  /** The server has forgotten everything below `oldest`. Another session may still bring some of it, so holes wait for that. */
  forget(oldest: number): void {
    this.context.touched(this);
    if (this.context.contiguous && !this.front.believes(oldest - 1, this.cursor)) {
      this.front.doubt(oldest - 1, true);
      return;
    }
    this.lose(oldest);
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
    const held = this.front.begin(this.epoch === null);
    this.epoch = epoch;
    this.cursor = cursor;
    this.beginning = cursor;
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
   * the holes between them declared; the last gap has no far end, since nobody can say how far the epoch went. Answers
   * what became lost.
   */
  leave(): readonly LeftGap[] {
    if (this.epoch === null) return [];
    const { mark } = this.gaps;
    while (this.front.window.size > 0) this.loseHole(this.epoch, this.holeEnd() ?? this.cursor, 'epoch-changed');
    this.context.touched(this);
    return this.gaps.leave(this.epoch, this.cursor, mark);
  }

  /** It is back in an epoch that it left, where it was: what it owed then it owes again. `from`: where the session begins. */
  takeUp(left: readonly LeftGap[], from: number): void {
    if (this.epoch === null || left.length === 0) return;
    this.gaps.takeUp(this.epoch, left, from);
    this.context.touched(this);
    this.settle();
    this.context.wants(this);
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
      return this.missing.holes(this.cursor, this.front.claim, this.repairEvents);
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

  /** The lowest number held is taken for the beginning. */
  protected implyBeginning(): void {
    const { window } = this.front;
    const { lowest } = window;
    const event = lowest === null ? undefined : window.take(lowest);
    if (lowest === null || event === undefined || event instanceof Unreadable || event.position === null) return;
    window.put(lowest, event);
    this.begin(event.position.epoch, lowest - 1);
  }

  private acceptBehind(seq: number, event: Held): void {
    if (this.gaps.size === 0 || !this.gaps.fill(seq, this.gapRoom)) {
      this.context.counters.repeated++;
      return;
    }
    this.progress++;
    if (!(event instanceof Unreadable)) this.context.step.deliver(event, true);
    if (this.gaps.size === 0) this.settle();
  }

  private hold(seq: number, event: Held): void {
    const { counters, resumable, clock } = this.context;
    if (resumable && this.epoch !== null) {
      // A place far ahead that the server named is true when an event comes from there.
      const proven = this.front.proof(seq);
      if (proven !== null) {
        if (proven.gone) this.lose(proven.after + 1);
        else this.skip(proven.after);
        this.accept(seq, event);
        return;
      }
      if (!this.front.believes(seq, this.cursor)) {
        counters.undecodable++;
        return;
      }
    }
    counters.reordered++;
    const dropped = this.front.window.put(seq, event);
    if (!this.stalled) {
      this.stalled = true;
      this.lastProgressAt = clock.now();
    }
    if (!resumable) this.ripeness.note(this.frontier);
    if (dropped.length > 0) {
      counters.overflowed += dropped.length;
      for (const number of dropped) this.front.note(number);
      if (!resumable || !this.asking) this.resolve(true);
    }
    this.settle();
  }

  private skip(from: number): void {
    this.front.note(from);
    this.settle();
    if (this.context.sessions() <= 1) this.resolve(true);
  }

  private lose(oldest: number): void {
    this.front.forget(oldest);
    this.gaps.lose(0, Math.min(this.cursor, oldest - 1), 'retention');
    if (!this.context.contiguous) {
      if (oldest - 1 > this.cursor && this.epoch !== null) {
        this.gaps.declareLost(this.epoch, this.cursor + 1, null, 'retention');
        this.cursor = oldest - 1;
      }
      return;
    }
    if (oldest - 1 > this.cursor) this.front.note(oldest - 1);
    this.settle();
    if (this.context.sessions() <= 1) this.resolve(true);
  }
}
