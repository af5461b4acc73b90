import type { FaultKind, ScriptedFault } from './faults';

/** What became of the events of one client. */
export interface Tally {
  readonly published: number;
  /** Different events that arrived. */
  readonly delivered: number;
  readonly lost: number;
  /** Arrivals of an event that had arrived before. */
  readonly repeated: number;
  /** First arrivals of an event after a newer one. */
  readonly outOfOrder: number;
  /** Lost events by the fault that was the last to begin when they were published. */
  readonly lostBy: ReadonlyMap<FaultKind | 'none', number>;
}

/** Counts what a client wrote down, in the order it did, against events 1 to `published`. */
export function tallyOf(record: readonly number[], published: number, faults: readonly ScriptedFault[]): Tally {
  const seen = new Uint8Array(published + 1);
  let delivered = 0;
  let repeated = 0;
  let outOfOrder = 0;
  let newest = 0;
  for (const number of record) {
    if (!Number.isInteger(number) || number < 1 || number > published) {
      throw new RangeError(`An event ${number} arrived that was never published.`);
    }
    if (seen[number] === 1) {
      repeated += 1;
      continue;
    }
    seen[number] = 1;
    delivered += 1;
    if (number < newest) outOfOrder += 1;
    newest = Math.max(newest, number);
  }
  const lostBy = new Map<FaultKind | 'none', number>();
  let next = 0;
  for (let number = 1; number <= published; number += 1) {
    while (next < faults.length && (faults[next]?.after ?? 0) < number) next += 1;
    if (seen[number] === 1) continue;
    const kind = faults[next - 1]?.kind ?? 'none';
    lostBy.set(kind, (lostBy.get(kind) ?? 0) + 1);
  }
  return { published, delivered, lost: published - delivered, repeated, outOfOrder, lostBy };
}

/** Reads a record: one number a line; a last line without its end was cut off by a kill and does not count. */
export function readRecord(text: string): number[] {
  const lines = text.split('\n');
  lines.pop();
  return lines.map(Number);
}
