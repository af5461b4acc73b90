import type { Reach } from '../../../shared/reach';
import { parseUrl } from '../../../shared/url';
import type { CurlOption } from './curl-options';
import type { SecretTaker } from './secret-taker';

/** How a command reaches its server: proxy, TLS, another place to connect to. */
export interface CurlReach {
  readonly reach: { readonly proxy?: unknown; readonly tls?: unknown; readonly connectTo?: string };
  readonly notes: readonly string[];
  /** Names of the options that were read here. */
  readonly known: ReadonlySet<string>;
}

const tlsVersions: Readonly<Record<string, Reach['tls']['minVersion']>> = {
  'tlsv1.0': 'TLSv1',
  'tlsv1.1': 'TLSv1.1',
  'tlsv1.2': 'TLSv1.2',
  'tlsv1.3': 'TLSv1.3',
};

const proxies: Readonly<Record<string, string>> = {
  proxy: 'http',
  'proxy1.0': 'http',
  preproxy: 'socks4',
  socks4: 'socks4',
  socks4a: 'socks4a',
  socks5: 'socks5',
  'socks5-hostname': 'socks5h',
};

/** Reads these options of a command; `url`: its address. */
export function reachOf(options: readonly CurlOption[], url: URL | null, taker: SecretTaker): CurlReach {
  const notes: string[] = [];
  const known = new Set<string>();
  let address: string | null = null;
  let login = '';
  let direct = false;
  let connectTo = '';
  let minVersion: string | undefined;

  for (const { name, value } of options) {
    const text = value ?? '';
    const taken = read(name, text);
    if (taken) known.add(name);
  }

  function read(name: string, text: string): boolean {
    const scheme = proxies[name];
    if (scheme !== undefined) {
      if (text === '') direct = true;
      else address = /^[a-z0-9]+:\/\//i.test(text) ? text : `${scheme}://${text}`;
      return true;
    }
    const version = tlsVersions[name];
    if (version !== undefined) {
      minVersion = version;
      return true;
    }
    switch (name) {
      case 'proxy-user':
        login = text;
        return true;
      case 'noproxy':
        direct ||= text === '*' || (url !== null && text.split(',').some((host) => url.hostname.endsWith(host.trim())));
        return true;
      case 'connect-to':
        connectTo = placeOf(text.split(/:(?![^[]*\])/), url, 2) ?? connectTo;
        return true;
      case 'resolve':
        connectTo = placeOf(text.replace(/^[+-]/, '').split(/:(?![^[]*\])/), url, 1) ?? connectTo;
        return true;
      case 'insecure':
        notes.push(
          'Any certificate is taken by -k, and none unseen here: it was left out. Trust the one certificate by its fingerprint under TLS.',
        );
        return true;
      case 'cacert':
        notes.push(`The authorities in ${text.slice(0, 80)} were not read: paste them under TLS.`);
        return true;
      case 'cert':
      case 'key':
      case 'pass':
        notes.push(`The client certificate (--${name}) was not read: paste certificate and key under TLS.`);
        return true;
      case 'unix-socket':
        notes.push('A Unix socket cannot be connected to.');
        return true;
      case 'digest':
      case 'ntlm':
      case 'negotiate':
      case 'anyauth':
      case 'aws-sigv4':
        notes.push(
          `Logins by --${name} are not spoken here: only Basic, and what headers, cookies or parameters carry.`,
        );
        return true;
      default:
        return false;
    }
  }

  const proxy = proxyOf();
  return {
    reach: {
      ...(proxy ? { proxy } : {}),
      ...(minVersion ? { tls: { minVersion } } : {}),
      ...(connectTo === '' ? {} : { connectTo }),
    },
    notes: [...new Set(notes)],
    known,
  };

  function proxyOf() {
    if (direct) return { kind: 'direct' };
    if (address === null) return null;
    const parsed = parseUrl(address);
    if (!parsed || parsed.hostname === '') {
      notes.push('The proxy was left out: its address is not understood.');
      return null;
    }
    const colon = login.indexOf(':');
    const [user, password] =
      login === ''
        ? [withoutCodes(parsed.username), withoutCodes(parsed.password)]
        : colon < 0
          ? [login, '']
          : [login.slice(0, colon), login.slice(colon + 1)];
    const bare = address.replace(/^([a-z0-9]+:\/\/)[^/@]*@/i, '$1');
    return { kind: 'manual', url: bare, user, password: password === '' ? null : taker.name(password) };
  }
}

/** `HOST1:PORT1:HOST2:PORT2` (`skip` 2) or `HOST:PORT:ADDRESS` (`skip` 1), where it is about this address. */
function placeOf(parts: readonly string[], url: URL | null, skip: 1 | 2): string | null {
  const [host = '', port = '', target = '', targetPort = ''] = parts;
  const own = url === null ? '' : url.port || (/^(https|wss):/.test(url.protocol) ? '443' : '80');
  const same = (host === '' || host === '*' || host === url?.hostname) && (port === '' || port === own);
  if (!same) return null;
  const to = target === '' ? (url?.hostname ?? '') : (target.split(',')[0] ?? '');
  const at = skip === 2 && targetPort !== '' ? targetPort : port || own;
  return to === '' ? null : `${to.includes(':') && !to.startsWith('[') ? `[${to}]` : to}:${at}`;
}

function withoutCodes(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
