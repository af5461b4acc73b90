import { describe, expect, it } from 'vitest';
import { createFeedConcealer, partsOf } from './conceal-feed';

const token = 'tok/en+7f3a"91c2';

describe('what a feed says back of a login', () => {
  const feed = createFeedConcealer([token, '1234567890', 'short']);

  it.each([
    ['as a document writes it', JSON.stringify({ type: 'auth_invalid', token })],
    ['in an address', `/x?token=${encodeURIComponent(token)}`],
    ['as base64', Buffer.from(token).toString('base64')],
    ['as base64 of what was sent', Buffer.from(`Bearer ${token}`).toString('base64')],
    ['as base64 of what holds it', Buffer.from(JSON.stringify({ a: 1, header: token })).toString('base64url')],
    ['as hex', Buffer.from(token).toString('hex').toUpperCase()],
    ['plain', `no such token: ${token}!`],
    ['as PHP writes each slash', `{"token":"${JSON.stringify(token).slice(1, -1).replace('/', '\\/')}"}`],
    ['as .NET writes each sign', '{"token":"tok/en\\u002B7f3a\\u002291c2"}'],
    ['with one of its letters as a code', '{"token":"\\u0074ok\\/en+7f3a\\u002291c2"}'],
    ['half in percent codes', '/x?t=tok/en%2B7f3a%2291c2'],
  ])('hostile 4: %s it is struck out', (_how, text) => {
    const shown = feed.text(text);
    expect(shown).toContain('[redacted]');
    for (const form of [token, JSON.stringify(token).slice(1, -1), 'tok%2Fen', Buffer.from(token).toString('base64')]) {
      expect(shown).not.toContain(form);
    }
  });

  it('hostile 4: bytes of base64 show it neither', () => {
    const sent = Buffer.from(Buffer.from(`xy${token.replace('"', '')}z`).toString('base64'));
    const other = createFeedConcealer([token.replace('"', '')]);
    expect(Buffer.from(String(Buffer.from(other.bytes(sent))), 'base64').toString('latin1')).not.toContain('7f3a');
  });

  it('hostile 4: a document stays one, and what is no secret stays as it is', () => {
    const document = { type: 'auth_invalid', token, n: 1_234_567_890, code: '1234567890', word: 'short' };
    expect(JSON.parse(feed.text(JSON.stringify(document)))).toEqual({
      ...document,
      token: '[redacted]',
      code: '[redacted]',
    });
    const other = '{"type":"event","n":1234567890}';
    expect(feed.text(other)).toBe(other);
  });

  it('hostile 4: bytes keep their length', () => {
    const bytes = Buffer.from(`\x00\xff${token}\x01${token}`, 'latin1');
    const shown = Buffer.from(feed.bytes(bytes));
    expect(shown.length).toBe(bytes.length);
    expect(shown.includes(token)).toBe(false);
    const other = Buffer.from([1, 2, 3]);
    expect(feed.bytes(other)).toBe(other);
  });

  it('hostile 4: a part of a secret that may be said alone is one', () => {
    expect(partsOf('me:hunter%2022')).toEqual(expect.arrayContaining(['hunter%2022', 'hunter 22']));
    expect(partsOf('Bearer 0123456789abcdef')).toContain('0123456789abcdef');
    expect(partsOf('sid=0123456789; lang=english')).toContain('0123456789');
    expect(
      partsOf('{"type":"authenticate","access_token":"hunter2222","n":1,"deep":[{"x":"0123456789abcdef"}]}'),
    ).toEqual(expect.arrayContaining(['hunter2222', '0123456789abcdef']));
    expect(partsOf('{"type":"authenticate"}')).not.toContain('authenticate');
  });
});
