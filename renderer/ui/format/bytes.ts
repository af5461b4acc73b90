import { grouped, none, type Quantity, quantityText } from './number';

/** The exact size in words, thousands grouped: `3 000 000 bytes`. */
export function exactBytes(size: number): string {
  return `${grouped(size)} ${size === 1 ? 'byte' : 'bytes'}`;
}

/** A size for reading with the exact one beside it, where rounding hides anything: `2.9 MiB (3 000 000 bytes)`. */
export function bytesText(size: number): string {
  return size < 1024 ? exactBytes(size) : `${quantityText(bytes(size))} (${exactBytes(size)})`;
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A size in binary units, three digits: `4.1 KiB`. Whole bytes below 1 KiB. */
export function bytes(size: number): Quantity {
  if (!Number.isFinite(size)) return { figure: none, unit: '' };
  let value = size;
  let index = 0;
  while (Math.abs(value) >= 1024 && index < units.length - 1) {
    value /= 1024;
    index += 1;
  }
  const unit = units[index] ?? 'B';
  if (index === 0) return { figure: String(Math.round(value)), unit };
  return { figure: Math.abs(value) >= 100 ? grouped(Math.round(value)) : value.toFixed(1), unit };
}
