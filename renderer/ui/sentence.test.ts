import { describe, expect, it } from 'vitest';
import { sayReason } from '../../shared/reasons';
import { sceneSources } from '../testing/scenes';
import { briefSentenceOf, sentenceOf } from './sentence';

const now = 1_700_000_000_000;
const views = sceneSources('states', now);

describe('the figure that matters', () => {
  const view = views.find(({ badge }) => badge === 'connecting') ?? views[0];
  if (view === undefined) throw new Error('No scene.');
  const reason = sayReason('certificate-invalid', { message: 'expired', certificate: ' (certificate of CN=a)' });

  it('stands in bold where the engine marked it, and no character is lost', () => {
    const busy = sayReason('server-trouble', { status: 503 });
    const parts = sentenceOf({ ...view, badge: 'connecting', reason: busy });
    expect(parts).toContainEqual({ kind: 'bold', text: '503' });
    expect(parts.map((part) => ('text' in part ? part.text : '')).join('')).toBe(busy.text);
  });

  it('leaves out on a card what its page has', () => {
    const brief = briefSentenceOf({ ...view, badge: 'connecting', reason });
    expect(brief.map((part) => ('text' in part ? part.text : '')).join('')).toBe(
      'The certificate of the host cannot be trusted: expired.',
    );
  });
});

describe('sentenceOf', () => {
  it('says why and until when, for every state but the healthy', () => {
    for (const view of views) {
      const parts = sentenceOf(view);
      expect(parts.length === 0).toBe(view.badge === 'live');
    }
  });

  it('promise 17: says on cards since when it is down, whatever it is trying just now', () => {
    const [chat] = views.filter(({ id }) => id === 'chat');
    if (chat === undefined) throw new Error('No chat.');
    const down = { ...chat, downSince: now - 180_000 };
    const trying = { ...down, badge: 'connecting', state: { kind: 'connecting', rung: 0, attempt: 3 } } as const;
    for (const view of [down, trying]) {
      expect(briefSentenceOf(view).slice(0, 4)).toEqual([
        { kind: 'text', text: 'Down ' },
        { kind: 'ago', at: now - 180_000 },
        { kind: 'text', text: ' since ' },
        { kind: 'at', at: now - 180_000 },
      ]);
    }
    expect(briefSentenceOf({ ...chat, downSince: null })).toEqual(sentenceOf(chat, true));
  });

  it('counts down to the next attempt, the next look and the next probe', () => {
    for (const id of ['chat', 'ledger', 'payments']) {
      const view = views.find((candidate) => candidate.id === id);
      if (view === undefined) throw new Error(`No ${id}.`);
      expect(sentenceOf(view).some((part) => part.kind === 'until' && part.at > now)).toBe(true);
    }
  });
});
