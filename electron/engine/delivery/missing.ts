import type { OpenGaps } from './gaps';
import type { ReorderWindow } from './reorder-window';

/** A range to ask for again: everything after `after` up to and including `to`. */
export interface WantedRange {
  readonly after: number;
  readonly to: number;
}

/** Held neighbours this close together are asked for with the holes around them, in one repair. */
const bridgedEvents = 64;

/** Answers that must bring the same undecodable events before those are given up. */
const unreadableAnswers = 3;

/** Looks at what a stream lacks, on both sides of its cursor, and chooses what to ask for. Changes nothing. */
export class Missing {
  private nextGapFrom = 0;
  private unread: { readonly first: number; readonly answers: number } | null = null;

  constructor(
    private readonly window: ReorderWindow,
    private readonly gaps: OpenGaps,
  ) {}

  /** The holes in front of the cursor that one repair of `size` events can reach. `claimed`: known to exist beyond the window. */
  holes(cursor: number, claimed: number, size: number): WantedRange {
    return { after: cursor, to: this.lastHoleEnd(cursor, claimed, cursor + size) };
  }

  /** The next open gap behind the cursor, at most `size` of it; null when there is none. */
  nextGap(cursor: number, size: number): WantedRange | null {
    const gap = this.gaps.firstWithin(this.nextGapFrom, cursor) ?? this.gaps.firstWithin(0, cursor);
    if (gap === null) return null;
    const to = Math.min(gap.to, gap.from - 1 + size);
    // Round robin: a gap that is never answered must not keep the others from being asked for.
    this.nextGapFrom = to + 1;
    return { after: gap.from - 1, to };
  }

  /**
   * Whether what is missing of an answered range came in a form nobody can read: as many undecodable frames as
   * missing numbers, and the same on every one of a few answers, since one may have been damaged on its way.
   */
  stillUnreadable(cursor: number, range: WantedRange, undecodable: number): boolean {
    const { first, count } = this.within(cursor, range);
    if (first === null || undecodable < count) {
      this.unread = null;
      return false;
    }
    this.unread = { first, answers: this.unread?.first === first ? this.unread.answers + 1 : 1 };
    return this.unread.answers >= unreadableAnswers;
  }

  private within(
    cursor: number,
    { after, to }: WantedRange,
  ): { readonly first: number | null; readonly count: number } {
    const behind = Math.min(to, cursor);
    let first = this.gaps.firstWithin(after + 1, behind)?.from ?? null;
    let count = this.gaps.missingWithin(after + 1, behind);
    for (let seq = Math.max(after, cursor) + 1; seq <= to; seq++) {
      if (this.window.has(seq)) continue;
      first ??= seq;
      count++;
    }
    return { first, count };
  }

  /** End of the last hole that can be reached without asking for much that is held already. */
  private lastHoleEnd(cursor: number, claimed: number, limit: number): number {
    let end = cursor;
    let runStart = cursor + 1;
    for (const { from, to } of this.window.runs) {
      if (from > runStart) {
        if (end > cursor && runStart - 1 - end > bridgedEvents) return end;
        end = Math.min(from - 1, limit);
        if (end === limit) return end;
      }
      runStart = to + 1;
    }
    if (claimed >= runStart && (end === cursor || runStart - 1 - end <= bridgedEvents)) end = Math.min(claimed, limit);
    return end;
  }
}
