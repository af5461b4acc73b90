import type { WallMs } from '../core/clock';
import { hashText } from '../core/hash-text';
import { longestName } from './dedupe';
import { Pace } from './pace';

/** So many ids in a row, each one more than the last, are a count of events and no accident. */
const inARow = 10;
/** Going back is seen after fewer: it makes no number of what is missing. */
const inARowBack = 5;
/** An id that so many events in a row have in common, and no other has had, is no place in the feed. */
const inCommon = 3;
/** However often a count was found to have holes, it is believed again after this long a row. */
const longestRow = 1_000;

/** What an id says of those before it. */
export type IdStep =
  /**
   * Over a break, counted ids go on further ahead: these were never sent to us. `sized`: so many may have come meanwhile;
   * otherwise it may as well be the count of another server behind the same address.
   */
  | { readonly kind: 'jumped'; readonly from: number; readonly to: number; readonly sized: boolean }
  /** Within a session, counted ids went back. */
  | { readonly kind: 'back'; readonly top: number; readonly to: number }
  | null;

/**
 * Whether the ids of a feed without numbers count its events all the same: 1, 2, 3 … Nobody promised that they do, so that
 * it is believed of ids that did so many times in a row within a session, and less readily each time they did not.
 */
export class CountedIds {
  private newest: number | null = null;
  /** The number that came last: lower than the newest where it was one that had been missing. */
  private latest: number | null = null;
  /** So many ids up to the newest follow each other by one, breaks left out. */
  private row = 0;
  private wanted = inARow;
  private session = 0;
  /** The number that ids went back from last. */
  private top: number | null = null;
  private only: string | null = null;
  private common = 0;
  private others = false;
  private fell = false;
  private readonly pace = new Pace();

  /** Ids of an earlier run, oldest first. */
  constructor(ids: readonly string[]) {
    for (const id of ids) this.note(id, 0, false);
  }

  /** The numbers went back, or ended, with what came last. */
  get wentBack(): boolean {
    return this.fell;
  }

  /** All that came so far had one id: nobody resumes from it. */
  get placeless(): boolean {
    return !this.others && this.common >= inCommon;
  }

  /**
   * The next event of a session has this id. `resumedFrom`: the place it was asked to go on behind, for the first event of
   * a session; `known`: an event with this id and body came before; `at`: now.
   */
  take(id: string, session: number, resumedFrom: string | null, known: boolean, at: WallMs): IdStep {
    const before = this.newest;
    const first = session !== this.session && resumedFrom !== null && String(this.latest) === resumedFrom;
    const jumped = first && before !== null ? this.jumpTo(numberOf(id), before, at) : null;
    this.pace.note(at, session !== this.session);
    const step = this.note(id, session, known);
    return jumped ?? step;
  }

  /**
   * Whether the next event of a session may be one that was passed over before: then it has its number, below the newest
   * and behind the place that its session resumed from.
   */
  late(id: string, session: number, resumedFrom: string | null): number | null {
    const number = numberOf(id);
    if (number === null || this.newest === null || number >= this.newest) return null;
    if (session === this.session) return number;
    const asked = resumedFrom === null ? null : numberOf(resumedFrom);
    return asked !== null && asked < number ? number : null;
  }

  /** It was one. */
  tookLate(number: number, session: number): void {
    this.latest = number;
    this.session = session;
  }

  /** A place without an event of its own: its number is used up. */
  pass(place: string): void {
    const number = numberOf(place);
    if (number !== null && number - 1 === this.newest) {
      this.newest = number;
      this.latest = number;
    }
  }

  /** The newest that counts is another one: what came after it comes again, or means something else. */
  rewind(id: string | null): void {
    this.newest = id === null ? null : numberOf(id);
    this.latest = this.newest;
  }

  private jumpTo(number: number | null, before: number, at: WallMs): IdStep {
    if (number === null || number <= before + 1 || this.row < this.wanted) return null;
    const sized = number - 1 - before <= this.pace.mostUntil(at);
    return { kind: 'jumped', from: before + 1, to: number - 1, sized };
  }

  private note(id: string, session: number, known: boolean): IdStep {
    const name = id.length > longestName ? hashText(id) : id;
    this.others ||= this.only !== null && this.only !== name;
    this.only ??= name;
    this.common += 1;
    const before = this.newest;
    const same = session === this.session;
    const number = numberOf(id);
    this.session = session;
    this.fell = before !== null && (number === null || number < before);
    this.newest = number;
    this.latest = number;
    if (number === null || before === null) {
      this.row = number === null ? 0 : 1;
      return null;
    }
    if (!same) return null;
    if (number === before + 1) {
      this.row += 1;
      return null;
    }
    const back = number < before && this.row >= inARowBack && !known && this.top !== before;
    // Two rounds that end at one number: the ids name things that report in turn.
    if (number < before) this.top = before;
    this.row = 1;
    this.wanted = Math.min(this.wanted * 2, longestRow);
    return back ? { kind: 'back', top: before, to: number } : null;
  }
}

function numberOf(id: string): number | null {
  if (!/^(0|[1-9]\d{0,15})$/.test(id)) return null;
  const number = Number(id);
  return Number.isSafeInteger(number) ? number : null;
}
