import { unitOfWord } from '../../../../shared/series-unit';
import type { Family } from './exposition';

/** The unit of a family's values, or of their rate per second; null where nothing tells it. */
export function unitOf({ name, unit }: Pick<Family, 'name' | 'unit'>, of: 'value' | 'rate'): string | null {
  const word = unit ?? /(?:^|_)([a-z]+?)(?:_total)?$/.exec(name)?.[1] ?? '';
  const known = unitOfWord(word) ?? unit;
  return of === 'rate' ? `${known ?? ''}/s` : known;
}

const timeWords =
  /(^|_)(time|timestamp|date|created|modified|mtime|boot|start|last|expir[a-z]*|not_before|not_after)(_|$)/;

/** Whether a gauge tells a moment, in s or ms since 1970: nobody wants that as a line. */
export function isTimeOf(name: string, value: number): boolean {
  if (/_timestamp(_seconds|_ms)?$/.test(name)) return true;
  const seconds = value >= 1e9 && value < 4.2e9;
  const millis = value >= 1e12 && value < 4.2e12;
  return (seconds || millis) && timeWords.test(name);
}
