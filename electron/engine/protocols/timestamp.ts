/**
 * Epoch milliseconds of a timestamp as feeds write them; null when it cannot be told for certain. Numbers (and digits
 * in text) are taken as seconds, milliseconds, microseconds or nanoseconds by their size, which is unambiguous from
 * 1973 on. Text is ISO 8601 with a zone, or an HTTP date. Without a zone it is UTC if that lands within a quarter of
 * an hour of `receivedAt` (epoch ms); otherwise it could be off by hours, so it is null.
 */
export function readTimestamp(value: unknown, receivedAt: number): number | null {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string' || value.length > 64) return null;
  const text = value.trim();
  if (/^\d{9,20}(\.\d+)?$/.test(text)) return fromNumber(Number(text));
  if (/^(mon|tue|wed|thu|fri|sat|sun), .* gmt$/i.test(text)) return plausible(Date.parse(text));
  const iso =
    /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?) ?(Z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?$/i.exec(text);
  if (!iso) return null;
  const [, date = '', time = '', zone] = iso;
  const at = Date.parse(`${date}T${milliseconds(time)}${zoneOf(zone)}`);
  if (zone === undefined && Math.abs(at - receivedAt) > quarterHourMs) return null;
  return plausible(at);
}

const quarterHourMs = 15 * 60_000;
/** 1973-03-03, below which milliseconds could be seconds. */
const smallest = 1e8;
const earliest = 100_000_000_000;
/** 2100-01-01. */
const latest = 4_102_444_800_000;

function fromNumber(value: number): number | null {
  if (!Number.isFinite(value) || value < smallest) return null;
  if (value < 1e11) return plausible(value * 1000);
  if (value < 1e14) return plausible(value);
  if (value < 1e17) return plausible(value / 1000);
  return plausible(value / 1e6);
}

function plausible(at: number): number | null {
  return at >= earliest && at <= latest ? Math.round(at) : null;
}

/** Cuts a fraction of any length to three digits: more are not specified for Date.parse. */
function milliseconds(time: string): string {
  const [whole = '', fraction] = time.split(/[.,]/);
  return fraction === undefined ? whole : `${whole}.${fraction.slice(0, 3).padEnd(3, '0')}`;
}

function zoneOf(zone: string | undefined): string {
  if (zone === undefined || /^(z|utc)$/i.test(zone)) return 'Z';
  const digits = zone.replace(':', '');
  return `${digits.slice(0, 3)}:${digits.slice(3) || '00'}`;
}
