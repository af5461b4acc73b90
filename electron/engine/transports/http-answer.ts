import type { HttpHead } from '../core/network';

/** First value of a header (`name` in lower case); null when it is not there. */
export function headerOf(head: HttpHead, name: string): string | null {
  return head.headers.find(([key]) => key === name)?.[1] ?? null;
}

/** Media type of an answer without its parameters, lower case; empty when the answer names none. */
export function mediaTypeOf(head: HttpHead): string {
  const value = headerOf(head, 'content-type') ?? '';
  return (value.split(';', 1)[0] ?? '').trim().toLowerCase();
}

const secretHeaders = new Set(['set-cookie', 'set-cookie2', 'authorization', 'proxy-authorization', 'cookie']);

/** The head as evidence: what could be a secret is struck out, values are bounded. */
export function evidenceHead(head: HttpHead): HttpHead {
  return {
    status: head.status,
    headers: head.headers
      .slice(0, 64)
      .map(([name, value]) => [name, secretHeaders.has(name) ? '[redacted]' : value.slice(0, 512)] as const),
  };
}

/**
 * Reads a `Retry-After` value: seconds or an HTTP date (RFC 9110 §10.2.3). Milliseconds from `wall` (epoch ms) on,
 * never negative; null when it is neither.
 */
export function parseRetryAfter(value: string | null, wall: number): number | null {
  if (value === null) return null;
  const text = value.trim();
  if (/^\d{1,10}(\.\d{1,3})?$/.test(text)) return Math.round(Number(text) * 1000);
  // Date.parse takes far more than HTTP dates ("5 apples"): ask for a weekday's name first.
  if (!/^(mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - wall);
}

/** `X-Poll-Interval` or `Retry-After` of a good poll answer, whichever is longer, ms; null when there is neither. */
export function pollFloor(head: HttpHead, wall: number): number | null {
  const interval = headerOf(head, 'x-poll-interval');
  const asked = interval !== null && /^\d{1,7}(\.\d{1,3})?$/.test(interval.trim()) ? Number(interval) * 1000 : null;
  const retry = parseRetryAfter(headerOf(head, 'retry-after'), wall);
  if (asked === null) return retry;
  return Math.max(asked, retry ?? 0);
}
