import type { Gap } from '../../../shared/gap';
import type { Clock } from '../core/clock';
import type { Random } from '../core/random';
import type { DeliveryCounters } from './counters';
import type { Step } from './step';

/** Ranges kept: what comes of an older one stays lost. */
const mostRanges = 32;

/** Told with no size. All its parts are one gap, which says nothing new until all of it has come. */
interface Unsized {
  left: number;
  readonly from: number;
  readonly to: number;
}

interface MissedRange {
  readonly id: string;
  readonly stream: string;
  /** What is still missing, both ends included. */
  from: number;
  to: number;
  /** What was missing when it was told. */
  readonly declaredFrom: number;
  declaredTo: number;
  readonly unsized: Unsized | null;
  /** Wall clock, epoch ms. */
  readonly openedAt: number;
  /** As in `Gap`. */
  readonly before: number;
}

/**
 * What ids that count events said was never sent. A server may send its backlog behind a live event: what comes after all
 * fills its gap, and is not lost.
 */
export class MissedIds {
  private ranges: MissedRange[] = [];
  /** Something that was told is lost for good. */
  private forgot = false;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly step: Step,
    private readonly counters: DeliveryCounters,
  ) {}

  get size(): number {
    return this.ranges.length;
  }

  /** `from`–`to` were passed over; the event that showed it comes next. Not `sized`: if so many events there were. */
  declare(stream: string, { from, to, sized }: { from: number; to: number; sized: boolean }): void {
    const left = to - from + 1;
    if (sized) this.counters.lost += left;
    else this.counters.lostUnknown += 1;
    if (this.ranges.length === 0) this.forgot = false;
    const range = {
      id: this.random.id(),
      stream,
      from,
      to,
      declaredFrom: from,
      declaredTo: to,
      unsized: sized ? null : { left, from, to },
      openedAt: this.clock.wall(),
      before: this.step.nextOrdinal,
    };
    this.keep(this.ranges.length, range);
    this.tell(range, 'lost');
  }

  /** One of them came: null where it is none of them. `whole`: nothing is missing any more of all that was told. */
  fill(number: number): { readonly whole: boolean } | null {
    const at = this.ranges.findIndex(({ from, to }) => number >= from && number <= to);
    const range = this.ranges[at];
    if (range === undefined) return null;
    this.count(range);
    if (range.from === range.to) {
      this.ranges.splice(at, 1);
      if (range.unsized === null || range.unsized.left === 0) this.tell(range, 'filled');
      return { whole: this.ranges.length === 0 && !this.forgot };
    }
    if (number === range.from) range.from += 1;
    else if (number === range.to) range.to -= 1;
    else {
      const id = range.unsized === null ? this.random.id() : range.id;
      const rest = { ...range, id, from: number + 1, declaredFrom: number + 1 };
      range.to = number - 1;
      range.declaredTo = range.to;
      this.keep(at + 1, rest);
      if (rest.unsized === null) this.tell(rest, 'lost');
    }
    if (range.unsized === null) this.tell(range, 'lost');
    return { whole: false };
  }

  /** Numbers mean something else from now on: what was told is lost for good. */
  forget(): void {
    this.ranges = [];
    this.forgot = true;
  }

  private count({ unsized }: MissedRange): void {
    if (unsized === null) this.counters.lost -= 1;
    else {
      unsized.left -= 1;
      if (unsized.left === 0) this.counters.lostUnknown -= 1;
    }
  }

  private keep(at: number, range: MissedRange): void {
    this.ranges.splice(at, 0, range);
    if (this.ranges.length <= mostRanges) return;
    this.ranges.shift();
    this.forgot = true;
  }

  private tell(range: MissedRange, status: 'lost' | 'filled'): void {
    const { id, stream, openedAt, before, unsized } = range;
    const whole = unsized ?? { from: range.declaredFrom, to: range.declaredTo };
    const missing = unsized === null ? range : { from: 0, to: null };
    const { from, to } = status === 'filled' ? whole : missing;
    const gap: Gap = {
      id,
      stream,
      epoch: '',
      from,
      to,
      status,
      cause: 'not-resumed',
      openedAt,
      closedAt: this.clock.wall(),
      before,
    };
    this.step.gapChanged(gap);
  }
}
