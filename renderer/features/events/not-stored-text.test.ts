import { describe, expect, it } from 'vitest';
import { noCounters } from '../../../shared/view';
import { emptyText } from './not-stored-text';

describe('promise 3: an empty list', () => {
  const view = (delivered: number, notYetStored: number) => ({
    notYetStored,
    counters: { ...noCounters, delivered },
  });
  it('never says that there is no event where some were counted', () => {
    expect(emptyText('', { failed: false }, view(0, 0))).toBe('No event yet.');
    expect(emptyText('', { failed: false }, view(5, 5))).toBe('5 events not yet stored.');
    expect(emptyText('', { failed: false }, view(1, 1))).toBe('1 event not yet stored.');
    expect(emptyText('', { failed: false }, view(5, 0))).toBe('No event to show.');
    expect(emptyText('', { failed: true }, view(0, 0))).toBe('The stored events cannot be read just now.');
    expect(emptyText('x', { failed: false }, view(5, 0))).toBe('No event contains this text.');
  });
});
