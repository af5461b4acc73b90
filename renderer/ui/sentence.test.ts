import { describe, expect, it } from 'vitest';
import { sceneSources } from '../testing/scenes';
import { emphasised, sentenceOf } from './sentence';

const now = 1_700_000_000_000;
const views = sceneSources('states', now);

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

describe('sentenceOf', () => {
  it('says why and until when, for every state but the healthy', () => {
    for (const view of views) {
      const parts = sentenceOf(view);
      expect(parts.length === 0).toBe(view.badge === 'live');
    }
  });

  it('counts down to the next attempt, the next look and the next probe', () => {
    for (const id of ['chat', 'ledger', 'payments']) {
      const view = views.find((candidate) => candidate.id === id);
      if (view === undefined) throw new Error(`No ${id}.`);
      expect(sentenceOf(view).some((part) => part.kind === 'until' && part.at > now)).toBe(true);
    }
  });
});
