import { describe, expect, it } from 'vitest';
import { sceneSources } from '../testing/scenes';
import { applyUpdates, initialState } from './state';

const views = sceneSources('states', 1_700_000_000_000);
const full = applyUpdates(initialState, [{ kind: 'sources', full: true, sources: views, removed: [] }]);

describe('applyUpdates', () => {
  it('knows nothing that the full state does not have', () => {
    const [first] = views;
    if (first === undefined) throw new Error('No views.');
    const again = applyUpdates(full, [{ kind: 'sources', full: true, sources: [first], removed: [] }]);
    expect([...again.sources.keys()]).toEqual([first.id]);
    expect(again.complete).toBe(true);
  });

  it('keeps the identity of what did not change', () => {
    const copies = structuredClone(views);
    const again = applyUpdates(full, [{ kind: 'sources', full: false, sources: copies, removed: [] }]);
    for (const view of views) expect(again.sources.get(view.id)).toBe(full.sources.get(view.id));
  });

  it('renews only what changed', () => {
    const [first] = structuredClone(views);
    if (first === undefined) throw new Error('No views.');
    const again = applyUpdates(full, [
      { kind: 'sources', full: false, sources: [{ ...first, eventsPerSecond: 7 }], removed: ['orders'] },
    ]);
    const next = again.sources.get(first.id);
    expect(next).not.toBe(full.sources.get(first.id));
    expect(next?.config).toBe(full.sources.get(first.id)?.config);
    expect(again.sources.has('orders')).toBe(false);
    expect(again.sources.get('build')).toBe(full.sources.get('build'));
  });

  it('renews numbers of a source it knows, and of no other', () => {
    const [first] = views;
    if (first === undefined) throw new Error('No views.');
    const numbers = [
      { id: first.id, lastEventAt: null, notYetStored: 3 },
      { id: 'nobody', notYetStored: 3 },
    ];
    const again = applyUpdates(full, [{ kind: 'sources', full: false, sources: [], numbers, removed: [] }]);
    expect(again.sources.get(first.id)).toEqual({ ...full.sources.get(first.id), lastEventAt: null, notYetStored: 3 });
    expect(again.sources.get(first.id)?.spark).toBe(full.sources.get(first.id)?.spark);
    expect(again.sources.has('nobody')).toBe(false);
  });

  it('lets a gap be one value that changes', () => {
    const gap = {
      id: 'g',
      stream: 's',
      epoch: 'e',
      from: 3,
      to: 4,
      cause: 'missed',
      openedAt: 1,
      closedAt: null,
    } as const;
    const state = applyUpdates(full, [
      { kind: 'gaps', source: 'orders', gaps: [{ ...gap, status: 'open' }] },
      { kind: 'gaps', source: 'orders', gaps: [{ ...gap, status: 'filled', closedAt: 2 }] },
    ]);
    expect(state.gaps.get('orders')).toEqual([{ ...gap, status: 'filled', closedAt: 2 }]);
  });

  it('leaves rows and points to those who keep them', () => {
    const state = applyUpdates(full, [{ kind: 'points', source: 'orders', points: [] }]);
    expect(state).toBe(full);
  });
});
