import type { NetworkFailure } from '../core/network';
import { DialFailure } from './dial';

type Headers = readonly (readonly [string, string])[];

/** What a proxy answered in place of passing us on. Header names are lower-case. */
export interface ProxyAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
}

/** Whether an answer to a request in absolute form is the proxy's own word and not the server's. */
export function isProxysOwn({ status, headers }: Pick<ProxyAnswer, 'status' | 'headers'>): boolean {
  if (status === 407) return true;
  if (status < 400) return false;
  return headers.some(
    ([name, value]) =>
      name === 'x-squid-error' ||
      (name === 'proxy-status' && /\berror\s*=/.test(value)) ||
      (name === 'server' && /^(tinyproxy|squid)\b/i.test(value)),
  );
}

/** The failure that a proxy's refusal is, with what it said. */
export function proxyRefusal(proxy: string, answer: ProxyAnswer): NetworkFailure {
  const said = [`it answered ${answer.status}${answer.statusText ? ` ${answer.statusText}` : ''}`];
  const squid = headerOf(answer.headers, 'x-squid-error');
  const told = squid ?? headerOf(answer.headers, 'proxy-status');
  if (told) said.push(`(${told.slice(0, 120)})`);
  const asks = answer.headers.filter(([name]) => name === 'proxy-authenticate').map(([, value]) => value);
  const schemes = asks.map((value) => value.split(/[\s,]/, 1)[0] ?? '').filter(Boolean);
  if (answer.status === 407 && schemes.length > 0) said.push(`and asks for ${schemes.slice(0, 5).join(' or ')}`);
  // tinyproxy answers a wrong password with 401, though only a server should.
  const code = answer.status === 407 || answer.status === 401 ? 'PROXY_AUTH_REQUIRED' : 'PROXY_REFUSED';
  return proxyFailure(proxy, code, said.join(' '), answer.status);
}

/** A failure on the way to or at a proxy. */
export function proxyFailure(
  proxy: string,
  code: string,
  message: string,
  status: number | null = null,
): NetworkFailure {
  return { phase: 'proxy', code, message, certificate: null, proxy: { address: proxy, status, message } };
}

/** What went wrong before the proxy could say anything becomes a failure of the proxy, not of the feed's host. */
export function unreachableProxy(proxy: string, failure: NetworkFailure): DialFailure {
  const why = failure.phase === 'dns' ? 'its name could not be resolved' : 'it could not be reached';
  const message = failure.phase === 'tls' ? `TLS with it failed: ${failure.message}` : `${why} (${failure.code})`;
  return new DialFailure({
    ...proxyFailure(proxy, failure.code, message),
    certificate: failure.certificate,
  });
}

function headerOf(headers: Headers, name: string): string | null {
  return headers.find(([key]) => key === name)?.[1] ?? null;
}
