import type { Gap, GapCause } from '../../../shared/gap';
import type { LeftGap } from '../core/delivery';
import { indexOf, placeOf, uncovered } from './ranges';

/** An open range. While open, `from`–`to` is exactly what is missing; `declared…` is what it was when it opened. */
interface OpenGap {
  readonly id: string;
  readonly epoch: string;
  from: number;
  to: number;
  declaredFrom: number;
  declaredTo: number;
  readonly cause: GapCause;
  readonly openedAt: number;
  /** As in `Gap`. */
  readonly before: number | undefined;
  dirty: boolean;
}

/** What the gaps of a stream need from outside. */
export interface GapContext {
  readonly stream: string;
  wall(): number;
  newId(): string;
  /** Ordinal of the event that will be delivered next. */
  nextOrdinal(): number;
  /** Events lost, for the counter. Null: nobody knows how many. */
  lost(count: number | null): void;
  /** So many that were counted as lost are not. */
  found(count: number | null): void;
}

/**
 * The open gaps of one stream: disjoint ranges, ascending. A number inside one may still arrive once. The exact
 * missing range is what is stored, because after a restart a number outside it is a repeat and one inside is not.
 */
export class OpenGaps {
  private open: OpenGap[] = [];
  private changed: Gap[] = [];
  private lastLost: Gap | null = null;

  constructor(
    private readonly context: GapContext,
    /** Numbers are contiguous, so that a range says how many events it holds. */
    private readonly countable: boolean,
  ) {}

  get size(): number {
    return this.open.length;
  }

  /** How much was told since `collect`, for `leave`. */
  get mark(): number {
    return this.changed.length;
  }

  /** Something changed since `collect`. */
  get dirty(): boolean {
    return this.changed.length > 0 || this.open.some((gap) => gap.dirty);
  }

  /** Takes up gaps stored before a restart. A far end that was unknown is known by now: the stored cursor. */
  restore(gaps: readonly Gap[], cursor: number): void {
    for (const gap of gaps) {
      const to = gap.to ?? Math.max(gap.from, cursor);
      this.open.push({
        id: gap.id,
        epoch: gap.epoch,
        from: gap.from,
        to,
        declaredFrom: gap.from,
        declaredTo: to,
        cause: gap.cause,
        openedAt: gap.openedAt,
        before: gap.before,
        dirty: false,
      });
    }
    this.open.sort((a, b) => a.from - b.from);
  }

  /**
   * The journal lost what was told since `after` was its cursor. Gaps that are `stored` are as they were then, whatever
   * filled them; those born since are told again; what lies beside them up to `to` is missing as well.
   */
  reopen(epoch: string, stored: readonly Gap[], after: number, to: number): void {
    const known = new Set(stored.map(({ id }) => id));
    const born = this.open.filter(({ id }) => !known.has(id));
    this.open = [];
    this.changed = [];
    this.lastLost = null;
    this.restore(stored, after);
    for (const gap of born) {
      for (const part of uncovered(this.open, Math.max(gap.from, after + 1), gap.to)) {
        const id = part.from === gap.from ? gap.id : this.context.newId();
        const again = { ...gap, ...part, id, declaredFrom: part.from, declaredTo: part.to, dirty: true };
        this.open.splice(placeOf(this.open, part.from), 0, again);
      }
    }
    this.declareOpen(epoch, after + 1, to, 'journal-paused');
  }

  has(seq: number): boolean {
    return indexOf(this.open, seq) >= 0;
  }

  /** The first range that lies wholly or partly in `from`–`to`, cut to it. */
  firstWithin(from: number, to: number): { readonly from: number; readonly to: number } | null {
    for (const gap of this.open) {
      if (gap.to < from) continue;
      if (gap.from > to) return null;
      return { from: Math.max(gap.from, from), to: Math.min(gap.to, to) };
    }
    return null;
  }

  /** How many numbers are missing inside `from`–`to`. */
  missingWithin(from: number, to: number): number {
    let missing = 0;
    for (const gap of this.open) missing += Math.max(0, Math.min(gap.to, to) - Math.max(gap.from, from) + 1);
    return missing;
  }

  /** Declares `from`–`to` open; parts that already are stay as they are. */
  declareOpen(epoch: string, from: number, to: number, cause: GapCause): void {
    for (const part of uncovered(this.open, from, to)) {
      const gap: OpenGap = {
        id: this.context.newId(),
        epoch,
        from: part.from,
        to: part.to,
        declaredFrom: part.from,
        declaredTo: part.to,
        cause,
        openedAt: this.context.wall(),
        before: this.context.nextOrdinal(),
        dirty: true,
      };
      this.open.splice(placeOf(this.open, part.from), 0, gap);
    }
  }

  /**
   * A missing number arrived. False when it lies in no open gap, or when taking it would split one while `room`
   * says that there are too many: it stays missing and is asked for again in order.
   */
  fill(seq: number, room: number): boolean {
    const at = indexOf(this.open, seq);
    const gap = this.open[at];
    if (gap === undefined) return false;
    return this.cut(at, gap, seq, seq, 'filled', gap.cause, room);
  }

  /** What is open inside `from`–`to` will not come. */
  lose(from: number, to: number, cause: GapCause): void {
    for (let at = this.open.length - 1; at >= 0; at--) {
      const gap = this.open[at];
      if (gap === undefined || gap.to < from || gap.from > to) continue;
      this.cut(at, gap, Math.max(gap.from, from), Math.min(gap.to, to), 'lost', cause, Number.POSITIVE_INFINITY);
    }
  }

  /** The whole of `from`–`to` will not come, declared open before or not. `to` null: the far end is unknown. */
  declareLost(epoch: string, from: number, to: number | null, cause: GapCause): void {
    const end = to ?? Number.POSITIVE_INFINITY;
    const undeclared = to === null ? [] : uncovered(this.open, from, to);
    this.lose(from, end, cause);
    for (const part of undeclared) this.addLost(epoch, part.from, part.to, cause);
    if (to === null) this.addLost(epoch, from, null, cause);
  }

  /** What came after `from` of an epoch that is over is lost, however much it was. What is open belongs to another one. */
  declareOver(epoch: string, from: number, cause: GapCause): void {
    this.addLost(epoch, from, null, cause);
  }

  /**
   * The epoch is left, `cursor` being passed in it: what is open, and what would have come, is lost. Answers that, with what
   * was lost for this cause since `mark`.
   */
  leave(epoch: string, cursor: number, mark: number): readonly LeftGap[] {
    const cause = 'epoch-changed';
    const end = Math.max(cursor, this.open.at(-1)?.to ?? cursor);
    this.lose(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, cause);
    this.declareLost(epoch, end + 1, null, cause);
    const left = new Map<string, LeftGap>();
    for (const gap of this.changed.slice(mark)) {
      const { id, from, to, openedAt } = gap;
      if (gap.status === 'lost' && gap.cause === cause) left.set(id, { id, from, to, openedAt, ...placed(gap.before) });
    }
    return [...left.values()].sort((a, b) => a.from - b.from);
  }

  /** The epoch came back, up to `to` of which nothing comes by itself: what was lost as it was left is owed again. */
  takeUp(epoch: string, left: readonly LeftGap[], to: number): void {
    for (const { id, from, to: end, openedAt, before } of left) {
      this.context.found(this.countable && end !== null ? end - from + 1 : null);
      const gap: OpenGap = {
        id,
        epoch,
        from,
        to: end ?? to,
        declaredFrom: from,
        declaredTo: end ?? to,
        cause: 'epoch-changed',
        openedAt,
        before,
        dirty: true,
      };
      // It goes on where it was left.
      if (gap.to < from) this.changed.push({ ...this.record(gap, from, from, 'filled', gap.cause), to: end });
      else this.open.splice(placeOf(this.open, from), 0, gap);
    }
  }

  /** Hands over the gaps that changed since the last call. */
  collect(into: (gap: Gap) => void): void {
    for (const gap of this.changed) into(gap);
    this.changed = [];
    for (const gap of this.open) {
      if (!gap.dirty) continue;
      gap.dirty = false;
      into(this.record(gap, gap.from, gap.to, 'open', gap.cause));
    }
  }

  records(): readonly Gap[] {
    return this.open.map((gap) => this.record(gap, gap.from, gap.to, 'open', gap.cause));
  }

  private cut(
    at: number,
    gap: OpenGap,
    from: number,
    to: number,
    status: 'filled' | 'lost',
    cause: GapCause,
    room: number,
  ): boolean {
    const left = gap.from < from;
    const right = gap.to > to;
    if (left && right && this.open.length >= room) return false;
    if (!left && !right) {
      this.open.splice(at, 1);
      if (status === 'filled') {
        this.changed.push(this.record(gap, gap.declaredFrom, gap.declaredTo, 'filled', cause));
      } else {
        this.changed.push(this.record(gap, gap.from, gap.to, 'lost', cause));
      }
    } else {
      if (status === 'lost') this.addLost(gap.epoch, from, to, cause, gap);
      if (left && right) {
        const rest: OpenGap = {
          ...gap,
          id: this.context.newId(),
          from: to + 1,
          declaredFrom: to + 1,
          dirty: true,
        };
        this.open.splice(at + 1, 0, rest);
        gap.to = from - 1;
        gap.declaredTo = gap.to;
      } else if (left) {
        gap.to = from - 1;
        if (status === 'lost') gap.declaredTo = gap.to;
      } else {
        gap.from = to + 1;
        if (status === 'lost') gap.declaredFrom = gap.from;
      }
      gap.dirty = true;
    }
    if (status === 'lost') this.context.lost(this.countable ? to - from + 1 : null);
    return true;
  }

  /**
   * One record for a run of neighbours lost for the same cause, however many frames it took to find out. `of`: the open
   * gap it was part of, with which it is counted.
   */
  private addLost(epoch: string, from: number, to: number | null, cause: GapCause, of: OpenGap | null = null): void {
    const count = this.countable && to !== null ? to - from + 1 : null;
    const last = this.lastLost;
    const grows =
      last !== null && last.epoch === epoch && last.cause === cause && last.to !== null && last.to + 1 === from;
    // One gap that grows is one, however it grew.
    if (of === null && !(grows && count === null)) this.context.lost(count);
    const gap: Gap = grows
      ? { ...last, to, closedAt: this.context.wall() }
      : {
          id: this.context.newId(),
          stream: this.context.stream,
          epoch,
          from,
          to,
          status: 'lost',
          cause,
          openedAt: of?.openedAt ?? this.context.wall(),
          closedAt: this.context.wall(),
          ...placed(of === null ? this.context.nextOrdinal() : of.before),
        };
    this.lastLost = gap;
    this.changed.push(gap);
  }

  private record(gap: OpenGap, from: number, to: number, status: Gap['status'], cause: GapCause): Gap {
    return {
      id: gap.id,
      stream: this.context.stream,
      epoch: gap.epoch,
      from,
      to,
      status,
      cause,
      openedAt: gap.openedAt,
      closedAt: status === 'open' ? null : this.context.wall(),
      ...placed(gap.before),
    };
  }
}

function placed(before: number | undefined): { readonly before?: number } {
  return before === undefined ? {} : { before };
}
