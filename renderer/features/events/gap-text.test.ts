import { describe, expect, it } from 'vitest';
import type { Gap } from '../../../shared/gap';
import { gapRange, gapText } from './gap-text';

const gap: Gap = {
  id: 'g',
  stream: 's',
  epoch: 'e',
  from: 88_412,
  to: 88_426,
  status: 'open',
  cause: 'missed',
  openedAt: 0,
  closedAt: null,
};

describe('a gap in words', () => {
  it('says how many, why, and what became of it', () => {
    expect(gapText(gap)).toBe('15 events missing: the numbers jumped · being asked for');
    expect(gapText({ ...gap, status: 'lost', cause: 'retention', closedAt: 0 })).toMatch(
      /^15 events lost: the server no longer keeps them · given up at \d\d:\d\d:\d\d\.\d{3}$/,
    );
    expect(gapText({ ...gap, to: 88_412 })).toMatch(/^1 event missing/);
  });

  it('does not invent a far end', () => {
    expect(gapRange(gap)).toBe('88\u2009412 – 88\u2009426');
    expect(gapRange({ ...gap, to: null })).toBe('88\u2009412 – ?');
    expect(gapText({ ...gap, to: null })).toMatch(/^An unknown number of events/);
  });
});
