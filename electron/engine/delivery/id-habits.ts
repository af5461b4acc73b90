/** So many returns, new ids counted against them, are things that report in turn and no accident. */
const manyReturns = 6;
/** A feed that sends things seldom heard of goes on naming them, one that counts its events stops: no more is remembered. */
const mostReturns = 20;
/** What a new id takes back of them. */
const newCounts = 2;
/** A batch under one id is expected again for so many events. */
const batchEvents = 50;

/** How the ids of delivered events follow each other, and so what they can be: places in the feed, or something else. */
export class IdHabits {
  private returns = 0;
  private sinceShared = batchEvents;

  /** Ids come again with others between: they name things, and nobody can go on behind one. */
  get nameThings(): boolean {
    return this.returns >= manyReturns;
  }

  /** Several events in a row had one id: a cut among them leaves the rest behind, and what comes next does not show it. */
  get shared(): boolean {
    return this.sinceShared < batchEvents;
  }

  /** `before`: the events noted when the id came last, undefined where it is new; `noted`: with this one. */
  note(before: number | undefined, noted: number): void {
    this.sinceShared += 1;
    if (before === undefined) this.returns = Math.max(0, this.returns - newCounts);
    else if (before === noted - 1) this.sinceShared = 0;
    else this.returns = Math.min(mostReturns, this.returns + 1);
  }
}
