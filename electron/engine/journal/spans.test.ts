import { describe, expect, it } from 'vitest';
import { transition } from './samples';
import { stateSpans } from './spans';

const live = { kind: 'live', rung: 0, since: 0, resync: 'current', candidate: null } as const;
const waiting = { kind: 'waiting', until: 0, attempt: 1, cause: 'source-added' } as const;

describe('state spans', () => {
  it('lasts from transition to transition, the last one until now', () => {
    const spans = stateSpans(
      [transition(100, { kind: 'connecting', rung: 0, attempt: 1 }), transition(200, live), transition(500, waiting)],
      [{ start: 50, end: null }],
      { from: 0, to: 1000, now: 1000 },
    );
    expect(spans.map(({ start, end, state, rung }) => [start, end, state, rung])).toEqual([
      [100, 200, 'connecting', 0],
      [200, 500, 'live', 0],
      [500, null, 'waiting', null],
    ]);
  });

  it('shows the time between two runs as not running, and carries no state over it', () => {
    const spans = stateSpans(
      [transition(100, live), transition(20_000, { ...live, rung: 2 })],
      [
        { start: 50, end: 5_000 },
        { start: 19_000, end: null },
      ],
      { from: 0, to: 30_000, now: 30_000 },
    );
    expect(spans.map(({ start, end, state }) => [start, end, state])).toEqual([
      [100, 5_000, 'live'],
      [5_000, 19_000, 'not-running'],
      [20_000, null, 'degraded'],
    ]);
  });

  it('is cut to the range asked for', () => {
    const spans = stateSpans([transition(100, live), transition(500, waiting)], [{ start: 0, end: null }], {
      from: 200,
      to: 400,
      now: 1000,
    });
    expect(spans).toMatchObject([{ start: 200, end: 400, state: 'live' }]);
    expect(stateSpans([transition(100, live)], [{ start: 0, end: null }], { from: 0, to: 50, now: 1000 })).toEqual([]);
  });

  it('says nothing of the time before a source was there', () => {
    const runs = [
      { start: 0, end: 1_000 },
      { start: 9_000, end: null },
    ];
    expect(stateSpans([transition(9_500, live)], runs, { from: 0, to: 10_000, now: 10_000 })).toHaveLength(1);
  });

  it('promise 17: keep since when the trouble holds, over all attempts, and what is no downtime', () => {
    const spans = stateSpans(
      [
        { ...transition(100, { kind: 'connecting', rung: 0, attempt: 1 }), since: 100, excused: true },
        transition(200, live),
        { ...transition(500, waiting), since: 430 },
        { ...transition(600, { kind: 'connecting', rung: 0, attempt: 2 }), since: 430 },
      ],
      [{ start: 50, end: null }],
      { from: 0, to: 1000, now: 1000 },
    );
    expect(spans.map(({ since, excused }) => [since, excused])).toEqual([
      [100, true],
      [undefined, undefined],
      [430, undefined],
      [430, undefined],
    ]);
  });
});
