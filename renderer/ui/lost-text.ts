import type { SourceCounters } from '../../shared/view';
import { grouped } from './format/number';

type Lost = Pick<SourceCounters, 'lost' | 'lostUnknown' | 'resumesUnproven'>;

/** How many events were lost, for a figure: a number only where it is known, `some`, `12+` or `0?` otherwise. */
export function lostFigure({ lost, lostUnknown = 0, resumesUnproven = 0 }: Lost): string {
  if (lostUnknown === 0) return `${grouped(lost)}${resumesUnproven === 0 ? '' : '?'}`;
  return lost === 0 ? 'some' : `${grouped(lost)}+`;
}

/** The same in words, for where there is room. */
export function lostText(counters: Lost): string {
  const { lostUnknown = 0, resumesUnproven = 0 } = counters;
  const times = lostUnknown === 1 ? 'once' : `${grouped(lostUnknown)} times`;
  const breaks = resumesUnproven === 1 ? '1 break' : `${grouped(resumesUnproven)} breaks`;
  const why = [
    ...(lostUnknown === 0 ? [] : [`${times} nobody knows how many`]),
    ...(resumesUnproven === 0 ? [] : [`nothing shows what ${breaks} cost`]),
  ];
  return `${lostFigure(counters)} lost${why.length === 0 ? '' : ` (${why.join(', ')})`}`;
}
