import { describe, expect, it } from 'vitest';
import type { StateSpan } from '../../shared/meters';
import { holesOf, uptimeOf } from './holes';

describe('holes', () => {
  const spans: readonly StateSpan[] = [
    { start: 0, end: 10_000, state: 'live', rung: 0, text: '', since: 0 },
    { start: 10_000, end: 12_000, state: 'connecting', rung: 0, text: '', since: 10_000 },
    { start: 12_000, end: 20_000, state: 'waiting', rung: null, text: '', since: 12_000 },
    { start: 20_000, end: 30_000, state: 'offline', rung: null, text: '', since: 20_000 },
    { start: 30_000, end: null, state: 'degraded', rung: 1, text: '', since: 30_000 },
  ];

  it('tells the server from ourselves, and joins what belongs together', () => {
    expect(holesOf(spans, 5_000, 40_000, 40_000)).toEqual([
      { kind: 'down', from: 10_000, to: 20_000 },
      { kind: 'own', from: 20_000, to: 30_000 },
    ]);
  });

  it('does not count our own absence as downtime', () => {
    expect(uptimeOf(spans, 0, 40_000, 40_000)).toEqual({ up: 20_000, down: 10_000 });
  });

  it('promise 25: does not count as downtime what is nobody’s failure, such as the first connection', () => {
    const first: StateSpan = { start: 0, end: 5_000, state: 'connecting', rung: 0, text: '', since: 0, excused: true };
    const down: StateSpan = { start: 5_000, end: 8_000, state: 'connecting', rung: 0, text: '', since: 5_000 };
    expect(uptimeOf([first, down], 0, 9_000, 9_000)).toEqual({
      up: 0,
      down: 3_000,
    });
  });
});
