import { type Reach, reachSchema } from '../../../shared/reach';
import { replaceSecrets } from '../../../shared/secret-words';
import { addressSchemes } from '../../../shared/source';
import { parseUrl } from '../../../shared/url';
import type { SecretTaker } from './secret-taker';

export type ReadAddress =
  | { readonly ok: true; readonly url: string; readonly reach: Reach | null; readonly notes: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly fix: string };

/**
 * An address as people paste it: in quotes or angle brackets, without a scheme, with a login before the host or a token
 * among its parameters. What is secret in it is taken out.
 */
export function addressOf(pasted: string, taker: SecretTaker): ReadAddress {
  const notes: string[] = [];
  const bare = pasted
    .trim()
    .replace(/^(["'`<])(.*)(["'`>])$/s, '$2')
    .trim();
  if (/^file:|^\/[^/]|^[a-z]:[\\/]/i.test(bare)) {
    return wrong('This is a file of this machine.', 'A recording is opened by choosing its file.');
  }
  if (/\s/.test(bare)) return wrong('There is a space in the address.', 'Paste one address, or a whole curl command.');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(bare)?.[1]?.toLowerCase();
  let address = bare;
  if (scheme === undefined) {
    address = `${isLocal(bare) ? 'http' : 'https'}://${bare.replace(/^\/+/, '')}`;
    notes.push(`The address had no scheme: ${address.split('//')[0]}// was put before it.`);
  } else if (!addressSchemes.includes(`${scheme}:`)) {
    return wrong(
      `Wirewatch does not speak ${scheme}://.`,
      'Use http://, https://, ws:// or wss://, for a broker mqtt://, mqtts://, stomp:// or stomps://.',
    );
  }
  const url = parseUrl(address);
  if (!url || url.hostname === '') return wrong('This is not an address.', 'Write it whole: https://host:8443/path.');
  if (url.href.length > 4096) return wrong('The address is longer than 4,096 characters.', 'Use a shorter one.');
  const reach = loginOf(url, taker);
  if (reach) notes.push('The login before the host became the credential.');
  url.username = '';
  url.password = '';
  url.hash = '';
  const before = taker.taken().length;
  const sealed = replaceSecrets(url.href, (secret) => taker.place(withoutCodes(secret)));
  if (taker.taken().length > before) notes.push('A secret among the parameters is kept apart from the address.');
  return { ok: true, url: sealed, reach, notes };
}

function loginOf({ username, password }: URL, taker: SecretTaker): Reach | null {
  if (username === '' && password === '') return null;
  // A token alone before the host is the user of a login without a password, or the password: both are told as Basic.
  const user = password === '' ? '' : withoutCodes(username);
  const secret = password === '' ? withoutCodes(username) : withoutCodes(password);
  return reachSchema.parse({ credential: { kind: 'basic', user, password: taker.name(secret) } });
}

/** Hosts that are most likely reached without TLS: this machine, private networks, names without a dot. */
function isLocal(address: string): boolean {
  const host =
    address
      .replace(/^\/+/, '')
      .split(/[/?#]/, 1)[0]
      ?.replace(/^[^@]*@/, '') ?? '';
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (/^(localhost|\[::1\]|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.)/.test(name)) return true;
  return !name.includes('.') || /\.(local|lan|internal|home\.arpa|localhost|test)$/.test(name);
}

function withoutCodes(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function wrong(message: string, fix: string): ReadAddress {
  return { ok: false, message, fix };
}
