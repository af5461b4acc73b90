import { describe, expect, it } from 'vitest';
import { redirectOf } from './redirect';

const headers = [
  ['Authorization', 'Bearer secret'],
  ['X-Api-Key', 'secret'],
  ['Last-Event-ID', '5'],
] as const;

function go(url: string, status: number, location: string | null) {
  return redirectOf({ url, headers }, { status, headers: location === null ? [] : [['location', location]] });
}

describe('redirects', () => {
  it('go where they say, with everything, within one origin', () => {
    for (const status of [301, 302, 303, 307, 308]) {
      expect(go('https://h/a?x=1', status, '../b')).toEqual({ url: 'https://h/b', headers, sameOrigin: true });
    }
  });

  it('carry nothing that could be a credential to another origin', () => {
    for (const location of ['https://other/b', 'https://h:8443/b', '//other/b']) {
      expect(go('https://h/a', 307, location)?.headers).toEqual([['Last-Event-ID', '5']]);
    }
    expect(go('http://h/a', 307, 'https://h/a')).toEqual({
      url: 'https://h/a',
      headers: [['Last-Event-ID', '5']],
      sameOrigin: false,
    });
    expect(go('https://h/a', 307, 'https://me:pw@h/b')?.url).toBe('https://h/b');
  });

  it('keep a WebSocket a WebSocket', () => {
    expect(go('wss://h/a', 302, 'https://h/b')).toEqual({ url: 'wss://h/b', headers, sameOrigin: true });
    expect(go('ws://h/a', 302, 'https://h/b')?.url).toBe('wss://h/b');
  });

  it('do not go from secure to open, to other schemes, or nowhere', () => {
    expect(go('https://h/a', 302, 'http://h/a')).toBeNull();
    expect(go('wss://h/a', 302, 'http://h/a')).toBeNull();
    expect(go('https://h/a', 302, 'file:///etc/passwd')).toBeNull();
    expect(go('https://h/a', 302, 'http://')).toBeNull();
    expect(go('https://h/a', 302, null)).toBeNull();
    expect(go('https://h/a', 304, '/b')).toBeNull();
  });
});
