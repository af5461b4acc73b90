import { describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../shared/recipe';
import { type SourceConfig, secretsOfSource, sourceSchema } from '../../../shared/source';
import { agreedBy, agreementsFor, dialledFor, growthOf, hidesHost, settled } from './agreements';

const url = 'https://feed.test/orders';
const bearer = { kind: 'bearer', token: 'n' };

const source = (reach: object, change: object = {}): SourceConfig =>
  sourceSchema.parse({
    id: 'a',
    name: 'A',
    url,
    protocol: 'gateway',
    ladder: [
      { transport: 'websocket', url: 'wss://feed.test/orders/ws' },
      { transport: 'sse', url: `${url}/sse` },
    ],
    reach,
    ...change,
  });

const rung = (address: string) => [{ transport: 'sse', url: address }];
const manual = (address: string, more: object = {}) => ({ kind: 'manual', url: address, user: 'me', ...more });
const oauth = (address: string) => ({ kind: 'oauth', tokenUrl: address, clientId: 'c', clientSecret: 'n' });
const grown = (before: SourceConfig, after: SourceConfig) =>
  growthOf(agreementsFor(before), after).flatMap(({ places }) => places);

describe('where a secret may go', () => {
  it.each([
    ['another host on the ladder', {}, { ladder: rung('https://evil.test/x') }, 'feed https://evil.test'],
    ['another port', {}, { ladder: rung('https://feed.test:8443/x') }, 'feed https://feed.test:8443'],
    ['an open scheme', {}, { ladder: rung('http://feed.test/x') }, 'feed http://feed.test'],
    ['another address', {}, { url: 'https://evil.test/' }, 'feed https://evil.test'],
    ['another place to connect to', { connectTo: 'Evil.test:443' }, {}, 'connect evil.test:443'],
    ['a proxy', { proxy: manual('http://evil.test:8080') }, {}, 'proxy http://evil.test:8080'],
  ])('hostile 1: grows by %s', (_what, reach, change, place) => {
    const before = source({ credential: bearer });
    expect(grown(before, source({ credential: bearer, ...reach }, change))).toEqual([place]);
    // And back again is no growth.
    expect(grown(source({ credential: bearer, ...reach }, change), before)).not.toContain(place);
  });

  it('hostile 6: is read off a source once, however many others are asked about', () => {
    let reads = 0;
    const config = source({ credential: bearer });
    const watched: SourceConfig = {
      ...config,
      get ladder() {
        reads += 1;
        return config.ladder;
      },
    };
    const asked = () => growthOf(agreedBy([], [watched]), source({ credential: bearer }));
    asked();
    const atFirst = reads;
    for (let each = 0; each < 100; each++) asked();
    expect(atFirst).toBeGreaterThan(0);
    expect(reads).toBe(atFirst);
    expect(settled(agreementsFor(watched), [watched])).toEqual(agreementsFor(watched));
    expect(reads).toBe(atFirst);
  });

  it('hostile 1: grows by another token address, for the credential and for a client certificate', () => {
    const tls = { certificate: '-----BEGIN ', key: 'k' };
    const before = source({ credential: oauth('https://login.test/token'), tls });
    const after = source({ credential: oauth('https://evil.test/token'), tls });
    expect(grown(before, after)).toEqual(['token https://evil.test', 'token https://evil.test']);
  });

  it('hostile 1: does not grow by another id, name, order, path or transport, nor by a part of it', () => {
    const before = source({ credential: bearer, connectTo: 'inner.test:1' });
    const ladder = [...before.ladder].reverse();
    expect(grown(before, source({ credential: bearer }, { id: 'z', name: 'Z', ladder }))).toEqual([]);
    expect(grown(before, source({ credential: bearer }, { ladder: rung('https://FEED.test:443/other') }))).toEqual([]);
  });

  it('hostile 1: what was entered for a proxy, a token address or a key is not for the feed of the same source', () => {
    const login = source({ proxy: manual('http://proxy.test:1', { password: 'n' }) });
    expect(
      grown(login, source({ credential: bearer, proxy: manual('http://proxy.test:1', { password: 'n' }) })),
    ).toContain('feed https://feed.test');
    expect(grown(login, source({ proxy: { kind: 'system', user: 'me', password: 'n' } }))).toEqual([
      'proxy of the system',
    ]);
    const client = source({ credential: oauth('https://login.test/token') });
    expect(grown(client, source({ credential: bearer }))).toEqual(['feed https://feed.test']);
    const key = source({ tls: { certificate: '-----BEGIN ', key: 'n' } });
    expect(grown(key, source({ credential: bearer, tls: { certificate: '-----BEGIN ', key: 'n' } }))).toEqual([
      'feed https://feed.test',
    ]);
  });

  it('hostile 1: what stands in an address, a header or a subprotocol is a secret like any other', () => {
    const keyed = (host: string) => source({}, { url, ladder: rung(`https://${host}/x?key=*secret.n*`) });
    expect(grown(keyed('feed.test'), keyed('evil.test'))).toEqual(['feed https://evil.test']);
    const headed = (address: string) => source({ headers: [['X-Key', '*secret.n*']] }, { ladder: rung(address) });
    expect(grown(headed(url), headed('https://evil.test/'))).toEqual(['feed https://evil.test']);
    expect(hidesHost(keyed('feed.test'))).toBe(false);
    expect(hidesHost(keyed('*secret.n*.evil.test'))).toBe(true);
    expect(hidesHost(source({ credential: oauth('https://*secret.n*/token') }))).toBe(true);
  });

  it('hostile 1: knows every secret that a profile can name', () => {
    const kinds = [
      { kind: 'basic', user: 'me', password: 'n' },
      bearer,
      { kind: 'header', name: 'X-Key', value: 'n' },
      { kind: 'query', name: 'key', value: 'n' },
      { kind: 'cookie', name: 'key', value: 'n' },
      oauth('https://login.test/token'),
      { kind: 'token-url', url: 'https://login.test/token', authorization: 'n' },
    ];
    for (const credential of kinds) {
      const { reach } = source({
        credential,
        proxy: manual('http://proxy.test:1', { password: 'p' }),
        tls: { certificate: '-----BEGIN ', key: 'k', pkcs12: 'a', passphrase: 'w' },
        headers: [['X-Key', '*secret.h*']],
        subprotocols: ['v1', '*secret.s*'],
      });
      const recipe = recipeSchema.parse({
        name: 'r',
        title: 'R',
        talk: { every: [{ seconds: 1, send: '*secret.t*' }] },
      });
      const config = source(reach ?? {}, {
        recipe,
        url: `${url}?key=*secret.u*`,
        ladder: rung(`${url}?key=*secret.r*`),
      });
      const names = agreementsFor(config).map(({ name }) => name);
      expect(names.sort()).toEqual([...secretsOfSource(config)].sort());
      for (const { places } of agreementsFor(config)) expect(places.length).toBeGreaterThan(0);
    }
  });

  it('hostile 1: what is dialled is told with everything in between, and without keys that stand in an address', () => {
    expect(dialledFor(source({}, { ladder: rung('https://me:secret@feed.test/x?key=secret') }))).toEqual([
      'https://feed.test',
    ]);
    const reach = {
      credential: oauth('https://login.test/token'),
      connectTo: '10.0.0.1:8443',
      proxy: manual('socks5://proxy.test:1080'),
    };
    expect(dialledFor(source(reach))).toEqual([
      'https://feed.test',
      '10.0.0.1:8443 (connected to instead of the address)',
      'socks5://proxy.test:1080 (proxy)',
      'https://login.test (token address)',
    ]);
  });
});
