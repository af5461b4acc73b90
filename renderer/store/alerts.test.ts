import { describe, expect, it } from 'vitest';
import type { Alert } from '../../shared/alert';
import { byWeight, maxAlerts, mergeAlerts, unseen } from './alerts';
import { applyUpdates, initialState } from './state';

const alert = (id: string, raisedAt: number, change: Partial<Alert> = {}): Alert => ({
  id,
  rule: 'r',
  source: 's',
  name: 'CPU is busy',
  severity: 'warning',
  text: 'cpu.percent is 95, above 90.',
  raisedAt,
  endedAt: null,
  acknowledgedAt: null,
  ordinal: 1,
  count: 1,
  notice: 'sent',
  beforeRestart: false,
  mayRepeat: false,
  ...change,
});

describe('alerts of a window', () => {
  it('are one entry each, newest first, whatever is heard of them', () => {
    const known = mergeAlerts([], [alert('a', 1), alert('b', 2)], true);
    const changed = mergeAlerts(known, [alert('a', 1, { endedAt: 9, count: 3 }), alert('c', 3)], false);
    expect(changed.map(({ id, count }) => [id, count])).toEqual([
      ['c', 1],
      ['b', 1],
      ['a', 3],
    ]);
    expect(mergeAlerts(changed, [alert('d', 4)], true).map(({ id }) => id)).toEqual(['d']);
    expect(mergeAlerts(changed, [], false)).toBe(changed);
  });

  it('are bounded, the oldest gone first', () => {
    const many = Array.from({ length: maxAlerts + 5 }, (_, at) => alert(`a${at}`, at));
    const kept = mergeAlerts([], many, true);
    expect(kept).toHaveLength(maxAlerts);
    expect(kept.at(-1)?.id).toBe('a5');
  });

  it('stand with what lasts on top, and ask for a person while they last unacknowledged', () => {
    const all = [alert('new', 9, { endedAt: 10 }), alert('old', 1), alert('seen', 2, { acknowledgedAt: 5 })];
    expect(byWeight(all).map(({ id }) => id)).toEqual(['seen', 'old', 'new']);
    expect(unseen(all).map(({ id }) => id)).toEqual(['old']);
  });

  it('arrive as updates', () => {
    const state = applyUpdates(initialState, [
      { kind: 'alerts', full: true, alerts: [alert('a', 1)] },
      { kind: 'alerts', full: false, alerts: [alert('b', 2)] },
    ]);
    expect(state.alerts.map(({ id }) => id)).toEqual(['b', 'a']);
  });
});
