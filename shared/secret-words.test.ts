import { describe, expect, it } from 'vitest';
import { isSecretName, redactHeader, redactUrls } from './secret-words';

describe('what is a secret by its name', () => {
  it.each([
    ...['key', 'api_key', 'apikey', 'apiKey', 'API-KEY', 'X-Api-Key', 'x-functions-key', 'Ocp-Apim-Subscription-Key'],
    ...['token', 'access_token', 'accessToken', 'id_token', 'X-Auth-Token', 'X-CSRF-Token', 'X-Amz-Security-Token'],
    ...[
      'sig',
      'signature',
      'X-Amz-Signature',
      'X-Goog-Signature',
      'X-Goog-Credential',
      'hmac',
      'jwt',
      'X-JWT-Assertion',
    ],
    ...[
      'auth',
      'Authorization',
      'Proxy-Authorization',
      'Cookie',
      'Set-Cookie',
      'set-cookie2',
      'password',
      'passwd',
      'pwd',
    ],
    ...['pass', 'passphrase', 'secret', 'client_secret', 'sid', 'session_id', 'sessionid', 'jsessionid', 'PHPSESSID'],
  ])('hostile 3: %s', (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  it.each([
    ...[
      '',
      'stream',
      'after',
      'limit',
      'author',
      'monkey',
      'keyword',
      'keys',
      'tokens',
      'max_tokens',
      'signal',
      'sequence',
    ],
    ...[
      'page_token',
      'nextPageToken',
      'continuation-token',
      'cursor_token',
      'Idempotency-Key',
      'partition_key',
      'routingKey',
    ],
    ...['Sec-WebSocket-Key', 'Sec-WebSocket-Accept', 'Surrogate-Key', 'X-Cache-Key', 'public_key', 'signature_version'],
    ...[
      'Access-Control-Allow-Credentials',
      'WWW-Authenticate',
      'Last-Event-ID',
      'Content-Type',
      'passenger',
      'compass',
    ],
  ])('hostile 3: %s is none', (name) => {
    expect(isSecretName(name)).toBe(false);
  });
});

describe('addresses in a text', () => {
  it.each([
    ['https://me:hunter22@host.test/feed?x=1', 'https://[redacted]@host.test/feed?x=1'],
    ['https://me:p@hunter22@host.test/', 'https://[redacted]@host.test/'],
    ['wss://hunter22@host.test', 'wss://[redacted]@host.test'],
    ['/feed?a=1&api_key=hunter22&b=2', '/feed?a=1&api_key=[redacted]&b=2'],
    [
      '</next?sig=hunter22>; rel="next", </x?page=2>; rel="last"',
      '</next?sig=[redacted]>; rel="next", </x?page=2>; rel="last"',
    ],
    ['5; url=/login?token=hunter22', '5; url=/login?token=[redacted]'],
    ['/cb#access_token=hunter22&state=1', '/cb#access_token=[redacted]&state=1'],
    ['/feed;jsessionid=hunter22?x=1', '/feed;jsessionid=[redacted]'],
    ['<a href="/x?a=1&amp;token=hunter22">', '<a href="/x?a=1&amp;token=[redacted]">'],
    ['/login?next=https%3A%2F%2Fh%2F%3Fkey%3Dhunter22&x=1', '/login?next=[redacted]&x=1'],
    ['/login?next=https%253A%252F%252Fh%252F%253Fkey%253Dhunter22', '/login?next=[redacted]'],
    ['/login?next=https%3A%2F%2Fme%3Ahunter22%40h%2F', '/login?next=[redacted]'],
    ['?%74oken=hunter22', '?%74oken=[redacted]'],
    ['Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.hunter22', 'Bearer [redacted]'],
  ])('hostile 3: %s', (text, shown) => {
    expect(redactUrls(text)).toBe(shown);
    expect(redactUrls(shown)).toBe(shown);
  });

  it.each([
    'https://host.test/feed?after=3&stream=a%20b',
    'max-age=3600, public',
    'text/html; charset=utf-8',
    'mail me@host.test',
    'a < b && c = d',
    '?token=',
    'https://*secret.a-1*@host.test/?key=*secret.b.2*&x=1',
  ])('hostile 3: nothing is struck out of %s', (text) => {
    expect(redactUrls(text)).toBe(text);
  });

  it('hostile 3: takes time in proportion to the text', () => {
    for (const piece of ['?a', '&a=', 'x://', 'a@', 'eyJ', '?a=%25', 'a.', '&amp;'])
      expect(redactUrls(piece.repeat(20_000)).length).toBeGreaterThan(0);
  });

  it('hostile 3: a header that is named like a secret shows nothing of its value, whatever it is', () => {
    expect(redactHeader('x-api-key', 'hunter22')).toBe('[redacted]');
    expect(redactHeader('link', '<https://h/?sig=hunter22>')).toBe('<https://h/?sig=[redacted]>');
    expect(redactHeader('server', 'nginx')).toBe('nginx');
  });
});
