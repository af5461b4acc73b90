import { isIP } from 'node:net';
import { DialFailure } from './dial';
import { nameOfHop, type ProxyHop } from './hop';
import type { ProxyTalk } from './proxy-talk';
import { proxyFailure } from './proxy-words';

interface Place {
  readonly host: string;
  readonly port: number;
}

/** What a SOCKS 5 reply says (RFC 1928 §6). */
const replies: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'not allowed by its rules',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'time to live expired',
  7: 'command not supported',
  8: 'kind of address not supported',
};

/**
 * Asks a SOCKS 5 proxy (RFC 1928, login by RFC 1929) to connect to the target: by name where it has one, since the
 * proxy's network knows it better. Rejects with what the proxy answered.
 */
export async function openSocks5(talk: ProxyTalk, hop: ProxyHop, { host, port }: Place): Promise<void> {
  const fail = failing(hop);
  talk.write(Buffer.from(hop.login ? [5, 2, 0, 2] : [5, 1, 0]));
  const [version, method] = await exactly(talk, 2);
  if (version !== 5) throw fail('PROXY_NO_SOCKS', 'it does not speak SOCKS 5');
  if (method === 2 && hop.login) {
    const user = Buffer.from(hop.login.user, 'utf8').subarray(0, 255);
    const password = Buffer.from(hop.login.password, 'utf8').subarray(0, 255);
    talk.write(Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([password.length]), password]));
    const [, accepted] = await exactly(talk, 2);
    if (accepted !== 0) throw fail('PROXY_AUTH_REQUIRED', 'it did not accept the user and password');
  } else if (method !== 0) {
    throw fail('PROXY_AUTH_REQUIRED', hop.login ? 'it accepts no user and password' : 'it asks for a credential');
  }
  talk.write(Buffer.concat([Buffer.from([5, 1, 0]), addressOf(host), portOf(port)]));
  const [, reply, , kind] = await exactly(talk, 4);
  if (reply !== 0) throw fail('PROXY_REFUSED', `it answered: ${replies[reply ?? 1] ?? `code ${reply}`}`);
  // What it is bound to is told, and of no use.
  const length = kind === 1 ? 4 : kind === 4 ? 16 : ((await exactly(talk, 1))[0] ?? 0);
  await exactly(talk, length + 2);
}

/** The same in version 4a; it knows a user, and no password. */
export async function openSocks4(talk: ProxyTalk, hop: ProxyHop, { host, port }: Place): Promise<void> {
  const fail = failing(hop);
  if (isIP(host) === 6) throw fail('PROXY_REFUSED', 'SOCKS 4 knows no IPv6 addresses');
  const user = Buffer.from(`${hop.login?.user ?? ''}\0`, 'utf8');
  const address = isIP(host) === 4 ? Buffer.from(host.split('.').map(Number)) : Buffer.from([0, 0, 0, 1]);
  const name = isIP(host) === 4 ? Buffer.alloc(0) : Buffer.from(`${host}\0`, 'utf8');
  talk.write(Buffer.concat([Buffer.from([4, 1]), portOf(port), address, user, name]));
  const [, reply] = await exactly(talk, 8);
  if (reply !== 90) throw fail('PROXY_REFUSED', `it answered: code ${reply}`);
}

function exactly(talk: ProxyTalk, length: number): Promise<Buffer> {
  return talk.read((heard) => (heard.length >= length ? length : null));
}

function failing(hop: ProxyHop) {
  return (code: string, message: string) => new DialFailure(proxyFailure(nameOfHop(hop), code, message));
}

function portOf(port: number): Buffer {
  return Buffer.from([port >> 8, port & 255]);
}

function addressOf(host: string): Buffer {
  const family = isIP(host);
  if (family === 4) return Buffer.from([1, ...host.split('.').map(Number)]);
  if (family === 6) return Buffer.concat([Buffer.from([4]), bytesOfIPv6(host)]);
  const name = Buffer.from(host, 'utf8').subarray(0, 255);
  return Buffer.concat([Buffer.from([3, name.length]), name]);
}

function bytesOfIPv6(host: string): Buffer {
  const [head = '', tail] = host.replace(/%.*$/, '').split('::');
  const words = (text: string | undefined) => (text ? text.split(':') : []);
  const before = words(head);
  const after = words(tail);
  const zeros = tail === undefined ? [] : new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return Buffer.from(
    [...before, ...zeros, ...after].flatMap((word) => {
      const value = Number.parseInt(word, 16);
      return [value >> 8, value & 255];
    }),
  );
}
