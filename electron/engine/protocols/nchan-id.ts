import type { Position } from '../../../shared/position';

/** nchan has no epochs: a restarted server goes on with later seconds. */
const epoch = 'nchan';
/** Messages of one second that a position can tell apart (2²¹). */
const perSecond = 2_097_152;

/** `<seconds>:<n>` of one channel. Ids of joined channels (`…:1,[0],-`) have no single number. */
const single = /^(\d{1,10}):(\d{1,7})$/;

/** An id as a rising position; null for joined channels. */
export function positionOf(id: string): Position | null {
  const match = single.exec(id);
  if (!match) return null;
  const n = Number(match[2]);
  return n < perSecond ? { epoch, seq: Number(match[1]) * perSecond + n } : null;
}

/** Below 0: `a` is older. Null when they cannot be compared. */
export function compareIds(a: string, b: string): number | null {
  if (a === b) return 0;
  const [left, right] = [positionOf(a), positionOf(b)];
  if (left && right) return left.seq - right.seq;
  const seconds = Number(a.split(':', 1)[0]) - Number(b.split(':', 1)[0]);
  return Number.isNaN(seconds) || seconds === 0 ? null : seconds;
}

/** An id of one channel just before another: the server goes on with the next it has. Null for joined channels. */
export function earlierThan(id: string): string | null {
  const match = single.exec(id);
  if (!match) return null;
  const [seconds, n] = [Number(match[1]), Number(match[2])];
  return n > 0 ? `${seconds}:${n - 1}` : `${Math.max(0, seconds - 1)}:0`;
}

/** A place to resume from: the last id had, and the one before it where there was one. */
export interface NchanToken {
  readonly before: string | null;
  readonly last: string;
}

const id = /^\d{1,11}:[0-9,[\]-]{1,500}$/;

/** Written `<before>|<last>`, or `<last>` alone. */
export function formatToken(before: string | null, last: string): string {
  return before === null ? last : `${before}|${last}`;
}

export function parseToken(text: string | null): NchanToken | null {
  if (text === null) return null;
  const bar = text.indexOf('|');
  const last = text.slice(bar + 1);
  const before = bar === -1 ? null : text.slice(0, bar);
  if (!id.test(last)) return null;
  return { before: before !== null && id.test(before) ? before : null, last };
}

/** An id as HTTP carries it: RFC 9110 §8.8 validators, which nchan reads together. */
export function httpId(text: string): { readonly lastModified: string; readonly etag: string } | null {
  const colon = text.indexOf(':');
  const at = new Date(Number(text.slice(0, colon)) * 1000);
  if (colon < 1 || Number.isNaN(at.getTime())) return null;
  return { lastModified: at.toUTCString(), etag: text.slice(colon + 1) };
}
