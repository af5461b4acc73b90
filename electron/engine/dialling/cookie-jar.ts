import type { Cookie, CookieJar as OriginJar } from 'tough-cookie';
import type { HttpHead } from '../core/network';

/** Cookies of one source, in memory (RFC 6265), in a jar of its own for each scheme, host and port. */
export interface CookieJar {
  /** Resolves once the others may be called: what reads cookies comes with the first connection, since it takes long to load. */
  ready(): Promise<void>;
  /** Value of the `Cookie` header for a request; empty when there is none to send. */
  headerFor(url: URL): string;
  /** Takes the `Set-Cookie` headers of an answer to a request for `url`. */
  take(url: URL, head: HttpHead): void;
  clear(): void;
}

/** Origins whose cookies are kept: more than a ladder has rungs, and redirects lead to few. */
const maxOrigins = 20;
const maxCookiesPerOrigin = 50;
/** Longest `Set-Cookie` taken, characters. */
const maxLength = 4096;

type Library = typeof import('tough-cookie');

/** `wall`: epoch ms. */
export function createCookieJar(wall: () => number): CookieJar {
  const jars = new Map<string, OriginJar>();
  let library: Library | null = null;

  /** The least used one goes when there are too many. */
  function jarOf({ CookieJar, MemoryCookieStore }: Library, origin: string): OriginJar {
    const jar =
      jars.get(origin) ??
      new CookieJar(new MemoryCookieStore(), { allowSecureOnLocal: false, prefixSecurity: 'strict' });
    jars.delete(origin);
    jars.set(origin, jar);
    const oldest = jars.keys().next();
    if (jars.size > maxOrigins && !oldest.done) jars.delete(oldest.value);
    return jar;
  }

  function take(read: Library, url: URL, text: string): void {
    const cookie = text.length > maxLength ? undefined : read.Cookie.parse(text);
    if (!cookie || cookie.cookieString().includes('\u007f') || !isPrefixEarned(cookie)) return;
    if (typeof cookie.maxAge === 'number') {
      // The library would count it from when the cookie was last sent: such a one never ended.
      cookie.expires = new Date(cookie.maxAge <= 0 ? 0 : Math.min(wall() + cookie.maxAge * 1000, lastDate));
      cookie.maxAge = null;
    }
    const jar = jarOf(read, url.origin);
    try {
      jar.setCookieSync(cookie, url.href);
    } catch {
      return; // It may not be set from here: another's domain, a public suffix, not secure, a prefix not earned.
    }
    sweep(jar, wall());
  }

  return {
    async ready() {
      library ??= await import('tough-cookie');
    },
    headerFor(url) {
      const asked = httpOf(url);
      const jar = jars.get(asked.origin);
      if (!jar) return '';
      const cookies = found(jar, asked);
      return cookies
        .filter(({ expires }) => isAhead(expires, wall()))
        .map((cookie) => cookie.cookieString())
        .join('; ');
    },
    take(url, head) {
      if (!library) throw new Error('A cookie came before the jar was ready.');
      for (const [name, value] of head.headers) if (name === 'set-cookie') take(library, httpOf(url), value);
    },
    clear: () => jars.clear(),
  };
}

/** The library reads prefixes in one spelling, servers in any, as the standard says (RFC 6265bis §5.7). */
function isPrefixEarned({ key, secure, httpOnly, domain, path }: Cookie): boolean {
  const prefix = /^__(?:(host)-)?(?:(http|secure)-)?/i.exec(key);
  if (!prefix || prefix[0] === '__') return true;
  const isHost = prefix[1] === undefined || (domain === null && path === '/');
  return secure && isHost && (prefix[2]?.toLowerCase() !== 'http' || httpOnly);
}

/** A WebSocket's handshake is HTTP, and its cookies are those of the same server's pages. */
function httpOf(url: URL): URL {
  return new URL(url.href.replace(/^ws/, 'http'));
}

/** Removes what has ended, and the oldest that are too many. */
function sweep({ store }: OriginJar, now: number): void {
  store.getAllCookies((_error, cookies = []) => {
    const kept = cookies.filter(({ expires }) => isAhead(expires, now)).slice(-maxCookiesPerOrigin);
    for (const { domain, path, key } of cookies.filter((cookie) => !kept.includes(cookie))) {
      store.removeCookie(domain, path, key, () => {});
    }
  });
}

/** The last moment that a Date can name, ms. */
const lastDate = 8.64e15;

/** Longer paths first (§5.4). A host that is nothing but a reserved name gets an error of the library's, and no cookie. */
function found(jar: OriginJar, url: URL) {
  try {
    // Its own clock is not ours: what has ended is sorted out by the caller.
    return jar.getCookiesSync(url.href, { expire: false, sort: true });
  } catch {
    return [];
  }
}

function isAhead(expires: Date | 'Infinity' | null, now: number): boolean {
  return expires === null || expires === 'Infinity' || expires.getTime() > now;
}
