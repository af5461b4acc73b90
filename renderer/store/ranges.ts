/** A span of time that charts can show. */
export interface Range {
  readonly id: string;
  readonly text: string;
  /** Length, ms. */
  readonly length: number;
  /** Width of one cell, ms: chosen so that a series has 400 points at most. */
  readonly cell: number;
  /** Distance of the labels on the time axis, ms. */
  readonly tick: number;
}

const minute = 60_000;
const hour = 60 * minute;

export const ranges = [
  { id: '5m', text: '5 min', length: 5 * minute, cell: 1_000, tick: minute },
  { id: '15m', text: '15 min', length: 15 * minute, cell: 3_000, tick: 3 * minute },
  { id: '1h', text: '1 h', length: hour, cell: 10_000, tick: 10 * minute },
  { id: '6h', text: '6 h', length: 6 * hour, cell: minute, tick: hour },
  { id: '24h', text: '24 h', length: 24 * hour, cell: 5 * minute, tick: 4 * hour },
] as const satisfies readonly Range[];

export type RangeId = (typeof ranges)[number]['id'];

/** The range of that name. */
export function rangeOf(id: RangeId): Range {
  return ranges.find((range) => range.id === id) ?? ranges[0];
}
