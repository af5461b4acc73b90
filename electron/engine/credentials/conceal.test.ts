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
  return createCredential(reachSchema.parse({ credential }), { secrets, accounts }).port;
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

  it('leaves alone what is too short to be told from chance, and what there is no credential for', () => {
    expect(conceal('a cat is a cat', ['cat'])).toBe('a cat is a cat');
    expect(concealed({ text: 'as it was' }, null)).toEqual({ text: 'as it was' });
    expect(concealed('key=long-enough-key;', portOf({ kind: 'query', name: 'key', value: 'k' }))).toBe(
      'key=[redacted];',
    );
  });
});
