import { describe, expect, it } from 'vitest';
import type { SessionOpening } from './contract';
import { event, type Rig, rig, unnumbered, upTo } from './testing/harness';

const numeric = /^\d+$/;
const sse = {
  ...unnumbered,
  resumable: true,
  comparePlaces: (a: string, b: string) => (numeric.test(a) && numeric.test(b) ? Number(a) - Number(b) : null),
};
const fresh: SessionOpening = { polls: false, resumedFrom: null };

function open(target: Rig, session: number, resumedFrom: string | number | null = null): void {
  const opening = resumedFrom === null ? fresh : { polls: false, resumedFrom: String(resumedFrom) };
  target.sequencer.sessionOpened(session, opening);
  target.sequencer.answered(session, null);
  target.sequencer.flush();
}

/** One event, and the place that its id is. */
function say(target: Rig, session: number, id: string | number, body: string): void {
  target.sequencer.event(session, event(null, { id: String(id), body }));
  target.sequencer.token(session, String(id));
  target.sequencer.flush();
}

/** Events a second apart. */
function live(
  target: Rig,
  session: number,
  ids: readonly (string | number)[],
  bodyOf = (id: unknown) => `n${id}`,
): void {
  for (const id of ids) {
    target.clock.advance(1_000);
    say(target, session, id, bodyOf(id));
  }
}

function burst(
  target: Rig,
  session: number,
  ids: readonly (string | number)[],
  bodyOf = (id: unknown) => `n${id}`,
): void {
  for (const id of ids) say(target, session, id, bodyOf(id));
}

/** Bodies that are all different. */
function counter(): () => string {
  let n = 0;
  return () => {
    n += 1;
    return String(n);
  };
}

const ok = (): string => '{"status":"ok"}';
const ids = (target: Rig): readonly (string | null)[] => target.events().map(({ id }) => id);
const kinds = (target: Rig): readonly string[] => target.diagnoses.map(({ kind }) => kind);

/** A source that was cut behind these ids, and asks to go on behind the last. */
function cutAfter(...said: readonly (string | number)[]): Rig {
  const it_ = rig({ facts: sse });
  open(it_, 1);
  live(it_, 1, said);
  it_.sequencer.sessionEnded(1);
  open(it_, 2, said.at(-1) ?? null);
  return it_;
}

describe('a place that is no id', () => {
  it('is taken at its word: nobody looks, nothing is said to be unproven, and no gap stands over the break', () => {
    for (const opaquePlaces of [true, false]) {
      const target = rig({ facts: { ...unnumbered, resumable: true, comparePlaces: () => null, opaquePlaces } });
      open(target, 1);
      target.sequencer.event(1, event(null, { body: '1' }));
      target.sequencer.token(1, 'c1');
      target.sequencer.flush();
      target.sequencer.sessionEnded(1);
      open(target, 2, 'c1');
      target.sequencer.event(2, event(null, { body: '2' }));
      target.sequencer.token(2, 'c2');
      target.sequencer.flush();
      target.clock.advance(120_000);
      expect(target.looks).toEqual(opaquePlaces ? [] : [2]);
      expect(target.sequencer.resumeUnproven).toBe(opaquePlaces ? null : 'quiet');
      expect(target.gaps()).toEqual([]);
    }
  });
});

describe('promises 9 and 10: ids that count events prove what a server did not send again', () => {
  const missed = ':31-45 lost not-resumed';

  it('promise 9: a jump over a break is a gap of known size, told before what comes, and the server named', () => {
    const it_ = cutAfter(...upTo(30));
    expect(it_.gaps()).toEqual([]);
    live(it_, 2, upTo(60, 46));
    expect(it_.gaps()).toEqual([missed]);
    expect(it_.steps.find(({ gaps }) => gaps.length > 0)?.events[0]?.id).toBe('46');
    expect(it_.sequencer.counters).toMatchObject({ lost: 15, lostUnknown: 0 });
    expect(it_.diagnoses).toEqual([{ kind: 'did-not-resume', stream: 's', asked: '30', got: '46' }]);
    // It does so again.
    it_.sequencer.sessionEnded(2);
    open(it_, 3, 60);
    live(it_, 3, [62]);
    expect(it_.gaps()).toEqual([missed, ':61-61 lost not-resumed']);
  });

  it('promise 9: ten in a row are enough, nine are not, and a row that was broken once must be twice as long', () => {
    for (const [said, lost] of [
      [upTo(10), 4],
      [upTo(9), 0],
      [[...upTo(3), ...upTo(23, 5)], 0],
      [[...upTo(3), ...upTo(24, 5)], 4],
    ] as const) {
      const it_ = cutAfter(...said);
      live(it_, 2, [(said.at(-1) ?? 0) + 5]);
      expect(it_.sequencer.counters.lost).toBe(lost);
    }
  });

  it('promise 9: also over a restart of ours, from the ids that were stored', () => {
    const first = rig({ facts: sse });
    open(first, 1);
    live(first, 1, upTo(30));
    const it_ = rig({ facts: sse, restored: first.checkpoint() });
    open(it_, 1, 30);
    live(it_, 1, [46, 47]);
    expect(it_.gaps()).toEqual([missed]);
  });

  it('promise 10: no gap where ids only grow, where too few were in a row, where it goes on, or where a place had no event', () => {
    const even = upTo(30).map((n) => n * 2);
    const few = [...upTo(9), ...upTo(20, 18)];
    const holes = [...upTo(15), ...upTo(32, 20)];
    for (const said of [even, few, holes]) {
      const it_ = cutAfter(...said);
      live(it_, 2, [(said.at(-1) ?? 0) + 15, (said.at(-1) ?? 0) + 16]);
      expect(it_.gaps()).toEqual([]);
      expect(it_.diagnoses).toEqual([]);
    }
    const goesOn = cutAfter(...upTo(30));
    burst(goesOn, 2, upTo(40, 30));
    expect(ids(goesOn)).toEqual(upTo(40).map(String));
    expect(goesOn.gaps()).toEqual([]);
    const silent = rig({ facts: sse });
    open(silent, 1);
    live(silent, 1, upTo(30));
    for (const place of [31, 32, 33]) silent.sequencer.token(1, String(place));
    silent.sequencer.sessionEnded(1);
    open(silent, 2, 33);
    live(silent, 2, [34]);
    expect(silent.gaps()).toEqual([]);
  });

  it('promise 10: where the break has a gap of its own, there is no second one', () => {
    const it_ = rig({ facts: sse });
    open(it_, 1);
    live(it_, 1, upTo(30));
    it_.sequencer.sessionEnded(1);
    it_.sequencer.sessionOpened(2, { polls: false, resumedFrom: '30' });
    it_.sequencer.answered(2, '45');
    live(it_, 2, [46]);
    expect(it_.gaps()).toEqual([':0-? lost no-replay']);
  });
});

describe('promise 9: what ids that count said was missing, and what comes of it after all', () => {
  const gap = (from: number, to: number, status: string): string => `:${from}-${to} ${status} not-resumed`;

  it('promise 9: what came live comes again in its turn of the backlog, and is left out', () => {
    const it_ = cutAfter(...upTo(20));
    burst(it_, 2, [31, ...upTo(25, 21), 32, ...upTo(32, 26), 33, 34]);
    expect(ids(it_)).toEqual([...upTo(20), 31, ...upTo(25, 21), 32, ...upTo(30, 26), 33, 34].map(String));
    expect(it_.sequencer.counters).toMatchObject({ delivered: 34, repeated: 2, lost: 0 });
    expect(it_.gaps().every((text) => text.includes('filled'))).toBe(true);
    // Another body under a number that came is a change.
    say(it_, 2, 34, 'other');
    expect(it_.sequencer.counters.delivered).toBe(35);
    expect(it_.sequencer.resumePoint().token).toBe('34');
  });

  it('promise 9: a live event first and the backlog behind it: nothing is lost, and its gap is told filled', () => {
    for (const flushed of [true, false]) {
      const it_ = cutAfter(...upTo(30));
      live(it_, 2, [41]);
      expect(it_.gaps()).toEqual([gap(31, 40, 'lost')]);
      expect(it_.sequencer.counters.lost).toBe(10);
      expect(kinds(it_)).toEqual(['did-not-resume']);
      if (flushed) burst(it_, 2, upTo(40, 31));
      else {
        for (const id of upTo(40, 31)) it_.sequencer.event(2, event(null, { id: String(id), body: `n${id}` }));
        it_.sequencer.token(2, '40');
        it_.sequencer.flush();
      }
      expect(ids(it_)).toEqual([...upTo(30), 41, ...upTo(40, 31)].map(String));
      expect(it_.events().flatMap(({ id, late }) => (late ? [Number(id)] : []))).toEqual(upTo(40, 31));
      expect(it_.gaps()).toEqual([gap(31, 40, 'filled')]);
      expect(it_.sequencer.counters).toMatchObject({ lost: 0, lostUnknown: 0, late: 10, delivered: 41 });
      // It did resume: what was said of it is taken back.
      expect(it_.takenBack).toBe(1);
      live(it_, 2, [42, 43]);
      expect(it_.sequencer.resumePoint().token).toBe('43');
      // And what it does the next time is said again.
      it_.sequencer.sessionEnded(2);
      open(it_, 3, 43);
      live(it_, 3, [46]);
      expect(it_.gaps()).toEqual([gap(31, 40, 'filled'), gap(44, 45, 'lost')]);
      expect(kinds(it_)).toEqual(['did-not-resume', 'did-not-resume']);
    }
  });

  it('promise 9: as far as it comes: what remains is lost, and may come over a further break', () => {
    const it_ = cutAfter(...upTo(30));
    live(it_, 2, [41]);
    burst(it_, 2, [33, 34, 35]);
    expect(it_.gaps()).toEqual([gap(31, 32, 'lost'), gap(36, 40, 'lost')]);
    expect(it_.sequencer.counters).toMatchObject({ lost: 7, lostUnknown: 0 });
    expect(it_.takenBack).toBe(0);
    it_.sequencer.sessionEnded(2);
    open(it_, 3, 35);
    burst(it_, 3, upTo(42, 36));
    expect(it_.gaps()).toEqual([gap(31, 32, 'lost'), gap(34, 40, 'filled')]);
    expect(it_.sequencer.counters).toMatchObject({ lost: 2, lostUnknown: 0, repeated: 1 });
    expect(ids(it_).slice(30)).toEqual([41, ...upTo(40, 33), 42].map(String));
  });

  it('promise 9: live events between those of the backlog, and a cut in it behind which it goes on too far', () => {
    const it_ = cutAfter(...upTo(30));
    live(it_, 2, [41]);
    burst(it_, 2, [31, 32, 42, 33, 43, 34, 35]);
    expect(it_.gaps()).toEqual([gap(36, 40, 'lost')]);
    it_.sequencer.sessionEnded(2);
    open(it_, 3, 35);
    live(it_, 3, [47]);
    expect(it_.gaps()).toEqual([gap(36, 40, 'lost'), gap(44, 46, 'lost')]);
    expect(it_.sequencer.counters.lost).toBe(8);
  });

  it('promise 9: numbers that begin anew fill nothing', () => {
    const it_ = cutAfter(...upTo(30));
    live(it_, 2, [41, 42]);
    live(it_, 2, upTo(45), (id) => `anew ${id}`);
    expect(it_.gaps()).toEqual([gap(31, 40, 'lost'), ':0-? lost epoch-changed']);
    expect(it_.sequencer.counters).toMatchObject({ lost: 10, lostUnknown: 1, late: 0 });
    // Nor over a break, where it goes on behind the place.
    const other = cutAfter(...upTo(30));
    live(other, 2, [41, 42]);
    other.sequencer.sessionEnded(2);
    open(other, 3, 42);
    live(other, 3, upTo(45, 31), (id) => `anew ${id}`);
    expect(other.gaps()).toEqual([gap(31, 40, 'lost'), ':0-? lost no-replay']);
    expect(other.sequencer.counters.lost).toBe(10);
    // What the new numbering passes over and brings is its own.
    const again = cutAfter(...upTo(30));
    again.clock.advance(100_000);
    live(again, 2, [141]);
    live(again, 2, upTo(60), (id) => `anew ${id}`);
    again.sequencer.sessionEnded(2);
    open(again, 3, 60);
    live(again, 3, [81], (id) => `anew ${id}`);
    burst(again, 3, upTo(80, 61), (id) => `anew ${id}`);
    expect(again.gaps()).toEqual([gap(31, 140, 'lost'), ':0-? lost epoch-changed', gap(61, 80, 'filled')]);
    expect(again.sequencer.counters).toMatchObject({ lost: 110, lostUnknown: 1, late: 20 });
    expect(again.takenBack).toBe(1);
  });

  it('promise 9: not more of them are kept than a bound', () => {
    const it_ = cutAfter(...upTo(30));
    it_.clock.advance(200_000);
    live(it_, 2, [230]);
    burst(
      it_,
      2,
      upTo(100).map((n) => 29 + 2 * n),
    );
    const { lost } = it_.sequencer.counters;
    expect(lost).toBeGreaterThan(0);
    const told = it_.gaps().filter((each) => each.includes(' lost not-resumed'));
    const sizes = told.map((each) => each.slice(1).split(/[- ]/).map(Number));
    expect(sizes.reduce((sum, [from = 0, to = 0]) => sum + to - from + 1, 0)).toBe(lost);
    // All that is remembered comes: what was forgotten is lost all the same, and so it did not resume.
    burst(
      it_,
      2,
      sizes.slice(-32).map(([from = 0]) => from),
    );
    expect(it_.sequencer.counters).toMatchObject({ lost: lost - 32, lostUnknown: 0 });
    expect(it_.takenBack).toBe(0);
  });
});

describe('promise 22: how many events a jump of ids stands for is a number only where so many may have come meanwhile', () => {
  const unknown = ':0-? lost not-resumed';

  it('promise 22: two servers behind one address count each for itself: what a change between them cost is not known', () => {
    const it_ = cutAfter(...upTo(12));
    live(it_, 2, upTo(5_030, 5_001));
    expect(it_.gaps()).toEqual([unknown]);
    expect(it_.sequencer.counters).toMatchObject({ lost: 0, lostUnknown: 1 });
    expect(it_.diagnoses).toEqual([{ kind: 'did-not-resume', stream: 's', asked: '12', got: '5001' }]);
    expect(it_.steps.find(({ gaps }) => gaps.length > 0)?.events[0]?.id).toBe('5001');
    // And back, and forth again: no event of the one is one that the other left out.
    it_.sequencer.sessionEnded(2);
    open(it_, 3, 5_030);
    live(it_, 3, upTo(40, 15));
    it_.sequencer.sessionEnded(3);
    open(it_, 4, 40);
    live(it_, 4, [5_050, 5_051]);
    expect(it_.gaps()).toEqual([unknown, ':0-? lost no-replay', unknown]);
    expect(it_.sequencer.counters).toMatchObject({ lost: 0, lostUnknown: 3, late: 0 });
  });

  it('promise 22: the pace of the feed and the length of the break say how many may have come', () => {
    for (const [paceMs, breakMs, jump, known] of [
      [1_000, 60_000, 60, true],
      [1_000, 60_000, 500, false],
      [5, 10_000, 2_000, true],
      [5, 1_000, 5_000, false],
      [60_000, 3_600_000, 60, true],
      [60_000, 5_000, 60, false],
      [1_000, 28_800_000, 28_800, true],
    ] as const) {
      const it_ = rig({ facts: sse });
      // What comes in one go at the beginning is no pace.
      open(it_, 1);
      burst(it_, 1, upTo(1_000));
      const end = 1_000 + Math.max(20, Math.ceil(25_000 / paceMs));
      for (const id of upTo(end, 1_001)) {
        it_.clock.advance(paceMs);
        say(it_, 1, id, `n${id}`);
      }
      it_.sequencer.sessionEnded(1);
      it_.clock.advance(breakMs);
      open(it_, 2, end);
      burst(it_, 2, [end + jump + 1]);
      const gap = known ? `:${end + 1}-${end + jump} lost not-resumed` : unknown;
      expect([paceMs, breakMs, it_.gaps()]).toEqual([paceMs, breakMs, [gap]]);
      // A break is no part of the pace.
      it_.sequencer.sessionEnded(2);
      open(it_, 3, end + jump + 1);
      it_.clock.advance(breakMs);
      burst(it_, 3, [end + 2 * jump + 2]);
      expect([paceMs, breakMs, it_.gaps().length, it_.sequencer.counters.lost]).toEqual([
        paceMs,
        breakMs,
        2,
        known ? 2 * jump : 0,
      ]);
    }
  });

  it('promise 22: what was of unknown size and comes whole after all had that size, and is filled', () => {
    const it_ = cutAfter(...upTo(30));
    live(it_, 2, [501]);
    expect(it_.gaps()).toEqual([unknown]);
    burst(it_, 2, [200, ...upTo(199, 31), ...upTo(499, 201)]);
    expect(it_.gaps()).toEqual([unknown]);
    burst(it_, 2, [500]);
    expect(it_.gaps()).toEqual([':31-500 filled not-resumed']);
    expect(it_.sequencer.counters).toMatchObject({ lost: 0, lostUnknown: 0, late: 470 });
    expect(it_.takenBack).toBe(1);
  });

  it('promise 22: over a restart of ours nobody knows how long it was, nor how fast: only a small jump is a number', () => {
    const first = rig({ facts: sse });
    open(first, 1);
    live(first, 1, upTo(30));
    const it_ = rig({ facts: sse, restored: first.checkpoint() });
    open(it_, 1, 30);
    live(it_, 1, [600]);
    expect(it_.gaps()).toEqual([unknown]);
  });
});

describe('promises 2 and 8: what is new is no repeat, though it looks like one', () => {
  const anew = [':0-? lost epoch-changed'];

  it('promise 2: ids that begin anew under equal bodies at the pace of the feed are new, and a new beginning', () => {
    const it_ = rig({ facts: sse });
    open(it_, 1);
    live(it_, 1, upTo(30), ok);
    it_.sequencer.sessionEnded(1);
    open(it_, 2, 30);
    live(it_, 2, upTo(40), ok);
    expect(ids(it_)).toEqual([...upTo(30), ...upTo(40)].map(String));
    expect(it_.gaps()).toEqual(anew);
    expect(it_.sequencer.counters.repeated).toBe(0);
    expect(kinds(it_)).toContain('ids-went-back');
    expect(it_.sequencer.resumePoint().token).toBe('40');
    // The gap stands before the first of them.
    expect(it_.steps.find(({ gaps }) => gaps.length > 0)?.events[0]?.id).toBe('1');
  });

  it('promise 2: the same of a slow feed, of a fast one, and over a restart of ours', () => {
    for (const paceMs of [100, 12_000]) {
      const it_ = rig({ facts: sse });
      const pace = (session: number, count: number): void => {
        for (const id of upTo(count)) {
          it_.clock.advance(paceMs);
          say(it_, session, id, ok());
        }
      };
      open(it_, 1);
      pace(1, 60);
      it_.sequencer.sessionEnded(1);
      open(it_, 2, 60);
      pace(2, 60);
      expect(it_.events().length).toBe(120);
      expect(it_.gaps()).toEqual(anew);
    }
    const first = rig({ facts: sse });
    open(first, 1);
    live(first, 1, upTo(30), ok);
    const it_ = rig({ facts: sse, restored: first.checkpoint() });
    open(it_, 1, 30);
    live(it_, 1, upTo(30), ok);
    expect(it_.events().length).toBe(30);
  });

  it('promise 2: a replay comes in one go, and is one, also with a pause in it and where it reaches the place late', () => {
    for (const pauseMs of [0, 4_000, 20_000]) {
      const it_ = rig({ facts: sse });
      open(it_, 1);
      live(it_, 1, upTo(30), ok);
      it_.sequencer.sessionEnded(1);
      open(it_, 2, 30);
      it_.clock.advance(300);
      burst(it_, 2, upTo(12), ok);
      it_.clock.advance(pauseMs);
      burst(it_, 2, upTo(33, 13), ok);
      expect(ids(it_)).toEqual(upTo(33).map(String));
      expect(it_.gaps()).toEqual([]);
      expect(it_.sequencer.counters.repeated).toBe(30);
    }
  });

  it('promise 2: events that say the same as before, one by one and at their pace, are new after a while', () => {
    const it_ = cutAfter(...upTo(30));
    live(it_, 2, upTo(6));
    expect(it_.events().length).toBe(30);
    live(it_, 2, upTo(20, 7));
    expect(ids(it_)).toEqual([...upTo(30), ...upTo(20)].map(String));
    expect(it_.gaps()).toEqual(anew);
  });

  it('promise 8: what looked like a replay is new once another body shows that it is none', () => {
    const it_ = cutAfter(...upTo(30));
    burst(it_, 2, [1, 2]);
    burst(it_, 2, [3, 4], () => 'another');
    expect(ids(it_)).toEqual([...upTo(30), ...upTo(4)].map(String));
    expect(it_.sequencer.counters.repeated).toBe(0);
    expect(it_.gaps()).toEqual([':0-? lost no-replay']);
  });

  it('promise 8: ids that go back inside one session are said, with a gap', () => {
    const it_ = rig({ facts: sse });
    open(it_, 1);
    live(it_, 1, [1, 2, 3, 4, 5, 3, 4, 5, 6, 7, 1, 2, 3], counter());
    expect(it_.events().length).toBe(13);
    expect(kinds(it_)).toEqual(['ids-went-back']);
    expect(it_.diagnoses).toEqual([{ kind: 'ids-went-back', stream: 's', from: '5', to: '3' }]);
    expect(it_.sequencer.counters.lostUnknown).toBe(2);
    expect(it_.steps.find(({ gaps }) => gaps.length > 0)?.events[0]?.body).toBe('6');
  });

  it('promise 8: not of things that report in turn: at most once, and not of the same again', () => {
    const it_ = rig({ facts: sse });
    open(it_, 1);
    const body = counter();
    for (let round = 0; round < 6; round += 1) live(it_, 1, upTo(8), body);
    expect(it_.sequencer.counters.lostUnknown).toBeLessThanOrEqual(1);
    const same = rig({ facts: sse });
    open(same, 1);
    live(same, 1, [...upTo(8), ...upTo(8, 6)]);
    expect(same.events().length).toBe(11);
    expect(same.gaps()).toEqual([]);
  });
});

describe('promise 2: a feed that sends its current state at each connect', () => {
  it('promise 2: what a reconnect brings at its beginning, with an id and a body that were had, is a repeat from the first time on', () => {
    // A ladder with other rungs than SSE shows only with its first id that it can go on.
    for (const facts of [sse, { ...sse, resumable: false }]) {
      for (const state of [[41], [40, 41], [41, 40], ['b', 'a']]) {
        const it_ = rig({ facts });
        for (let session = 1; session < 5; session += 1) {
          open(it_, session, session === 1 ? null : (state.at(-1) ?? null));
          burst(it_, session, state);
          it_.clock.advance(3_000);
          it_.sequencer.sessionEnded(session);
        }
        expect(ids(it_)).toEqual(state.map(String));
        expect(it_.gaps()).toEqual([]);
        expect(it_.sequencer.counters).toMatchObject({ repeated: 3 * state.length, lostUnknown: 0 });
        // And what is new behind it is new.
        open(it_, 5, state.at(-1) ?? null);
        burst(it_, 5, [...state, 'c-9']);
        expect(it_.events().length).toBe(state.length + 1);
      }
    }
  });
});

describe('promise 9: ids that prove nothing', () => {
  const unproven = (target: Rig): number => target.sequencer.counters.resumesUnproven;

  it('promise 9: breaks of which nothing shows that nothing was lost are counted, also over the next connection', () => {
    const redis = (n: number): string => `${1_700_000_000_000 + n * 200}-0`;
    const wikimedia = (n: number): string => JSON.stringify([{ topic: 'a', partition: 0, offset: n }]);
    const snowflake = (n: number): string => String(1_700_000_000_000 + n * 4_194);
    for (const name of [redis, wikimedia, snowflake]) {
      const it_ = cutAfter(...upTo(20).map(name));
      expect(unproven(it_)).toBe(0);
      live(it_, 2, [25, 26].map(name));
      expect(it_.sequencer.resumeUnproven).toBe('speaking');
      expect(unproven(it_)).toBe(1);
      it_.sequencer.sessionEnded(2);
      open(it_, 3, name(26));
      live(it_, 3, [30].map(name));
      expect(unproven(it_)).toBe(2);
      // Order alone makes no gap.
      expect(it_.gaps()).toEqual([]);
      expect(it_.sequencer.counters).toMatchObject({ lost: 0, lostUnknown: 0 });
    }
  });

  it('promise 9: not where the place comes again, the next number comes, the answer names the place, or a gap is told', () => {
    const next = cutAfter(3, 9, 14);
    live(next, 2, [15]);
    const gap = cutAfter(...upTo(30));
    live(gap, 2, [46]);
    const again = cutAfter('e-7', 'a-1');
    burst(again, 2, ['b-9']);
    expect(unproven(again)).toBe(1);
    burst(again, 2, ['e-7', 'a-1', 'b-9']);
    const named = cutAfter('e-7', 'a-1');
    named.sequencer.sessionEnded(2);
    named.sequencer.sessionOpened(3, { polls: false, resumedFrom: 'a-1' });
    named.sequencer.answered(3, 'a-1');
    burst(named, 3, ['b-9']);
    for (const it_ of [next, gap, again, named]) {
      expect(unproven(it_)).toBe(0);
      expect(it_.sequencer.resumeUnproven).toBeNull();
    }
  });

  it('promise 9: nor where the connection before it is still open: nothing broke', () => {
    const it_ = rig({ facts: sse });
    open(it_, 1);
    live(it_, 1, ['e-7', 'a-1']);
    open(it_, 2, 'a-1');
    live(it_, 2, ['b-9']);
    it_.sequencer.sessionEnded(1);
    live(it_, 2, ['d-4']);
    expect(unproven(it_)).toBe(0);
  });

  it('promise 9: an id that all events have in common is no place: a break leaves a gap', () => {
    const it_ = rig({ facts: sse });
    open(it_, 1);
    const body = counter();
    live(
      it_,
      1,
      upTo(12).map(() => '0'),
      body,
    );
    it_.sequencer.sessionEnded(1);
    open(it_, 2, 0);
    expect(it_.gaps()).toEqual([':0-? lost no-replay']);
    live(it_, 2, ['0', '0'], body);
    expect(it_.events().length).toBe(14);
    expect(it_.sequencer.counters.repeated).toBe(0);
  });

  it('promise 10: ids that name things are no places: each break leaves a gap, and no change is a repeat', () => {
    for (const bodyOf of [counter(), ok]) {
      const it_ = rig({ facts: sse });
      open(it_, 1);
      live(it_, 1, ['a', 'b', 'c', 'a', 'c', 'b', 'a', 'b', 'c'], bodyOf);
      it_.sequencer.sessionEnded(1);
      open(it_, 2, 'c');
      expect(it_.gaps()).toEqual([':0-? lost no-replay']);
      live(it_, 2, ['a', 'b'], bodyOf);
      expect(it_.events()).toHaveLength(11);
      expect(it_.sequencer.counters).toMatchObject({ repeated: 0, lostUnknown: 1 });
      expect(it_.sequencer.resumeUnproven).toBeNull();
    }
  });

  it('promise 9: what a thing says once more proves no resume, also where its id is not known well enough to be none', () => {
    const it_ = rig({ facts: sse });
    open(it_, 1);
    live(it_, 1, ['a', 'b', 'c', 'a'], counter());
    it_.sequencer.sessionEnded(1);
    open(it_, 2, 'a');
    live(it_, 2, ['a'], () => '4');
    expect(it_.sequencer.counters.resumesUnproven).toBe(1);
  });

  it('promise 10: but ids that began anew once are places again as soon as new ones come', () => {
    const it_ = rig({ facts: sse });
    open(it_, 1);
    live(it_, 1, [...upTo(8), ...upTo(40)], counter());
    const before = it_.gaps().length;
    it_.sequencer.sessionEnded(1);
    open(it_, 2, 40);
    live(it_, 2, [41]);
    expect(it_.gaps()).toHaveLength(before);
  });

  it('promise 9: a batch under one id may have been cut: that the next id comes proves nothing', () => {
    const it_ = cutAfter(1, 1, 2, 2, 3, 3, 4);
    live(it_, 2, [5, 5]);
    expect(it_.sequencer.counters.resumesUnproven).toBe(1);
    // What is left of the batch is no repeat.
    const rest = cutAfter(1, 1, 2, 2, 3, 3, 4);
    live(rest, 2, [4, 5], (id) => `rest of ${id}`);
    expect(rest.events()).toHaveLength(9);
  });

  it('promise 9: where ids cannot be compared, nothing shows that it resumed: that is said while it goes on', () => {
    const it_ = cutAfter('e-7', 'a-1', 'c-3');
    expect(it_.sequencer.resumeUnproven).toBeNull();
    live(it_, 2, ['b-9', 'f-2']);
    expect(it_.sequencer.resumeUnproven).toBe('speaking');
    it_.clock.advance(60_000);
    expect(it_.looks).toEqual([]);
    expect(it_.gaps()).toEqual([]);
    it_.sequencer.sessionEnded(2);
    expect(it_.sequencer.resumeUnproven).toBeNull();
    // The event of the place itself proves it, and so does the answer's own header.
    const proven = cutAfter('e-7', 'a-1', 'c-3');
    burst(proven, 2, ['c-3', 'b-9']);
    expect(proven.sequencer.resumeUnproven).toBeNull();
    expect(ids(proven)).toEqual(['e-7', 'a-1', 'c-3', 'b-9']);
  });
});
