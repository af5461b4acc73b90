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
    expect(gapText(gap, 'contiguous')).toBe('15 events missing: the numbers jumped · being asked for');
    expect(gapText({ ...gap, status: 'lost', cause: 'retention', closedAt: 0 }, 'contiguous')).toMatch(
      /^15 events lost: the server no longer keeps them · given up at \d\d:\d\d:\d\d\.\d{3}$/,
    );
    expect(gapText({ ...gap, to: 88_412 }, 'contiguous')).toMatch(/^1 event missing/);
  });

  it('promise 3: what was shown and not stored is not said to be of a time when nothing ran', () => {
    expect(gapText({ ...gap, status: 'lost', cause: 'not-running', closedAt: 0 }, 'contiguous')).toContain(
      'lost: Wirewatch was not running, or could not store them',
    );
  });

  it('does not invent a far end', () => {
    expect(gapRange(gap, 'contiguous')).toBe('88\u2009412 – 88\u2009426');
    expect(gapRange({ ...gap, to: null }, 'contiguous')).toBe('88\u2009412 – ?');
    expect(gapText({ ...gap, to: null }, 'contiguous')).toMatch(/^An unknown number of events/);
  });

  it('promise 22: counts only where numbers are contiguous', () => {
    const restart = { ...gap, from: 1, to: 4_194_302, status: 'lost', cause: 'retention', closedAt: 0 } as const;
    expect(gapText(restart, 'contiguous')).toMatch(/^4\u2009194\u2009302 events lost/);
    expect(gapText(restart, 'rising')).toMatch(/^An unknown number of events lost/);
    const large = { ...restart, from: 7, to: 7, cause: 'too-large' } as const;
    expect(gapText(large, 'rising')).toMatch(/^1 event lost: over the size limit/);
  });

  it('promise 9: counts what ids that count prove', () => {
    const jumped = { ...gap, epoch: '', from: 31, to: 45, status: 'lost', cause: 'not-resumed', closedAt: 0 } as const;
    expect(gapRange(jumped, 'none')).toBe('31 – 45');
    expect(gapText(jumped, 'none')).toMatch(/^15 events lost: the server did not resume where it was asked to/);
    const unsized = { ...jumped, from: 0, to: null } as const;
    expect(gapRange(unsized, 'none')).toBe('');
    expect(gapText(unsized, 'none')).toMatch(/^An unknown number of events lost: the server did not resume/);
    const filled = { ...jumped, status: 'filled' } as const;
    expect(gapText(filled, 'none')).toMatch(/^15 events missed: the server sent newer ones first · filled at/);
  });

  it('behaviour 18: says what became of a numbering that came back', () => {
    const left = { ...gap, from: 4, to: 9, status: 'filled', cause: 'epoch-changed', closedAt: 0 } as const;
    expect(gapText(left, 'contiguous')).toMatch(
      /^6 events missed: the server went to another numbering and came back · filled at/,
    );
    expect(gapText({ ...left, to: null }, 'contiguous')).toMatch(
      /^No event missed after all: the server went to another numbering and came back · closed at/,
    );
  });

  it('promise 10: shows no invented numbers where the feed has none', () => {
    const broken = { ...gap, from: 1, to: 1, status: 'lost', cause: 'no-replay', closedAt: 0 } as const;
    expect(gapRange(broken, 'none')).toBe('');
    expect(gapText(broken, 'none')).toMatch(/^An unknown number of events lost: this feed cannot send again/);
  });
});
