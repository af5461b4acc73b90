import type { IncomingMessage } from 'node:http';

/**
 * What lets pages of other origins read our answers (Fetch standard §3.2, *CORS protocol*). Only origins the gateway
 * was told to allow are named; for all others the browser keeps the answer to itself, if there is one.
 */
export function sharingHeaders(
  request: IncomingMessage,
  allowed: readonly string[],
): readonly (readonly [string, string])[] {
  // Which answer a cache may give depends on who asks.
  const vary = allowed.length === 0 ? [] : [['vary', 'origin'] as const];
  const { origin } = request.headers;
  if (origin === undefined || !allowed.includes(origin)) return vary;
  return [
    ...vary,
    ['access-control-allow-origin', origin],
    ['access-control-expose-headers', 'retry-after, x-poll-interval'],
  ];
}

/** Whether a browser asks beforehand what an allowed page may send. It does so without the token. */
export function isPreflight(request: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, 'access-control-request-method': method } = request.headers;
  return request.method === 'OPTIONS' && method !== undefined && origin !== undefined && allowed.includes(origin);
}

/** The answer to it. */
export function preflightHeaders(request: IncomingMessage): Readonly<Record<string, string>> {
  return {
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'authorization, content-type, idempotency-key, if-match, last-event-id',
    'access-control-max-age': '600',
    // A page of the public web that asks a gateway of this network (Private Network Access).
    ...(request.headers['access-control-request-private-network'] === 'true'
      ? { 'access-control-allow-private-network': 'true' }
      : {}),
  };
}
