import { describe, expect, it } from 'vitest';
import { defaultName } from './default-name';

describe('defaultName', () => {
  it('hostile 16: ten sources of one host get ten names, by the last part of their paths and their host', () => {
    const paths = ['orders', 'trades/', 'v1/host', 'v2/host', 'ws?stream=a', 'ws?stream=b', 'ws', '', 'a%20b', '%ff'];
    const names: string[] = [];
    for (const path of paths) names.push(defaultName(`wss://feed.example.com:8443/${path}`, names));
    expect(names).toEqual([
      'orders · feed.example.com:8443',
      'trades · feed.example.com:8443',
      'host · feed.example.com:8443',
      'host · feed.example.com:8443 2',
      'ws · feed.example.com:8443',
      'ws · feed.example.com:8443 2',
      'ws · feed.example.com:8443 3',
      'feed.example.com:8443',
      'a b · feed.example.com:8443',
      '%ff · feed.example.com:8443',
    ]);
  });

  it.each([
    ['turns what follows round', '%E2%80%AElive'],
    ['is a line end or no character', '%00%0A'],
    ['nothing is drawn for', '%E2%80%8B%E2%80%8B'],
    ['is a space', '%20'],
  ])('hostile 16: a part of a path that %s stands as it is written', (_what, part) => {
    expect(defaultName(`https://feed.example.com/${part}`, [])).toBe(`${part} · feed.example.com`);
  });

  it('shows no key that stands in a path, and no user', () => {
    expect(defaultName('https://user:secret@hooks.example.com/T0/8f14e45fceea167a5a36dedd4bea2543', [])).toBe(
      'hooks.example.com',
    );
    expect(defaultName(`https://example.com/${'x'.repeat(41)}`, [])).toBe('example.com');
  });

  it('is no longer than a name may be, also with a number', () => {
    const url = `https://${'a'.repeat(60)}.${'b'.repeat(60)}.test/events`;
    const first = defaultName(url, []);
    expect(first).toHaveLength(80);
    const second = defaultName(url, [first]);
    expect(second).toHaveLength(80);
    expect(second.endsWith(' 2')).toBe(true);
  });

  it('makes nothing of what is no address', () => {
    expect(defaultName('not an address', [])).toBe('');
  });
});

it('names a broker by its host, with its port where that is not the usual one', () => {
  expect(defaultName('mqtt://broker.test:1884', [])).toBe('broker.test:1884');
  expect(defaultName('mqtts://broker.test', [])).toBe('broker.test');
});
