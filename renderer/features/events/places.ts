import type { TailItem } from '../../store/tail-items';

/** What a number needs beside it to name one event. */
export interface Numbering {
  readonly stream: string;
  readonly epoch: string;
}

const mostNumberings = 50;

/** The numberings among the rows of a list, those heard from last first. */
export function numberingsOf(items: readonly TailItem[]): readonly Numbering[] {
  const found = new Map<string, Numbering>();
  for (const item of items.toReversed()) {
    if (found.size === mostNumberings) break;
    if (item.kind !== 'event' || item.row.seq === null || item.row.epoch === null) continue;
    const { stream, epoch } = item.row;
    const key = JSON.stringify([stream, epoch]);
    if (!found.has(key)) found.set(key, { stream, epoch });
  }
  return [...found.values()];
}

/** A number as a person writes it: `1204`, `1,204` or `seq:1204`; null for anything else. */
export function seqOf(text: string): number | null {
  const digits = text
    .trim()
    .replace(/^seq:\s*/i, '')
    .replace(/[,\s_]/g, '');
  const seq = /^\d+$/.test(digits) ? Number(digits) : null;
  return seq !== null && Number.isSafeInteger(seq) ? seq : null;
}

/** Local time as a date-time field takes it: `2026-03-01T14:30:07`. */
export function localTime(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
