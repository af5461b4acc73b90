import { secretsIn } from '../../../shared/secret-places';
import { isSecretName } from '../../../shared/secret-words';
import type { SourceConfig } from '../../../shared/source';
import { parseUrl } from '../../../shared/url';
import { gatewayAddress } from '../protocols/gateway';

/** Parameters of an address that say who asks, not what is meant. */
const credentialLike = /token|key|auth|secret|passw|sig|jwt/i;

/**
 * Where messages of a source go, in a text that is equal as long as that stays the same: the address a person typed, and
 * the WebSockets that lie elsewhere. Credentials do not count; a query counts as a number, because it is not known what
 * else is in it. Null for the built-in source, whose address changes by itself.
 */
export function destinationOf(config: SourceConfig): string | null {
  if (config.builtIn) return null;
  const sockets = config.inferred ? [] : config.ladder.filter(({ transport }) => transport === 'websocket');
  const places = new Set([config.url, ...sockets.map(({ url }) => url)].map(placeOf));
  const through = config.reach?.connectTo ?? '';
  return [...[...places].sort(), ...(through === '' ? [] : [`at ${through}`])].join(' ');
}

/** One stream's address whatever the transport. */
function placeOf(address: string): string {
  const ofGateway = gatewayAddress(address);
  const url = ofGateway?.base ?? parseUrl(address.trim());
  if (!url) return address.trim().split(/[?#]/)[0] ?? '';
  const scheme = url.protocol.replace(/^ws/, 'http');
  const path = `${scheme}//${url.host}${url.pathname}`;
  if (ofGateway) return path;
  const meant = [...url.searchParams]
    .filter(([name, value]) => !credentialLike.test(name) && !isSecretName(name) && secretsIn(value).length === 0)
    .map((pair) => pair.join('='));
  return meant.length === 0 ? path : `${path}?${numberOf(meant.join('&'))}`;
}

/** FNV-1a, 32 bits: to tell texts apart, not to hide one. */
function numberOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16);
}
