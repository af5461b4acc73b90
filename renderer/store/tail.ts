import type { EventRow } from '../../shared/event';
import type { Gap } from '../../shared/gap';
import type { EventPage } from '../../shared/ipc';
import { matchesSearch, parseSearch, type SearchTerm } from '../../shared/search';
import { aboveOf, type Hole, insideOf, mendable, newestOf, smallHole, whenStored } from './tail-holes';
import { holeCount, insertGap, insertRow, insertUnstored, isOutOfTurn, type TailItem } from './tail-items';
import { kept, tailLimits } from './tail-limits';

export interface TailDeps {
  /** A query as the journal reads it (shared/search.ts), so that live rows and pages agree. */
  readonly filter: string;
  /** Asks main; null when it could not answer (the person has been told). */
  readonly page: (from: number | null, direction: 'before' | 'after', limit: number) => Promise<EventPage | null>;
  /** Runs the callback once, before the next paint. */
  readonly frame: (callback: () => void) => void;
  /** Runs the callback once, when what was told just now is likely stored. */
  readonly later: (callback: () => void) => void;
}

/** Looks for the rows of one small hole before it is left to the reader. */
const mostLooks = 5;

/** What the list shows around its items. */
export interface TailStatus {
  readonly loaded: boolean;
  /** The page that it opens with could not be read. */
  readonly failed: boolean;
  readonly frozen: boolean;
  /** Rows that arrived while frozen. */
  readonly below: number;
  /** The journal has older rows. */
  readonly older: boolean;
  readonly busy: boolean;
}

/**
 * The event list of one source under one filter: a bounded window on the journal, outside React.
 *
 * Invariants: items of a stream are sorted by number; rows that left memory are a hole, never silence; while frozen
 * nothing moves except by the reader's own asking; listeners hear of changes at most once a frame.
 */
export class Tail {
  items: TailItem[] = [];
  /** How many items were ever put above the top, for keeping the reader's place. */
  prepended = 0;
  /** How often the list was opened at another place. */
  opened = 0;
  /** Ordinal of the event that the list was opened at; null while it stands at the newest. */
  place: number | null = null;
  #status: TailStatus = {
    loaded: false,
    failed: false,
    frozen: false,
    below: 0,
    older: false,
    busy: false,
  };
  #pending: EventRow[] = [];
  #pendingGaps: Gap[] = [];
  /** Newest ordinal heard of, and newest one in `items` or passed over by the filter. */
  #head: number | null = null;
  #shown: number | null = null;
  /** Up to where ordinals are known to be without a hole; unknown just after a filtered page. */
  #unbroken: number | null = null;
  /** The bottom of the list left memory while the reader was far above it. */
  #detached = false;
  #closed = false;
  #scheduled = false;
  #mending = false;
  #version = 0;
  readonly #listeners = new Set<() => void>();
  readonly #deps: TailDeps;
  readonly #terms: readonly SearchTerm[];

  constructor(deps: TailDeps) {
    this.#deps = deps;
    this.#terms = parseSearch(deps.filter);
  }

  get status(): TailStatus {
    return this.#status;
  }

  readonly version = (): number => this.#version;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Reads the newest page and follows from there; also the way back after the bottom left memory. */
  async open(): Promise<void> {
    this.#set({ busy: true });
    const page = await this.#deps.page(null, 'before', tailLimits.page);
    if (this.#closed) return;
    this.items = [];
    this.place = null;
    this.#detached = false;
    this.#set({ loaded: true, failed: page === null, busy: false, older: page?.more ?? false, frozen: false });
    for (const row of page?.rows ?? []) insertRow(this.items, row);
    if (page?.unstored) insertUnstored(this.items, page.unstored);
    const last = newestOf(page);
    this.#shown = last;
    this.#unbroken = this.#deps.filter === '' ? last : null;
    this.#head = Math.max(last ?? 0, this.#head ?? 0) || null;
    for (const gap of page?.gaps ?? []) insertGap(this.items, gap);
    this.#flushPending();
  }

  /** Reads what lies around an event and stands still there: the newest are one `follow` away. */
  async openAt(ordinal: number): Promise<void> {
    this.#set({ busy: true, frozen: true });
    const { page, filter } = this.#deps;
    const [before, after] = await Promise.all([
      page(ordinal + 1, 'before', tailLimits.page),
      page(ordinal, 'after', tailLimits.page),
    ]);
    if (this.#closed) return;
    if (before === null || after === null) return this.#set({ busy: false });
    this.items = [];
    for (const row of [...before.rows, ...after.rows]) insertRow(this.items, row);
    for (const { unstored } of [before, after]) if (unstored) insertUnstored(this.items, unstored);
    for (const gap of [...before.gaps, ...after.gaps]) insertGap(this.items, gap);
    this.place = ordinal;
    this.opened += 1;
    this.#detach(newestOf(after) ?? ordinal, after.more || filter === '');
    this.#set({ loaded: true, failed: false, busy: false, older: before.more });
  }

  /**
   * Rows from main, in order. Ordinals grow by one, so a jump shows what was skipped on the way here. `upTo`: the newest
   * ordinal there is now; what no row here goes as far as is read as a page.
   */
  add(rows: readonly EventRow[], upTo = 0): void {
    for (const row of rows) {
      if (this.#head !== null && row.ordinal <= this.#head) continue;
      this.#head = Math.max(this.#head ?? 0, row.ordinal);
      this.#pending.push(row);
    }
    if (this.#pending.length > tailLimits.pending) this.#pending = this.#pending.slice(-tailLimits.pending);
    if (upTo > (this.#head ?? 0)) this.#head = upTo;
    if (this.#status.loaded && !this.#status.frozen) this.#catchUp();
    else this.#countBelow();
  }

  /** News of gaps: a known one changes where it stands, a new one waits while frozen. */
  gaps(gaps: readonly Gap[]): void {
    const known = new Set(this.items.map((item) => (item.kind === 'gap' ? item.gap.id : '')));
    for (const gap of gaps) {
      if (known.has(gap.id) || (this.#status.loaded && !this.#status.frozen)) insertGap(this.items, gap);
      else this.#pendingGaps.push(gap);
    }
    this.#pendingGaps = this.#pendingGaps.slice(-tailLimits.pending);
    this.#changed();
  }

  /** Holds the list still. */
  freeze(): void {
    if (!this.#status.frozen) this.#set({ frozen: true });
  }

  /** Follows the newest again, with everything that arrived meanwhile. */
  async follow(): Promise<void> {
    if (!this.#status.frozen) return;
    if (this.#detached) {
      await this.open();
      return;
    }
    this.#set({ frozen: false });
    this.#catchUp();
  }

  /** Loads one page above the top; returns how many items were put there. */
  async loadOlder(): Promise<number> {
    if (this.#status.busy || !this.#status.older) return 0;
    const first = this.items.find((item) => item.kind !== 'gap');
    const from = first === undefined ? null : aboveOf(first);
    this.#set({ busy: true, frozen: true });
    const page = await this.#deps.page(from, 'before', tailLimits.page);
    if (this.#closed) return 0;
    this.#set({ busy: false, older: page?.more ?? this.#status.older });
    if (page === null) return 0;
    const before = this.items.length;
    const inTurn = page.rows.filter((row) => !isOutOfTurn(row));
    this.items = [...inTurn.map((row): TailItem => ({ kind: 'event', row })), ...this.items];
    if (page.unstored) insertUnstored(this.items, page.unstored);
    for (const row of page.rows) if (isOutOfTurn(row)) insertRow(this.items, row);
    for (const gap of page.gaps) insertGap(this.items, gap);
    const added = this.items.length - before;
    this.prepended += added;
    this.#evictBelow();
    this.#changed();
    return added;
  }

  /** Fetches what a hole stands for, a page at a time. */
  async fill(hole: Hole): Promise<void> {
    if (this.#status.busy) return;
    this.#set({ busy: true });
    const page = await this.#deps.page(hole.after, 'after', tailLimits.page);
    if (this.#closed) return;
    this.#set({ busy: false });
    if (page === null) return;
    const index = this.#replace(hole, page);
    if (index < 0) return;
    if (index > this.items.length / 2) this.prepended -= this.#evictAbove();
    else this.#evictBelow();
    this.#changed();
  }

  /** Puts what a page has of a hole in its place; returns where that was, -1 where the hole is no more. */
  #replace(hole: Hole, page: EventPage): number {
    const index = this.items.findIndex((item) => item.kind === 'hole' && item.after === hole.after);
    if (index < 0) return -1;
    const items = insideOf(hole, page, this.#deps.filter === '');
    this.items.splice(index, 1, ...items);
    for (const gap of page.gaps) insertGap(this.items, gap);
    return index;
  }

  /** Fills the newest hole that is small or not stored once its rows are there, while nobody reads beside it. */
  #mend(looks = 0): void {
    const found = this.items.findLast((item) => item.kind === 'hole' && mendable(item));
    if (found?.kind !== 'hole' || looks >= mostLooks || this.#mending) return;
    this.#mending = true;
    this.#deps.later(async () => {
      const limit = found.unstored ? tailLimits.page : smallHole + 1;
      const page = this.#following() ? await this.#deps.page(found.after, 'after', limit) : null;
      this.#mending = false;
      if (page === null || !this.#following()) return;
      this.#replace(found, page);
      this.#evictAbove();
      this.#changed();
      this.#mend(looks + 1);
    });
  }

  /** How many events of the source are not stored yet has changed, to `count`: what could not be shown is looked at again. */
  storing(count: number): void {
    if (!this.#status.loaded) return;
    const storedTo = (this.#head ?? 0) - count;
    // While the list stands still nothing is put in, but what it says stays true.
    if (this.#status.frozen) this.items = this.items.map((item) => whenStored(item, storedTo));
    else if (count === 0 && this.#unshown() && !this.#status.busy) void this.open();
    else this.#mend();
    this.#changed();
  }

  #unshown(): boolean {
    return this.#status.failed || (this.items.length === 0 && this.#deps.filter === '');
  }

  #following(): boolean {
    return !this.#closed && !this.#status.frozen && !this.#status.busy;
  }

  /** Ends it: late answers change nothing. */
  close(): void {
    this.#closed = true;
    this.#listeners.clear();
  }

  /** Shows what waits; the newest page where there is more than what was told. */
  #catchUp(): void {
    this.#flushPending();
    if ((this.#head ?? 0) > (this.#shown ?? 0)) void this.open();
  }

  #flushPending(): void {
    for (const row of this.#pending) {
      if (this.#shown !== null && row.ordinal <= this.#shown) continue;
      if (this.#unbroken !== null && row.ordinal > this.#unbroken + 1) {
        this.items.push({ kind: 'hole', after: this.#unbroken, before: row.ordinal });
      }
      this.#unbroken = row.ordinal;
      this.#shown = row.ordinal;
      if (matchesSearch(row, this.#terms)) insertRow(this.items, row);
    }
    for (const gap of this.#pendingGaps) insertGap(this.items, gap);
    this.#pending = [];
    this.#pendingGaps = [];
    this.#evictAbove();
    this.#countBelow();
    this.#changed();
    this.#mend();
  }

  #countBelow(): void {
    const below = this.#status.frozen && this.#head !== null ? this.#head - (this.#shown ?? this.#head) : 0;
    if (below !== this.#status.below) this.#set({ below });
  }

  /** Returns how many items left. */
  #evictAbove(): number {
    const gone = this.items.length - kept(this.items.toReversed());
    if (gone > 0) {
      this.items = this.items.slice(gone);
      this.#set({ older: true });
    }
    return gone;
  }

  #evictBelow(): void {
    const keep = kept(this.items);
    if (keep >= this.items.length) return;
    this.items = this.items.slice(0, keep);
    const last = this.items.findLast((item) => item.kind === 'event');
    if (last?.kind === 'event') this.#detach(last.row.ordinal, true);
    else this.#detached = true;
  }

  /** The list ends before the newest: what lies between is a hole, if there may be something, never silence. */
  #detach(last: number, more: boolean): void {
    this.#detached = true;
    const hole = { kind: 'hole', after: last, before: (this.#head ?? last) + 1 } as const;
    if (more && holeCount(hole) > 0) this.items.push(hole);
    this.#pending = [];
    this.#shown = this.#head;
    this.#unbroken = this.#head;
    this.#countBelow();
  }

  #set(change: Partial<TailStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#changed();
  }

  #changed(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    this.#deps.frame(() => {
      this.#scheduled = false;
      this.#version += 1;
      for (const listener of this.#listeners) listener();
    });
  }
}
