import { describe, expect, it } from 'vitest';
import { emphasised } from './sentence';

const bold = (sentence: string): string | undefined => {
  const part = emphasised(sentence).find(({ kind }) => kind === 'bold');
  return part?.kind === 'bold' ? part.text : undefined;
};

describe('the number that matters', () => {
  it.each([
    ['Certificate *.ledger.test expired 3 days ago.', '3 days'],
    ['The proxy answered 403 to the upgrade.', '403'],
    ['No byte for 12.5 s.', '12.5 s'],
    ['SSE arrives in bursts of 4 KB.', '4 KB'],
    ['The server closed with 1012.', '1012'],
    ['Paused by you.', undefined],
  ])('%s', (sentence, expected) => {
    expect(bold(sentence)).toBe(expected);
  });

  it('loses no character', () => {
    const sentence = 'The proxy answered 403 after 20 ms.';
    const joined = emphasised(sentence).map((part) => (part.kind === 'text' || part.kind === 'bold' ? part.text : ''));
    expect(joined.join('')).toBe(sentence);
  });
});
