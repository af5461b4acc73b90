import { parseUrl } from '../../../shared/url';
import type { HttpHead } from '../core/network';

/** Redirects followed for one request. */
export const maxRedirects = 5;

/** Headers that may go to another origin: nothing in them can be a credential. */
const harmless = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'if-modified-since',
  'if-none-match',
  'last-event-id',
  'user-agent',
]);

const secureOf: Readonly<Record<string, string>> = { 'http:': 'https:', 'ws:': 'wss:' };

interface Redirectable {
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
}

export interface Redirect extends Redirectable {
  /** Scheme, host and port are the same: what the request wears may stay on. */
  readonly sameOrigin: boolean;
}

/**
 * Where an answer sends us instead, with the headers that may come along; null when it does not, or when we do not
 * go: not from a secure to an open address, not to another kind of scheme. Only requests without a body are sent on.
 * To another origin nothing goes that could be a credential (RFC 9110 §15.4).
 */
export function redirectOf(request: Redirectable, head: HttpHead): Redirect | null {
  if (![301, 302, 303, 307, 308].includes(head.status)) return null;
  const location = head.headers.find(([name]) => name === 'location')?.[1];
  const to = location === undefined ? null : parseUrl(location, request.url);
  if (!to) return null;
  const from = new URL(request.url);
  // A WebSocket's handshake is HTTP, so servers answer it with http addresses.
  if (from.protocol.startsWith('ws')) to.protocol = to.protocol.replace(/^http/, 'ws');
  if (to.protocol !== from.protocol && to.protocol !== secureOf[from.protocol]) return null;
  if (from.hash !== '' && to.hash === '') to.hash = from.hash;
  to.username = '';
  to.password = '';
  const sameOrigin = from.protocol === to.protocol && from.host === to.host;
  const headers = sameOrigin ? request.headers : request.headers.filter(([name]) => harmless.has(name.toLowerCase()));
  return { url: to.href, headers, sameOrigin };
}
