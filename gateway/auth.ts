import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { RefusedError } from './errors';

/**
 * Compares two secrets in constant time. Hashing first makes both sides equally long, so that not even the
 * length of the right one shows.
 */
export function sameSecret(given: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(given), digest(right));
}

/** The token of a request: `Authorization: Bearer …` (RFC 6750 §2.1), else `?access_token=`. */
function tokenOf(request: IncomingMessage, query: URLSearchParams): string | null {
  const header = request.headers.authorization;
  if (header !== undefined) return /^Bearer +(\S+)\s*$/i.exec(header)?.[1] ?? null;
  return query.get('access_token');
}

/**
 * Refuses a request without the right token.
 * @throws RefusedError `unauthorized`
 */
export function requireToken(request: IncomingMessage, query: URLSearchParams, token: string | null): void {
  if (token === null) return;
  const given = tokenOf(request, query);
  if (given !== null && sameSecret(given, token)) return;
  throw new RefusedError({
    kind: 'unauthorized',
    message: given === null ? 'This gateway wants a token.' : 'The token is not the right one.',
    fix: 'Send it as "Authorization: Bearer TOKEN".',
  });
}

/** Whether a Host header names this machine by itself: an address, `localhost`, or a name without a dot. */
function isPlainHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  // By whole labels: `evil-localhost` and `127.0.0.1.evil.example` are names that somebody can have.
  const isLocal = name === 'localhost' || name.endsWith('.localhost');
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0 || isLocal || !name.includes('.');
}

/**
 * Refuses names that a gateway without a token was not told to answer to. A page whose domain is made to resolve to
 * 127.0.0.1 (DNS rebinding) is same-origin with itself and sends no Origin with a GET; its Host header gives it away.
 * @throws RefusedError `forbidden-origin`
 */
export function requireKnownHost(
  request: IncomingMessage,
  token: string | null,
  own: string,
  allowed: readonly string[],
): void {
  const { host } = request.headers;
  if (token !== null || host === undefined || isPlainHost(host)) return;
  if (host.replace(/:\d+$/, '') === own || allowed.some((origin) => origin.replace(/^https?:\/\//, '') === host))
    return;
  throw new RefusedError({
    kind: 'forbidden-origin',
    field: 'Host',
    message: `This gateway does not answer to the name ${JSON.stringify(host.slice(0, 200))}.`,
    fix: 'Use its address, start it with this origin allowed, or give it a token.',
  });
}

/**
 * Refuses pages of other origins: without this any web page could read a gateway on the loopback interface,
 * since neither WebSocket handshakes nor simple POSTs are stopped by the browser. A page's GET of what it cannot read (an
 * image, a script) names no origin, but where it comes from (Fetch Metadata, `Sec-Fetch-Site`): it would take a place.
 * @throws RefusedError `forbidden-origin`
 */
export function requireOrigin(request: IncomingMessage, allowed: readonly string[]): void {
  const origin = request.headers.origin;
  const site = request.headers['sec-fetch-site'];
  const foreign = site === 'cross-site' || site === 'same-site';
  if (origin === undefined ? !foreign : allowed.includes(origin)) return;
  const host = request.headers.host;
  if (host !== undefined && origin !== undefined && (origin === `http://${host}` || origin === `https://${host}`))
    return;
  throw new RefusedError({
    kind: 'forbidden-origin',
    message: `Pages of ${origin === undefined ? 'another site' : JSON.stringify(origin.slice(0, 200))} may not use this gateway.`,
    fix: 'Start the gateway with this origin allowed.',
  });
}
