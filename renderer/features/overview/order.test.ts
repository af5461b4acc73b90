import { describe, expect, it } from 'vitest';
import { sceneSources } from '../../testing/scenes';
import { holdOrder, orderByTrouble } from './order';

const now = 1_700_000_000_000;
const views = sceneSources('states', now);

describe('the order of the overview', () => {
  it('puts trouble first and the paused last', () => {
    const ids = orderByTrouble({ sources: new Map(views.map((view) => [view.id, view])) });
    expect(ids.slice(0, 5)).toEqual(['ledger', 'chat', 'sensors', 'ticks', 'payments']);
    expect(ids.at(-1)).toBe('audit');
  });

  it('moves nothing while the reader is there', () => {
    expect(holdOrder(['a', 'b', 'c'], ['c', 'a', 'b'])).toEqual(['a', 'b', 'c']);
    expect(holdOrder(['a', 'b', 'c'], ['d', 'c', 'a'])).toEqual(['a', 'c', 'd']);
  });
});
