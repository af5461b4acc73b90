/** What a URL's proxy is, in the words of a PAC script's answer. */
export type ResolveProxy = (url: string) => Promise<string>;

/**
 * The proxy that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` (or their lower-case forms, which win) name.
 * This machine itself is never reached through one. A URL is asked as http(s), also for a WebSocket.
 */
export function proxyFromEnvironment(env: Readonly<Record<string, string | undefined>>): ResolveProxy {
  const read = (name: string) => (env[name.toLowerCase()] ?? env[name] ?? '').trim();
  const all = read('ALL_PROXY');
  const https = read('HTTPS_PROXY') || all;
  const http = read('HTTP_PROXY') || all;
  const excluded = read('NO_PROXY')
    .split(/[\s,]+/)
    .filter(Boolean);
  return async (text) => {
    const url = new URL(text);
    const proxy = url.protocol === 'https:' ? https : http;
    const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
    const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
    if (proxy === '' || isLoopback(host) || excluded.some((entry) => matches(entry, host, port))) return 'DIRECT';
    return proxy.includes('://') ? proxy : `http://${proxy}`;
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** `*`, `host`, `.domain`, `*.domain`, an address, a block as in 10.0.0.0/8; each with or without `:port`. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const parts = /^(\[[^\]]+\]|[^:]+|[^:]*:[^:]*:.*)(?::(\d+))?$/.exec(entry.toLowerCase());
  const name = (parts?.[1] ?? entry.toLowerCase()).replace(/^\[|\]$/g, '');
  if (parts?.[2] !== undefined && parts[2] !== port) return false;
  const block = /^(\d+\.\d+\.\d+\.\d+)\/(\d{1,2})$/.exec(name);
  if (block) return inBlock(host, block[1] ?? '', Number(block[2]));
  const domain = name.replace(/^\*?\./, '');
  return host === domain || (domain !== '' && host.endsWith(`.${domain}`));
}

function inBlock(host: string, base: string, bits: number): boolean {
  const address = numberOf(host);
  const start = numberOf(base);
  if (address === null || start === null || bits > 32) return false;
  const size = 2 ** (32 - bits);
  return Math.floor(address / size) === Math.floor(start / size);
}

function numberOf(address: string): number | null {
  const octets = address.split('.').map(Number);
  if (octets.length !== 4 || octets.some((octet) => !(octet >= 0 && octet <= 255))) return null;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}
