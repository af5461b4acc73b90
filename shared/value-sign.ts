/** What a value of a message looks like, by itself and by its name. */
export type Sign =
  /** Sender's time, epoch ms. */
  | { readonly kind: 'time'; readonly at: number }
  /** Names something, and measures nothing. */
  | { readonly kind: 'id' }
  /** Digits that say which, or how the feed is to be spoken to: a kind of message, a postal code, the interval of a heartbeat. */
  | { readonly kind: 'code' }
  /** A number, also one inside text. */
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text' }
  | { readonly kind: 'flag' }
  | { readonly kind: 'nothing' };

/** A member that says when, by its name. */
const timeName =
  /^(e|t|ts|dt|at|time|date|datetime|timestamp|epoch|updated|created|when)$|(_at|_ts|time|timestamp|date)$|[a-z](At|Ts|Time|Timestamp|Date)$/i;

/** A member that names something, by its name. */
const idName =
  /^(id|_id|uuid|guid|key|etag|ref|nonce|seq|sequence|offset|cursor|hash|fingerprint|version|resourceVersion)$|(_id|_uuid|_key|_ref|_seq|_sequence|_offset|_hash|_nonce)$|[a-z](Id|ID|Uuid|Key|Ref|Seq|Sequence|Offset|Hash|Nonce)$/;

/** A member whose digits are a code, by its name. */
const codeName =
  /^(op|op_?code|port|pid|ppid|zip|zip_?code|post_?code|postal|postal_?code|plz|phone|phone_?number|fax|tel|isbn|ean|gtin|sku|imei|asn)$/i;

/** A member that says how a feed is to be spoken to: it stands still, and measures nothing. */
const settingName =
  /(^|_|\b)(heartbeat|keep_?alive|ping|pong|poll|reconnect|retry)_?(interval|timeout|after)(_?(ms|s|sec|seconds))?$|[a-z]?([Hh]eartbeat|[Kk]eepAlive|[Pp]ing|[Pp]oll|[Rr]econnect|[Rr]etry)(Interval|Timeout|After)(Ms|Seconds)?$/;

/** One letter in messages of exchanges, beside `e` (their kind) or `E` (their time): numbers of trades, updates, orders. */
const exchangeIds: ReadonlySet<string> = new Set(['t', 'a', 'f', 'l', 'u', 'U', 'i']);

const dayMs = 86_400_000;
/** 2001-09-09 and 2100-01-01: seconds before are as many digits as anything. */
const earliest = 1_000_000_000_000;
const latest = 4_102_444_800_000;

/**
 * Tells what a value is. `beside`: names of the members beside it; `now`, epoch ms: a number that is about now is a time
 * whatever it is called, any other only where its name says so.
 */
export function signOf(name: string, value: unknown, beside: readonly string[], now: number): Sign {
  if (typeof value === 'boolean') return { kind: 'flag' };
  if (typeof value === 'string') return signOfText(name, value, now);
  if (typeof value !== 'number') return { kind: 'nothing' };
  const at = timeOf(value);
  if (at !== null && (timeName.test(name) || Math.abs(at - now) < dayMs)) return { kind: 'time', at };
  if (idName.test(name) || !isExact(value)) return { kind: 'id' };
  if (isCode(name)) return { kind: 'code' };
  const traded = beside.includes('e') || beside.includes('E') || beside.includes('s');
  if (traded && exchangeIds.has(name) && Number.isInteger(value)) return { kind: 'id' };
  return { kind: 'number', value };
}

function signOfText(name: string, text: string, now: number): Sign {
  const trimmed = text.trim();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) {
    const value = Number(trimmed);
    const at = timeOf(value);
    if (at !== null && (timeName.test(name) || Math.abs(at - now) < dayMs)) return { kind: 'time', at };
    if (idName.test(name) || !isExact(value)) return { kind: 'id' };
    // Nobody measures with a nought in front: it keeps the length of a number that names something.
    return isCode(name) || /^0\d/.test(trimmed) ? { kind: 'code' } : { kind: 'number', value };
  }
  if (
    /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}|$)/.test(trimmed) ||
    /^(mon|tue|wed|thu|fri|sat|sun), .* gmt$/i.test(trimmed)
  ) {
    const at = Date.parse(trimmed);
    if (Number.isFinite(at)) return { kind: 'time', at };
  }
  if (idName.test(name) || /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(trimmed)) {
    return { kind: 'id' };
  }
  return { kind: 'text' };
}

function isCode(name: string): boolean {
  return codeName.test(name) || settingName.test(name);
}

/** Beyond 2⁵³ neighbours are one number: nothing that is measured is so exact. */
function isExact(value: number): boolean {
  return !Number.isInteger(value) || Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

/** Seconds, milliseconds, microseconds or nanoseconds, by their size; null for what can be none of them. */
function timeOf(value: number): number | null {
  if (!Number.isFinite(value) || value < 1e9) return null;
  const at = value < 1e11 ? value * 1000 : value < 1e14 ? value : value < 1e17 ? value / 1000 : value / 1e6;
  return at >= earliest && at <= latest ? Math.round(at) : null;
}

/**
 * What whole numbers that came one after another at one place are: `counts`: each is one more than the one before, or one less
 * down a list, so that they number the messages and measure nothing; `may-count`: so far, and three tell; else `measures`.
 */
export function countingOf(values: readonly number[]): 'counts' | 'may-count' | 'measures' {
  if (!values.every((value) => Number.isInteger(value))) return 'measures';
  const steps = values.slice(1).map((value, at) => value - (values[at] ?? 0));
  const [first = 1] = steps;
  if (Math.abs(first) !== 1 || steps.some((step) => step !== first)) return 'measures';
  return values.length < 3 ? 'may-count' : 'counts';
}
