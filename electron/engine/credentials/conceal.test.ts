import { describe, expect, it } from 'vitest';
import { reachSchema } from '../../../shared/reach';
import { concealed } from '../core/credential';
import { conceal } from './conceal';
import { createCredential } from './credential';

const stored: Record<string, string> = { p: 'pass word/9', k: 'long-enough-key' };
const secrets = { read: (name: string) => stored[name] ?? null, onChange: () => () => {} };
const accounts = {
  lease() {
    throw new Error('No account here.');
  },
};

function portOf(credential: unknown) {
  return createCredential({ url: '', ladder: [], reach: reachSchema.parse({ credential }) }, { secrets, accounts })
    .port;
}

describe('what a peer sends back of a credential', () => {
  it('is struck out of everything that is told of its answer, in every form it travelled in', () => {
    const port = portOf({ kind: 'basic', user: 'me', password: 'p' });
    const basic = Buffer.from('me:pass word/9').toString('base64');
    const end = {
      kind: 'refused',
      head: { status: 401, headers: [['location', '/login?was=pass%20word%2F9']] },
      bodyStart: `You sent Basic ${basic}, that is "pass word/9" or pass+word%2F9.`,
      retryAfterMs: null,
    };
    const shown = concealed(end, port);
    expect(shown).toEqual({
      kind: 'refused',
      head: { status: 401, headers: [['location', '/login?was=[redacted]']] },
      bodyStart: 'You sent Basic [redacted], that is "[redacted]" or [redacted].',
      retryAfterMs: null,
    });
  });

  it('is struck out however a server writes it, each character in its own way', () => {
    const token = 'q8/Zk+31vLm0Pz"7&wY<ötR2bQ==';
    const html = 'q8/Zk+31vLm0Pz&quot;7&amp;wY&lt;ötR2bQ==';
    for (const written of [
      token,
      encodeURIComponent(token),
      encodeURIComponent(token).replace(/%../g, (code) => code.toLowerCase()),
      encodeURI(token),
      JSON.stringify(token).slice(1, -1),
      JSON.stringify(token).slice(1, -1).replaceAll('/', '\\/'),
      JSON.stringify(token).slice(1, -1).replaceAll('ö', '\\u00f6').replaceAll('&', '\\u0026'),
      html,
      html.replace('&quot;', '&#34;').replace('&lt;', '&#x3C;').replace('+', '&#43;').replace('ö', '&#246;'),
      new URLSearchParams([['', token]]).toString().slice(1),
      token.toUpperCase(),
      Buffer.from(token).toString('hex'),
      Buffer.from(token).toString('base64'),
      encodeURIComponent(Buffer.from(token).toString('base64')),
      Buffer.from(token).toString('base64url'),
    ]) {
      expect(conceal(`Token ${written} is expired, not ${written}.`, [token]), written).toBe(
        'Token [redacted] is expired, not [redacted].',
      );
    }
  });

  it('hostile 3: is struck out in any letters, each of them encoded, twice, or as a list of bytes', () => {
    const token = 'Zk31vLm0PzQ7wY';
    const each = (write: (code: string) => string) =>
      [...token].map((char) => write(char.charCodeAt(0).toString(16).padStart(2, '0'))).join('');
    for (const written of [
      each((code) => `%${code}`),
      each((code) => `%${code}`).toUpperCase(),
      each((code) => `%25${code}`),
      each((code) => `\\u00${code}`),
      each((code) => `\\u00${code.toUpperCase()}`),
      each((code) => `&#x${code};`),
      [...Buffer.from(token)].join(','),
      `%5A${token.slice(1)}`,
      `%7a${token.slice(1)}`,
    ]) {
      expect(conceal(`Token ${written} is expired`, [token]), written).toBe('Token [redacted] is expired');
    }
  });

  it('hostile 3: is struck out of base64, whatever it was written behind and before', () => {
    const token = 'Zk31vLm0PzQ7wY/+~';
    for (const before of ['', 'x', 'xy', 'Bearer ', '{"authorization":"Bearer ']) {
      for (const behind of ['', '"', '"}', '\n\n']) {
        for (const encoding of ['base64', 'base64url'] as const) {
          const written = Buffer.from(before + token + behind).toString(encoding);
          const shown = conceal(`sent: ${written}`, [token]);
          expect(shown).toContain('[redacted]');
          const left = shown.replace('sent: ', '').split('[redacted]');
          // What is left around it says no more than a character of it.
          const said = left.map((part) => Buffer.from(part, encoding).toString('latin1')).join('');
          expect(said.length, shown).toBeLessThan(before.length + behind.length + 4);
        }
      }
    }
  });

  it('is struck out where the text ends within it', () => {
    const token = 'q8/Zk+31vLm0Pz';
    for (const written of [token, encodeURIComponent(token), token.replace('/', '\\/'), token.replace('/', '&#x2f;')]) {
      for (let length = 1; length < written.length; length++) {
        const shown = conceal(`sent: ${written.slice(0, length)}`, [token]);
        expect(shown.length, shown).toBeLessThan('sent: '.length + 'q8&#x2f;Zk+31'.length);
        if (length >= 12) expect(shown).toBe('sent: [redacted]');
      }
    }
  });

  it('leaves alone what is too short to be told from chance, and what there is no credential for', () => {
    expect(conceal('a cat is a cat', ['cat'])).toBe('a cat is a cat');
    expect(concealed({ text: 'as it was' }, null)).toEqual({ text: 'as it was' });
    expect(concealed('key=long-enough-key;', portOf({ kind: 'query', name: 'key', value: 'k' }))).toBe(
      'key=[redacted];',
    );
  });
});
