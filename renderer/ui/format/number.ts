/** U+2009: separates thousands on screen; copies use `String(n)` and never this. */
export const thinSpace = '\u2009';

/** Shown where there is no value. */
export const none = '—';

/** Groups the digits of a whole number by thin spaces: `88410` → `88 410`. Digits are never rounded away. */
export function grouped(digits: number | bigint | string): string {
  const text = String(digits);
  const match = /^(-?)(\d+)(.*)$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', rest = ''] = match;
  return sign + whole.replace(/\B(?=(\d{3})+(?!\d))/g, thinSpace) + rest;
}

/** A number for reading at a glance: about three significant digits, thousands grouped. */
export function readable(value: number): string {
  if (!Number.isFinite(value)) return none;
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return grouped(Math.round(value));
  if (size >= 10) return value.toFixed(1).replace(/\.0$/, '');
  if (size >= 0.995) return value.toFixed(1);
  if (size >= 0.01) return value.toFixed(2).replace(/0$/, '');
  return size === 0 ? '0' : value.toPrecision(1);
}

/** A figure and its unit, so that a view can set the unit smaller. */
export interface Quantity {
  readonly figure: string;
  readonly unit: string;
}

/** Joins figure and unit for one-line text. */
export function quantityText({ figure, unit }: Quantity): string {
  return unit === '' ? figure : `${figure} ${unit}`;
}
