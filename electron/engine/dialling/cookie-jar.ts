import { isIP } from 'node:net';
import type { HttpHead } from '../core/network';

/** Cookies of one source, in memory (RFC 6265). */
export interface CookieJar {
  /** Value of the `Cookie` header for a request; empty when there is none to send. */
  headerFor(url: URL): string;
  /** Takes the `Set-Cookie` headers of an answer to a request for `url`. */
  take(url: URL, head: HttpHead): void;
  clear(): void;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** Epoch ms; Infinity for the rest of the run. */
  readonly expires: number;
}

const maxCookies = 50;
/** Longest cookie taken, characters. */
const maxLength = 4096;

/** `wall`: epoch ms. */
export function createCookieJar(wall: () => number): CookieJar {
  const cookies = new Map<string, Cookie>();
  return {
    headerFor(url) {
      const secure = isSecure(url);
      const now = wall();
      const sent: Cookie[] = [];
      for (const [key, cookie] of cookies) {
        if (cookie.expires <= now) cookies.delete(key);
        else if ((secure || !cookie.secure) && domainFits(cookie, url) && pathFits(cookie.path, url.pathname)) {
          sent.push(cookie);
        }
      }
      // Longer paths first (§5.4); a map keeps the order they came in.
      sent.sort((a, b) => b.path.length - a.path.length);
      return sent.map(({ name, value }) => `${name}=${value}`).join('; ');
    },
    take(url, head) {
      for (const [name, value] of head.headers) {
        if (name !== 'set-cookie') continue;
        const cookie = parse(value, url, wall());
        if (!cookie) continue;
        const key = `${cookie.name}\n${cookie.domain}\n${cookie.path}`;
        if (cookie.expires <= wall()) {
          cookies.delete(key);
          continue;
        }
        cookies.set(key, cookie);
        const oldest = cookies.keys().next();
        if (cookies.size > maxCookies && !oldest.done) cookies.delete(oldest.value);
      }
    },
    clear: () => cookies.clear(),
  };
}

function parse(text: string, url: URL, now: number): Cookie | null {
  const [pair = '', ...attributes] = text.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, Math.max(0, equals)).trim();
  const value = pair.slice(equals + 1).trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (text.length > maxLength || name === '' || /[\u0000-\u001f\u007f]/.test(pair)) return null;
  let domain = url.hostname.toLowerCase();
  let hostOnly = true;
  let path = defaultPath(url.pathname);
  let secure = false;
  let expires = Number.POSITIVE_INFINITY;
  let maxAge: number | null = null;
  for (const attribute of attributes) {
    const [key = '', ...rest] = attribute.split('=');
    const said = rest.join('=').trim();
    switch (key.trim().toLowerCase()) {
      case 'domain': {
        const wanted = said.replace(/^\./, '').toLowerCase();
        if (wanted === '') break;
        const covers =
          wanted === domain || (domain.endsWith(`.${wanted}`) && wanted.includes('.') && isIP(domain) === 0);
        if (!covers) return null;
        hostOnly = wanted === domain && isIP(domain) !== 0;
        domain = wanted;
        break;
      }
      case 'path':
        if (said.startsWith('/')) path = said;
        break;
      case 'secure':
        secure = true;
        break;
      case 'expires': {
        const at = Date.parse(said);
        if (!Number.isNaN(at)) expires = at;
        break;
      }
      case 'max-age':
        if (/^-?\d{1,15}$/.test(said)) maxAge = Number(said);
        break;
    }
  }
  if (secure && !isSecure(url)) return null;
  if (maxAge !== null) expires = maxAge <= 0 ? 0 : now + maxAge * 1000;
  return { name, value, domain, hostOnly, path, secure, expires };
}

function isSecure(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'wss:';
}

function domainFits({ domain, hostOnly }: Cookie, url: URL): boolean {
  const host = url.hostname.toLowerCase();
  return host === domain || (!hostOnly && host.endsWith(`.${domain}`));
}

function pathFits(path: string, asked: string): boolean {
  return asked === path || (asked.startsWith(path) && (path.endsWith('/') || asked[path.length] === '/'));
}

/** RFC 6265 §5.1.4. */
function defaultPath(path: string): string {
  const last = path.lastIndexOf('/');
  return last <= 0 ? '/' : path.slice(0, last);
}
