import type { SourceCounters } from '../../shared/view';
import { grouped } from './format/number';

type Lost = Pick<SourceCounters, 'lost' | 'lostUnknown'>;

/** How many events were lost, for a figure: a number only where it is known, `some` or `12+` otherwise. */
export function lostFigure({ lost, lostUnknown = 0 }: Lost): string {
  if (lostUnknown === 0) return grouped(lost);
  return lost === 0 ? 'some' : `${grouped(lost)}+`;
}

/** The same in words, for where there is room. */
export function lostText(counters: Lost): string {
  const { lostUnknown = 0 } = counters;
  if (lostUnknown === 0) return `${lostFigure(counters)} lost`;
  const times = lostUnknown === 1 ? 'once' : `${grouped(lostUnknown)} times`;
  return `${lostFigure(counters)} lost (${times} nobody knows how many)`;
}
