import { describe, expect, it } from 'vitest';
import { addressWithSecrets } from './secret-places';

describe('an address with its secrets in it', () => {
  it.each([
    ['https://*secret.n*@feed.test/x', 'evil.test/', 'https://evil.test%2F@feed.test/x'],
    ['https://me:*secret.n*@feed.test/x', 'p@evil.test:443/', 'https://me:p%40evil.test%3A443%2F@feed.test/x'],
    ['https://*secret.n*@feed.test/x', 'evil.test\\', 'https://evil.test%5C@feed.test/x'],
    ['wss://*secret.n*/x', 'evil.test', 'wss://*secret.n*/x'],
    ['https://feed.test*secret.n*/x', '.evil.test', 'https://feed.test*secret.n*/x'],
    ['*secret.n*//feed.test/x', 'https:', 'https://feed.test/x'],
  ])('hostile 1: leads where %s does, whatever the secret says', (address, secret, filled) => {
    expect(addressWithSecrets(address, () => secret)).toBe(filled);
  });

  it('is as it was typed where the secret stands in path or query, and so is what is no address', () => {
    const read = () => 'a/b@c:d';
    expect(addressWithSecrets('https://feed.test/*secret.n*?key=*secret.n*', read)).toBe(
      'https://feed.test/a/b@c:d?key=a/b@c:d',
    );
    expect(addressWithSecrets('Token *secret.n*', read)).toBe('Token a/b@c:d');
  });
});
