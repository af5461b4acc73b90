import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { protocol, type Session } from 'electron';
import { parseUrl } from '../../../shared/url';
import { contentSecurityPolicy, developmentPolicy, withNonce } from './content-security-policy';

/** The application's own scheme: a real origin, unlike `file:`. */
const scheme = 'app';
const host = 'wirewatch';

/** The page a window loads. */
export const appPage = `${scheme}://${host}/index.html`;

/** Only files of these kinds are served. */
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.map': 'application/json; charset=utf-8',
};

/** Must run before the application is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/**
 * Serves the built renderer from `folder`, every page with its policy and a nonce made for this load. `onPage` is called
 * whenever a page has been handed over.
 */
export function serveApp(session: Session, folder: string, onPage: () => void): void {
  session.protocol.handle(scheme, async (request) => {
    const url = new URL(request.url);
    const path = url.host === host && request.method === 'GET' ? fileOf(folder, url.pathname) : null;
    const contentType = path ? contentTypes[extname(path)] : undefined;
    if (!path || !contentType) return plain(404, 'Not found');
    try {
      const bytes = await readFile(path);
      if (extname(path) !== '.html') return new Response(bytes, { headers: common(contentType) });
      setImmediate(onPage);
      return page(bytes.toString('utf8'));
    } catch {
      return plain(404, 'Not found');
    }
  });
}

/**
 * A proxy that is none: what goes round a session's requests, as peers do over TCP, asks for it first. Nobody but the
 * system may listen there.
 */
const nowhere = 'socks5://127.0.0.1:1';

/** Refuses every request of the page that is not for the application itself (or the development server). */
export function closeNetwork(session: Session, devServer: string | null): void {
  const dev = devServer ? new URL(devServer).host : null;
  session.webRequest.onBeforeRequest((details, answer) => {
    const { protocol: used, host: to } = new URL(details.url);
    const ours = used === `${scheme}:` || used === 'devtools:' || used === 'data:' || used === 'blob:';
    answer({ cancel: !ours && !(dev !== null && to === dev) });
  });
  // A file that a page makes up is none that a person saved.
  session.on('will-download', (event) => event.preventDefault());
  if (!devServer) {
    void session.setProxy({ proxyRules: nowhere, proxyBypassRules: '<-loopback>' });
    return;
  }
  session.webRequest.onHeadersReceived((details, answer) => {
    answer({
      responseHeaders: { ...details.responseHeaders, 'Content-Security-Policy': [developmentPolicy(devServer)] },
    });
  });
}

/** Whether an address is the application's own page (and so may send commands). */
export function isOwnPage(address: string, devServer: string | null): boolean {
  const url = parseUrl(address);
  if (!url) return false;
  if (devServer) return url.origin === new URL(devServer).origin;
  return url.protocol === `${scheme}:` && url.host === host;
}

function page(html: string): Response {
  const nonce = randomBytes(16).toString('base64');
  return new Response(withNonce(html, nonce), {
    headers: {
      ...common('text/html; charset=utf-8'),
      'Content-Security-Policy': contentSecurityPolicy(nonce),
      'Cache-Control': 'no-store',
    },
  });
}

function plain(status: number, text: string): Response {
  return new Response(text, { status, headers: common('text/plain; charset=utf-8') });
}

function common(contentType: string): Record<string, string> {
  return {
    'Content-Type': contentType,
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
  };
}

/** The file an address means, or null when it would lie outside the folder. */
function fileOf(folder: string, pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (decoded.includes('\0')) return null;
  const path = normalize(join(folder, decoded === '/' ? 'index.html' : decoded));
  return path.startsWith(folder + sep) ? path : null;
}
