import { describe, expect, it } from 'vitest';
import { type SecretSources, secretReader } from './reach-options';
import { readWatchOptions } from './watch-options';

const files: Record<string, string> = { '/ca.pem': '-----BEGIN CERTIFICATE-----\n', '/token': 'from-file\n' };
const from: SecretSources = {
  env: { FEED_TOKEN: 'from-env', PW: 'pw' },
  readFile(path) {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
    return Buffer.from(text);
  },
  readStdin: () => 'from-stdin\n',
};

function read(...flags: readonly string[]) {
  const options = readWatchOptions(['http://127.0.0.1:1/v1/host', ...flags], from);
  if (options === 'help') throw new Error('Help.');
  return options;
}

function token(...flags: readonly string[]) {
  const options = read(...flags);
  if ('error' in options) return options.error;
  const { credential } = options.way.reach;
  return credential.kind === 'bearer' ? secretReader(options.way.secrets).read(credential.token) : credential.kind;
}

describe('flags about how a feed is reached', () => {
  it('take secrets from the environment, a file or stdin, and never as an argument', () => {
    expect(token()).toBe('none');
    expect(token('--token-env', 'FEED_TOKEN')).toBe('from-env');
    expect(token('--token-file', '/token')).toBe('from-file');
    expect(token('--token-stdin')).toBe('from-stdin');
    expect(token('--token-env', 'NOT_SET')).toContain('NOT_SET, which is not set');
    expect(token('--token-file', '/none')).toContain('cannot be read (ENOENT)');
    expect(token('--token-stdin', '--token-env', 'FEED_TOKEN')).toContain('not several');
  });

  it('say what kind of credential the secret is', () => {
    const as = (kind: string) => {
      const options = read('--token-env', 'FEED_TOKEN', '--token-as', kind);
      return 'error' in options ? options.error : options.way.reach.credential;
    };
    expect(as('basic:me')).toEqual({ kind: 'basic', user: 'me', password: 'token-env' });
    expect(as('header:X-Key')).toEqual({ kind: 'header', name: 'X-Key', value: 'token-env' });
    expect(as('query:ticket')).toEqual({ kind: 'query', name: 'ticket', value: 'token-env' });
    expect(as('cookie:session')).toEqual({ kind: 'cookie', name: 'session', value: 'token-env' });
    expect(as('first-message')).toEqual({ kind: 'none' });
    const said = read('--token-env', 'FEED_TOKEN', '--token-as', 'first-message');
    expect('error' in said ? said.error : said.recipe?.talk.open).toMatchObject([
      { send: '*secret.token-env*', login: true },
    ]);
    expect(as('header')).toContain('not "header"');
    expect(as('magic')).toContain('not "magic"');
    expect(token('--token-as', 'basic:me')).toContain('--token-as needs');
    expect(token('--header', 'Authorization: Bearer x')).toContain('holds a secret');
    for (const value of ['Bearer hunter22', 'Basic bWU6aHVudGVyMjI=', 'https://me:hunter22@h/', '/x?token=hunter22']) {
      const said = token('--header', `X-Feed: ${value}`);
      expect(said).toContain('holds a secret');
      expect(said).not.toContain(value);
    }
    expect(token('--header', 'X-Ticket: ST-1856339-hunter22')).toContain('holds a secret');
  });

  it('make the profile of the source', () => {
    const options = read(
      ...['--proxy', 'socks5://proxy.test:1080', '--proxy-user', 'me', '--proxy-password-env', 'PW'],
      ...['--ca', '/ca.pem', '--min-tls', 'TLSv1.3', '--header', 'X-Site: north', '--compress'],
    );
    expect('way' in options && options.way.reach).toMatchObject({
      proxy: { kind: 'manual', url: 'socks5://proxy.test:1080', user: 'me', password: 'proxy-password-env' },
      tls: { ca: files['/ca.pem'], minVersion: 'TLSv1.3' },
      headers: [['X-Site', 'north']],
      compression: true,
    });
    expect('way' in options && JSON.stringify(options.way.reach)).not.toContain('pw"');
  });

  it('promise 24: a header that the handshake owns is refused with what to use instead', () => {
    const refused = (header: string) => {
      const options = read('--header', header);
      return 'error' in options ? options.error : 'taken';
    };
    expect(refused('Sec-WebSocket-Protocol: mqtt')).toContain('use the field Subprotocols');
    expect(refused('sec-websocket-key: x')).toContain('cannot be set');
    expect(refused('Host: other.test')).toContain('connect to');
    for (const name of ['Connection', 'Upgrade', 'Content-Length', 'Transfer-Encoding', 'TE']) {
      expect(refused(`${name}: x`)).toContain('cannot be set');
    }
    expect(refused('X-Host: north')).toBe('taken');
    const offered = read('--subprotocol', 'mqtt', '--subprotocol', 'graphql-transport-ws');
    expect('way' in offered && offered.way.reach.subprotocols).toEqual(['mqtt', 'graphql-transport-ws']);
    expect(read('--subprotocol', 'two words')).toMatchObject({ error: expect.stringContaining('one word') });
    expect(read('--subprotocol', 'a', '--subprotocol', 'a')).toMatchObject({ error: expect.stringContaining('once') });
  });

  it('say what is wrong', () => {
    expect(read('--proxy', 'http://me:pw@p:1')).toMatchObject({ error: expect.stringContaining('leave it out') });
    expect(read('--cert', '/ca.pem')).toEqual({ error: '--cert and --key belong together.' });
    expect(read('--min-tls', '1.2')).toMatchObject({ error: expect.stringContaining('TLSv1.2') });
    expect(read('--header', 'nothing')).toMatchObject({ error: expect.stringContaining('Name: value') });
    expect(read('--pin', '12')).toMatchObject({ error: expect.stringContaining('64 hex') });
  });
});
