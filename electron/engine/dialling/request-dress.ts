import { secretsIn } from '../../../shared/secret-places';
import { parseUrl } from '../../../shared/url';
import type { Dress } from '../core/credential';
import type { RequestProfile } from './profile';
import type { Redirect } from './redirect';

interface Dressable {
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** A request with the profile's headers and the credential on it. What the caller sets itself is not set twice. */
export function dressed<Request extends Dressable>(request: Request, profile: RequestProfile, dress: Dress): Request {
  const cookies = dress.cookies.map(([name, value]) => `${name}=${value}`).join('; ');
  const { url, login } = filledAddress(request.url, dress);
  const credential = dress.headers.some(([name]) => name === 'authorization') ? [] : login;
  const own = [...credential, ...dress.headers, ...(cookies === '' ? [] : [['cookie', cookies] as const])];
  const taken = new Set([...own, ...request.headers].map(([name]) => name.toLowerCase()));
  const extra = profile.headers
    .filter(([name]) => !taken.has(name.toLowerCase()))
    .map(([name, value]) => [name, dress.fill?.(value) ?? value] as const);
  const kept = request.headers.filter(([name]) => !own.some(([mine]) => mine.toLowerCase() === name.toLowerCase()));
  return { ...request, url: withQuery(url, dress), headers: [...kept, ...extra, ...own] };
}

/** The address with its secrets in it, and its user-info as what that means: Basic (RFC 7617), whichever transport asks. */
function filledAddress(address: string, { fill }: Dress) {
  const login: (readonly [string, string])[] = [];
  const filled = fill?.(address) ?? address;
  const url = parseUrl(filled);
  if (!url || (url.username === '' && url.password === '')) return { url: filled, login };
  const pair = [url.username, url.password].map(withoutCodes).join(':');
  login.push(['authorization', `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`]);
  url.username = '';
  url.password = '';
  return { url: url.href, login };
}

function withoutCodes(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What of these subprotocols is offered: with their secrets, where they are worn. */
export function subprotocolsOf(subprotocols: readonly string[], { fill }: Dress): readonly string[] {
  return fill ? subprotocols.map(fill) : subprotocols.filter((name) => secretsIn(name).length === 0);
}

/** What a redirect makes of a request's address and headers: the credential stays on within an origin, and comes off beyond. */
export function moved({ url, headers, sameOrigin }: Redirect, dress: Dress): Dressable {
  return { url: sameOrigin ? withQuery(url, dress) : withoutQuery(url, dress), headers };
}

/** Takes the credential's query parameters off: many servers send on to another address with the query they were asked with. */
function withoutQuery(url: string, { query, filled = [] }: Dress): string {
  const to = new URL(url);
  for (const [name, value] of [...to.searchParams]) if (filled.includes(value)) to.searchParams.delete(name);
  for (const [name, value] of query) if (to.searchParams.getAll(name).includes(value)) to.searchParams.delete(name);
  return to.href;
}

/** Adds the credential's query parameters, unless they are there already (a redirect within one origin may keep them). */
function withQuery(url: string, { query }: Dress): string {
  if (query.length === 0) return url;
  const to = new URL(url);
  for (const [name, value] of query) if (to.searchParams.get(name) !== value) to.searchParams.set(name, value);
  return to.href;
}

/** The headers for one hop of a request, with what the jar holds for its address. */
export function withCookies(request: Dressable, profile: RequestProfile): readonly (readonly [string, string])[] {
  const kept = profile.jar?.headerFor(new URL(request.url)) ?? '';
  if (kept === '') return request.headers;
  const own = request.headers.find(([name]) => name.toLowerCase() === 'cookie')?.[1];
  const rest = request.headers.filter(([name]) => name.toLowerCase() !== 'cookie');
  return [...rest, ['cookie', own ? `${own}; ${kept}` : kept]];
}
