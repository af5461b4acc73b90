import { type NetworkFailure, proxyLoginUnsupportedCode } from '../core/network';
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
  const schemes = answer.headers
    .filter(([name]) => name === 'proxy-authenticate')
    .flatMap(([, value]) => schemesOf(value));
  if (answer.status === 407 && schemes.length > 0) said.push(`and asks for ${schemes.slice(0, 5).join(' or ')}`);
  // Digest, NTLM and Negotiate are talks of several steps: a password alone, whichever it is, does not help.
  const answerable = schemes.length === 0 || schemes.some((scheme) => /^basic$/i.test(scheme));
  // tinyproxy answers a wrong password with 401, though only a server should.
  const wantsLogin = answer.status === 407 || answer.status === 401;
  const login = answerable ? 'PROXY_AUTH_REQUIRED' : proxyLoginUnsupportedCode;
  const code = wantsLogin ? login : 'PROXY_REFUSED';
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

/** The schemes of a challenge (RFC 9110 §11.6.1): several may stand in one header, each with parameters behind it. */
function schemesOf(challenges: string): readonly string[] {
  const parts = challenges.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return parts.flatMap((part) => /^\s*([A-Za-z][\w-]*)(?!\s*=|[\w-])/.exec(part)?.[1] ?? []);
}

function headerOf(headers: Headers, name: string): string | null {
  return headers.find(([key]) => key === name)?.[1] ?? null;
}
