import { describe, expect, it } from 'vitest';
import { event, type Rig, rig, unnumbered, upTo } from './testing/harness';

const sse = {
  ...unnumbered,
  resumable: true,
  comparePlaces: (a: string, b: string) => (/^\d+$/.test(a) && /^\d+$/.test(b) ? Number(a) - Number(b) : null),
};

/** One connection that brings these ids, so far apart, each with a body of its own that is always the same. */
function connection(target: Rig, session: number, after: number | null, ids: readonly number[], paceMs: number): void {
  target.sequencer.sessionOpened(session, { polls: false, resumedFrom: after === null ? null : String(after) });
  target.sequencer.answered(session, null);
  for (const id of ids) {
    target.clock.advance(paceMs);
    target.sequencer.event(session, event(null, { id: String(id), body: `n${id}` }));
    target.sequencer.token(session, String(id));
    target.sequencer.flush();
  }
  target.sequencer.sessionEnded(session);
  target.sequencer.flush();
}

const idsOf = (target: Rig): readonly (string | null)[] => target.events().map(({ id }) => id);
const anew = [':0-? lost epoch-changed'];

describe('promise 8: a server that gives out the same ids anew and is cut soon', () => {
  it('promise 8: what comes at the pace of the feed is new behind a gap, also where the place closes it early', () => {
    for (const [count, paceMs] of [
      [8, 200],
      [5, 200],
      [4, 1_000],
      [6, 100],
    ] as const) {
      const it_ = rig({ facts: sse });
      connection(it_, 1, null, upTo(count), paceMs);
      connection(it_, 2, count, upTo(count), paceMs);
      expect(idsOf(it_)).toEqual([...upTo(count), ...upTo(count)].map(String));
      expect(it_.gaps()).toEqual(anew);
      expect(it_.sequencer.counters.repeated).toBe(0);
      expect(it_.diagnoses.map(({ kind }) => kind)).toContain('ids-went-back');
      // And so it goes on.
      connection(it_, 3, count, upTo(count), paceMs);
      expect(idsOf(it_)).toHaveLength(3 * count);
    }
  });

  it('promise 8: the same where the connection ends before the place comes', () => {
    const it_ = rig({ facts: sse });
    connection(it_, 1, null, upTo(30), 200);
    connection(it_, 2, 30, upTo(6), 200);
    expect(idsOf(it_)).toEqual([...upTo(30), ...upTo(6)].map(String));
    expect(it_.gaps()).toEqual(anew);
    expect(it_.sequencer.counters).toMatchObject({ repeated: 0, resumesUnproven: 0 });
  });

  it('promise 9: what is too little to tell is a resume that nothing proves, and no silence', () => {
    for (const [had, again] of [
      [2, 2],
      [3, 3],
      [30, 2],
      [30, 1],
    ] as const) {
      const it_ = rig({ facts: sse });
      connection(it_, 1, null, upTo(had), 200);
      connection(it_, 2, had, upTo(again), 200);
      expect(it_.events()).toHaveLength(had);
      expect(it_.sequencer.counters.resumesUnproven).toBe(1);
      expect(it_.gaps()).toEqual([]);
    }
    // Nobody remembers how long it took at first.
    const first = rig({ facts: sse });
    connection(first, 1, null, upTo(8), 200);
    const it_ = rig({ facts: sse, restored: first.checkpoint() });
    connection(it_, 1, 8, upTo(8), 200);
    expect(it_.sequencer.counters.resumesUnproven).toBe(1);
  });

  it('promise 2: a replay comes in one go, or faster than it came at first, and is one', () => {
    for (const [paceMs, replayMs] of [
      [200, 0],
      [200, 5],
      [1_000, 60],
      [0, 0],
      [0, 200],
    ] as const) {
      const it_ = rig({ facts: sse });
      connection(it_, 1, null, upTo(8), paceMs);
      connection(it_, 2, 8, upTo(8), replayMs);
      expect(idsOf(it_)).toEqual(upTo(8).map(String));
      expect(it_.gaps()).toEqual([]);
      expect(it_.sequencer.counters).toMatchObject({ repeated: 8, resumesUnproven: 0 });
    }
  });
});
