import { parseUrl } from '../../../shared/url';
import { hostPort } from './dial';

/** One way towards a host: straight, or through a proxy. */
export type Hop = DirectHop | ProxyHop;

interface DirectHop {
  readonly kind: 'direct';
}

export interface ProxyHop {
  /** How the proxy is spoken to. `https` is HTTP inside TLS. */
  readonly kind: 'http' | 'https' | 'socks5' | 'socks4';
  /** IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly login: ProxyLogin | null;
}

export interface ProxyLogin {
  readonly user: string;
  readonly password: string;
}

export const direct: Hop = { kind: 'direct' };

const defaultPorts: Record<ProxyHop['kind'], number> = { http: 80, https: 443, socks5: 1080, socks4: 1080 };

const kindsOfScheme: Readonly<Record<string, ProxyHop['kind']>> = {
  'http:': 'http',
  'https:': 'https',
  'socks:': 'socks5',
  'socks5:': 'socks5',
  'socks5h:': 'socks5',
  'socks4:': 'socks4',
  'socks4a:': 'socks4',
};

/** Words of a PAC script's answer. `SOCKS` alone means version 4 there. */
const kindsOfWord: Readonly<Record<string, ProxyHop['kind']>> = {
  PROXY: 'http',
  HTTP: 'http',
  HTTPS: 'https',
  SOCKS: 'socks4',
  SOCKS4: 'socks4',
  SOCKS5: 'socks5',
};

/** The proxy as it may be shown: never with its login. */
export function nameOfHop(hop: ProxyHop): string {
  return `${hop.kind}://${hostPort(hop.host, hop.port)}`;
}

/** A proxy from its address, as in `socks5://user:password@host:1080`; null when it is none. */
export function hopOf(address: string, login: ProxyLogin | null = null): ProxyHop | null {
  const url = parseUrl(address);
  const kind = url ? kindsOfScheme[url.protocol] : undefined;
  if (!url || !kind || url.hostname === '') return null;
  const own = url.username === '' ? null : { user: decoded(url.username), password: decoded(url.password) };
  return {
    kind,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPorts[kind] : Number(url.port),
    login: login ?? own,
  };
}

/**
 * Reads what says where to go: a PAC script's answer (`PROXY a:80; SOCKS5 b:1080; DIRECT`), in which an address with a
 * scheme may stand too. What is not understood is passed over; an answer without any way means straight.
 */
export function hopsOf(answer: string, login: ProxyLogin | null = null): readonly Hop[] {
  const hops: Hop[] = [];
  for (const part of answer.split(';')) {
    const [word = '', place = ''] = part.trim().split(/\s+/, 2);
    if (word === '') continue;
    if (word.toUpperCase() === 'DIRECT') hops.push(direct);
    else if (word.includes('://')) {
      const hop = hopOf(word, login);
      if (hop) hops.push(hop);
    } else {
      const kind = kindsOfWord[word.toUpperCase()];
      const hop = kind && hopOf(`${kind}://${place}`, login);
      if (hop) hops.push(hop);
    }
  }
  return hops.length === 0 ? [direct] : hops;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
