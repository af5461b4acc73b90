import { bytes } from '../../ui/format/bytes';
import { latency } from '../../ui/format/duration';
import { none, type Quantity, readable } from '../../ui/format/number';

/** What a series is measured in. */
export type Unit = KnownUnit | OtherUnit;

type KnownUnit = 'ms' | 's' | 'events/s' | 'count' | '%' | 'B' | 'B/s' | '°C' | 'number';

/** A unit that is only written: `in ppm`. */
type OtherUnit = `in ${string}`;

function isOther(unit: Unit): unit is OtherUnit {
  return unit.startsWith('in ');
}

const known: ReadonlyMap<string, KnownUnit> = new Map([
  ['', 'number'],
  ['/s', 'events/s'],
  ...(['ms', 's', '%', 'B', 'B/s', '°C'] as const).map((unit) => [unit, unit] as const),
]);

/** The unit of a text, as feeds and recipes write them. */
export function unitFrom(text: string): Unit {
  return known.get(text) ?? `in ${text}`;
}

/** A value in its unit, for reading. */
export function inUnit(value: number | null, unit: Unit): Quantity {
  if (value === null || !Number.isFinite(value)) return { figure: none, unit: '' };
  if (isOther(unit)) return { figure: readable(value), unit: unit.slice('in '.length) };
  switch (unit) {
    case 's':
      return latency(value * 1000);
    case 'ms':
      return latency(value);
    case 'B':
      return bytes(value);
    case 'B/s': {
      const size = bytes(value);
      return { figure: size.figure, unit: `${size.unit}/s` };
    }
    case 'events/s':
      return { figure: readable(value), unit: '/s' };
    case '%':
      return { figure: value < 10 ? value.toFixed(1) : readable(value), unit: '%' };
    case '°C':
      return { figure: value.toFixed(1), unit: '°C' };
    case 'count':
    case 'number':
      return { figure: readable(value), unit: '' };
  }
}

/** The short form for an axis: `4 GiB`, `120 ms`, never more than eight characters or so. */
export function onAxis(value: number, unit: Unit): string {
  const { figure, unit: suffix } = value === 0 ? zero(unit) : inUnit(value, unit);
  const short = figure.includes('.') ? figure.replace(/\.?0+$/, '') : figure;
  return suffix === '' ? short : `${short} ${suffix}`;
}

function zero(unit: Unit): Quantity {
  if (isOther(unit)) return { figure: '0', unit: unit.slice('in '.length) };
  switch (unit) {
    case 's':
    case 'ms':
    case '%':
    case '°C':
    case 'B':
    case 'B/s':
      return { figure: '0', unit };
    case 'events/s':
      return { figure: '0', unit: '/s' };
    case 'count':
    case 'number':
      return { figure: '0', unit: '' };
  }
}
