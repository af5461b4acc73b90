import { redactHeader } from '../../../shared/secret-words';
import type { HttpHead } from '../core/network';

/** First value of a header (`name` in lower case); null when it is not there. */
export function headerOf(head: HttpHead, name: string): string | null {
  return head.headers.find(([key]) => key === name)?.[1] ?? null;
}

/** The length that an answer names for its body, bytes; null where it names none. */
export function lengthOf(head: HttpHead): number | null {
  const text = headerOf(head, 'content-length')?.trim() ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Media type of an answer without its parameters, lower case; empty when the answer names none. */
export function mediaTypeOf(head: HttpHead): string {
  const value = headerOf(head, 'content-type') ?? '';
  return (value.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/** The head as evidence: what could be a secret is struck out, in the addresses of any header too; values are bounded. */
export function evidenceHead(head: HttpHead): HttpHead {
  return {
    status: head.status,
    headers: head.headers.slice(0, 64).map(([name, value]) => [name, redactHeader(name, value).slice(0, 512)] as const),
  };
}

/**
 * What `Retry-After` asks for: seconds or an HTTP date (RFC 9110 §10.2.3). Milliseconds from the answer on, never negative;
 * null when there is none, or it is neither. A date is of the server's clock, and so is the answer's own `Date`: what lies
 * between them is right however wrong that clock is. `wall` (ours, epoch ms) stands in where the answer has none.
 */
export function retryAfterOf(head: HttpHead, wall: number): number | null {
  const text = headerOf(head, 'retry-after')?.trim() ?? '';
  if (/^\d{1,10}(\.\d{1,3})?$/.test(text)) return Math.round(Number(text) * 1000);
  const at = dateOf(text);
  return at === null ? null : Math.max(0, at - (dateOf(headerOf(head, 'date') ?? '') ?? wall));
}

/** An HTTP date, epoch ms. */
function dateOf(text: string): number | null {
  // Date.parse takes far more than HTTP dates ("5 apples"): ask for a weekday's name first.
  if (!/^(mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** `X-Poll-Interval` or `Retry-After` of a good poll answer, whichever is longer, ms; null when there is neither. */
export function pollFloor(head: HttpHead, wall: number): number | null {
  const interval = headerOf(head, 'x-poll-interval');
  const asked = interval !== null && /^\d{1,7}(\.\d{1,3})?$/.test(interval.trim()) ? Number(interval) * 1000 : null;
  const retry = retryAfterOf(head, wall);
  if (asked === null) return retry;
  return Math.max(asked, retry ?? 0);
}
