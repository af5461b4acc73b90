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
    ...['sas', 'otp', 'totp', 'X-Otp', 'csrf', 'wskey', 'sharedkey', 'hdnts', 'hdnea', 'DPoP', 'X-Pass', 'X-Pw'],
    ...['assertion', 'client_assertion', 'SAMLResponse', 'code_verifier', 'OK-ACCESS-SIGN', 'KC-API-SIGN', 'sign'],
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
      'call_sign',
      'code',
      'ticket',
      'boarding_pass',
    ],
  ])('hostile 3: %s is none', (name) => {
    expect(isSecretName(name)).toBe(false);
  });
});

describe('addresses in a text', () => {
  it.each([
    '{"type":"login","token":"{{secret1}}"}',
    'Authorization: Bearer {{secret1}}',
    'wss://h.test/?token={{secret1}}',
  ])('keep the place of a variable, which names what is kept elsewhere: %s', (text) => {
    expect(redactUrls(text)).toBe(text);
    expect(redactUrls(text.replace('{{secret1}}', 'x9f3k2q8z7'))).not.toContain('x9f3k2q8z7');
  });

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
    ['//me:hunter22@host.test/', '//[redacted]@host.test/'],
    ['url=//hunter22@host.test', 'url=//[redacted]@host.test'],
    ['http:\\\\me:hunter22@host.test/', 'http:\\\\[redacted]@host.test/'],
    ['https:/me:hunter22@host.test', 'https:/[redacted]@host.test'],
    ['"https:\\/\\/me:hunter22@host.test"', '"https:\\/\\/[redacted]@host.test"'],
    ['?token =hunter22', '?token =[redacted]'],
    ['?tokens%5B%5D=hunter22hunter22', '?tokens%5B%5D=[redacted]'],
    ['?code=Zk3_hunter22-Zk3hunter22==', '?code=[redacted]'],
    ['?ticket=ST-1856339-hunter22hunter22', '?ticket=[redacted]'],
    ['Bearer hunter22', 'Bearer [redacted]'],
    ['authorization: basic bWU6aHVudGVyMjI=', 'authorization: basic [redacted]'],
    ['{"x":"Basic bWU6aHVudGVyMjI="}', '{"x":"Basic [redacted]"}'],
    ['{"x":"Token hunter22"}', '{"x":"Token [redacted]"}'],
    ['/x?q=Bearer%20hunter22', '/x?q=[redacted]'],
    ['/x?q=Bearer+hunter22', '/x?q=[redacted]'],
    ['/x?q=%7B%22token%22%3A%22hunter22%22%7D', '/x?q=[redacted]'],
    ['{"error":"no","access_token":"hunter22"}', '{"error":"no","access_token":"[redacted]"}'],
    ["{'password': 'hunter22'}", "{'password': '[redacted]'}"],
    ['token=hunter22', 'token=[redacted]'],
    ['grant=x, token="hunter22", y=1', 'grant=x, token="[redacted]", y=1'],
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
    '?code=AAPL',
    '?code=404&state=1',
    '?ticket=4711',
    'Bearer realm="feed", error="invalid_token"',
    'Bearer authorization_uri="https://h/authorize2"',
    'Basic authentication required',
    'the token expired',
    '{"session":"expired","auth":"required"}',
    '{"key":"sensor-1","token":null}',
    'token=[redacted]',
    '// mail me@host.test',
    'signature=none',
    'https://*secret.a-1*@host.test/?key=*secret.b.2*&x=1',
  ])('hostile 3: nothing is struck out of %s', (text) => {
    expect(redactUrls(text)).toBe(text);
  });

  it('hostile 3: takes time in proportion to the text', () => {
    for (const piece of [
      '?a',
      '&a=',
      'x://',
      'a@',
      'eyJ',
      '?a=%25',
      'a.',
      '&amp;',
      '//',
      ':\\',
      '//a',
      '"a":"',
      'bearer ',
      'token=',
      ' a=',
      '"token"',
    ])
      expect(redactUrls(piece.repeat(20_000)).length).toBeGreaterThan(0);
  });

  it('hostile 3: a header that is named like a secret shows nothing of its value, whatever it is', () => {
    expect(redactHeader('x-api-key', 'hunter22')).toBe('[redacted]');
    expect(redactHeader('x-ticket', 'ST-1856339-hunter22')).toBe('[redacted]');
    expect(redactHeader('x-ticket', '4711')).toBe('4711');
    expect(redactHeader('link', '<https://h/?sig=hunter22>')).toBe('<https://h/?sig=[redacted]>');
    expect(redactHeader('server', 'nginx')).toBe('nginx');
  });
});
