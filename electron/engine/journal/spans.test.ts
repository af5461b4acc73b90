import { describe, expect, it } from 'vitest';
import { transition } from './samples';
import { stateSpans } from './spans';

const live = { kind: 'live', rung: 0, since: 0, resync: 'current', candidate: null } as const;
const connecting = { kind: 'connecting', rung: 0, attempt: 1 } as const;
const waiting = { kind: 'waiting', until: 0, attempt: 1, cause: 'source-added' } as const;

describe('state spans', () => {
  it('lasts from transition to transition, the last one until now', () => {
    const spans = stateSpans(
      [transition(100, { kind: 'connecting', rung: 0, attempt: 1 }), transition(200, live), transition(500, waiting)],
      [{ start: 50, end: null, ended: false }],
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
        { start: 50, end: 5_000, ended: true },
        { start: 19_000, end: null, ended: false },
      ],
      { from: 0, to: 30_000, now: 30_000 },
    );
    expect(spans.map(({ start, end, state }) => [start, end, state])).toEqual([
      [100, 5_000, 'live'],
      [5_000, 19_000, 'not-running'],
      [20_000, null, 'degraded'],
    ]);
  });

  it('promise 3: after an end without a word it is not said that nothing ran: the disk may have been full', () => {
    const texts = [true, false].map((ended) => {
      const runs = [
        { start: 50, end: 5_000, ended },
        { start: 19_000, end: null, ended: false },
      ];
      const spans = stateSpans([transition(100, live)], runs, { from: 0, to: 30_000, now: 30_000 });
      return spans.find(({ state }) => state === 'not-running')?.text;
    });
    expect(texts).toEqual([
      'Wirewatch was not running.',
      'Wirewatch was not running, or could not store what it saw: it ended without a word.',
    ]);
  });

  it('is cut to the range asked for', () => {
    const spans = stateSpans(
      [transition(100, live), transition(500, waiting)],
      [{ start: 0, end: null, ended: false }],
      {
        from: 200,
        to: 400,
        now: 1000,
      },
    );
    expect(spans).toMatchObject([{ start: 200, end: 400, state: 'live' }]);
    expect(
      stateSpans([transition(100, live)], [{ start: 0, end: null, ended: false }], { from: 0, to: 50, now: 1000 }),
    ).toEqual([]);
  });

  it('promise 17: knows how long a state lasts, also where it began before the range', () => {
    const spans = stateSpans(
      [transition(100, live), transition(700_000, waiting)],
      [{ start: 0, end: null, ended: false }],
      {
        from: 400_000,
        to: 1_000_000,
        now: 1_000_000,
      },
    );
    expect(spans).toMatchObject([
      { start: 400_000, end: 700_000, state: 'live', since: 100 },
      { start: 700_000, end: null, state: 'waiting', since: 700_000 },
    ]);
  });

  it('promise 17: begins trouble with the last sign of life, and keeps that over all attempts', () => {
    const down = { since: 180_000 };
    const spans = stateSpans(
      [
        transition(100, live),
        { ...transition(200_000, waiting), from: live, ...down },
        { ...transition(201_000, connecting), from: waiting, ...down },
        { ...transition(202_000, waiting), from: connecting, ...down },
        { ...transition(230_000, { ...live, since: 230_000 }), from: connecting },
      ],
      [{ start: 0, end: null, ended: false }],
      { from: 0, to: 300_000, now: 300_000 },
    );
    expect(spans.map(({ start, end, state, since }) => [start, end, state, since])).toEqual([
      [100, 180_000, 'live', 100],
      [180_000, 201_000, 'waiting', 180_000],
      [201_000, 202_000, 'connecting', 180_000],
      [202_000, 230_000, 'waiting', 180_000],
      [230_000, null, 'live', 230_000],
    ]);
    const late = stateSpans(
      [{ ...transition(202_000, waiting), from: connecting, ...down }],
      [{ start: 0, end: null, ended: false }],
      {
        from: 210_000,
        to: 220_000,
        now: 300_000,
      },
    );
    expect(late).toMatchObject([{ start: 210_000, since: 180_000 }]);
  });

  it('says nothing of the time before a source was there', () => {
    const runs = [
      { start: 0, end: 1_000, ended: true },
      { start: 9_000, end: null, ended: false },
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
      [{ start: 50, end: null, ended: false }],
      { from: 0, to: 1000, now: 1000 },
    );
    expect(spans.map(({ start, since, excused }) => [start, since, excused])).toEqual([
      [100, 100, true],
      [200, 200, undefined],
      [430, 430, undefined],
      [600, 430, undefined],
    ]);
  });
});
