import { type Held, ReorderWindow, type WindowBudget } from './reorder-window';

/** What is known to lie ahead of a stream's cursor: events held, numbers only heard of, and numbers that are gone. */
export class Front {
  readonly window: ReorderWindow;
  /** Highest number known to exist though it is not held: let go on overflow, or named by the server. */
  private claimed = 0;
  /** Numbers below are gone at the server. */
  private below = 0;
  /** What the server said of a place too far ahead to be believed before an event proves it. */
  private unproven: { readonly after: number; readonly gone: boolean } | null = null;

  constructor(
    budget: WindowBudget,
    /** A number further ahead than this of what is known is not believed by itself. */
    private readonly jump: number,
  ) {
    this.window = new ReorderWindow(budget);
  }

  /** Something lies ahead. */
  get waiting(): boolean {
    return this.window.size > 0 || this.claimed > 0;
  }

  get claim(): number {
    return this.claimed;
  }

  get goneBelow(): number {
    return this.below;
  }

  /** Highest number that must be settled before everything received so far is delivered or gapped. */
  frontier(cursor: number): number {
    return Math.max(cursor, this.window.max, this.claimed);
  }

  /** Last number of the hole in front of the cursor; null when there is none. */
  holeEnd(cursor: number): number | null {
    const { lowest } = this.window;
    if (lowest !== null) return lowest - 1;
    return this.claimed > cursor ? this.claimed : null;
  }

  believes(seq: number, cursor: number): boolean {
    return seq - this.frontier(cursor) <= this.jump;
  }

  /** `seq` is known to exist. */
  note(seq: number): void {
    if (seq > this.claimed) this.claimed = seq;
  }

  /** The server goes on behind `after`, which nothing else speaks for; `gone`: it has nothing of what lies before. */
  doubt(after: number, gone: boolean): void {
    const { unproven } = this;
    this.unproven = { after, gone: gone || (unproven?.after === after && unproven.gone) };
  }

  /** An event came. Answers what it proves of an unproven place. */
  proof(seq: number): { readonly after: number; readonly gone: boolean } | null {
    const { unproven } = this;
    if (unproven === null || seq <= unproven.after || seq - unproven.after > this.jump) return null;
    this.unproven = null;
    return unproven;
  }

  forget(oldest: number): void {
    if (oldest > this.below) this.below = oldest;
  }

  /** The cursor moved: what it passed lies ahead no more. */
  passed(cursor: number): void {
    if (this.claimed <= cursor) this.claimed = 0;
    if (this.below <= cursor + 1) this.below = 0;
  }

  /** Another beginning. Answers what was held. `keep`: what was let go while there was no epoch is still known to exist. */
  begin(keep: boolean): readonly Held[] {
    if (!keep) this.claimed = 0;
    this.below = 0;
    this.unproven = null;
    return this.window.takeAll();
  }
}
