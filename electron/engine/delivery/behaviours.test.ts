import { describe, expect, it } from 'vitest';
import { attach, checkpointAfter, event, type Rig, rig, upTo } from './testing/harness';

describe('resuming', () => {
  it('behaviour 17: cursor and events move in one step, so that neither runs ahead of the other', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 2, 5, 4);
    it_.feed(1, 3, 6);
    let delivered = 0;
    for (const step of it_.steps) {
      delivered += step.events.length;
      expect(step.checkpoint.positions.s?.seq).toBe(delivered);
    }
    // What was held but not delivered comes again after a restart at that step, and nothing else does.
    const crashed = rig({ restored: checkpointAfter(it_.steps.slice(0, 2)) });
    attach(crashed, 2, 6);
    crashed.feed(1, 3, 4, 5, 6);
    expect(crashed.numbers()).toEqual([3, 4, 5, 6]);
    expect(crashed.events()[0]?.ordinal).toBe(3);
  });

  it('behaviour 18: a new epoch gives a gap and a snapshot, and its smaller numbers are no duplicates', () => {
    const it_ = rig();
    attach(it_, 100);
    it_.feed(1, 101, 102);
    it_.sequencer.sessionEnded(1);
    it_.sequencer.cannotResume(2, {
      stream: 's',
      epoch: 'b',
      cause: 'epoch-changed',
      requested: { epoch: 'a', seq: 102 },
      oldest: 1,
      head: 2,
    });
    attach(it_, 2, 2, 2, 'b');
    for (const seq of [3, 4]) it_.sequencer.event(2, event(seq, { epoch: 'b' }));
    it_.sequencer.flush();
    expect(it_.gaps()).toContain('a:103-? lost epoch-changed');
    expect(it_.snapshots).toContain('s');
    expect(it_.epochs).toEqual([{ stream: 's', from: 'a', to: 'b' }]);
    // The new numbering began without us: its beginning is asked for.
    expect(it_.repairs.at(-1)).toMatchObject({ after: { epoch: 'b', seq: 0 }, to: 2 });
    for (const seq of [1, 2]) it_.sequencer.event(2, event(seq, { epoch: 'b' }));
    it_.sequencer.flush();
    expect(it_.numbers()).toEqual([101, 102, 1, 2, 3, 4]);
    expect(it_.checkpoint()?.resume.positions.s).toEqual({ epoch: 'b', seq: 4 });
  });

  it('behaviour 18: an old offset in a new epoch is never taken from an event', () => {
    const it_ = rig();
    attach(it_, 100);
    it_.feed(1, 101);
    it_.sequencer.event(1, event(102, { epoch: 'b' }));
    it_.sequencer.event(1, event(103, { epoch: 'b' }));
    it_.sequencer.flush();
    expect(it_.numbers()).toEqual([101]);
    expect(it_.reattaches.length).toBe(1);
    expect(it_.sequencer.resumePoint().positions.s).toEqual({ epoch: 'a', seq: 101 });
  });

  it('behaviour 18: adopting loses the open gaps and holes of the old epoch and ends its repairs', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 3);
    it_.clock.advance(11_000);
    it_.feed(1, 6);
    it_.clock.advance(300);
    const running = it_.repairs.at(-1)?.ref ?? '';
    attach(it_, 0, 0, 2, 'b');
    expect(it_.ended).toContain(running);
    expect(it_.numbers()).toEqual([1, 3, 6]);
    expect(it_.gaps()).toEqual(['a:2-2 lost epoch-changed', 'a:4-5 lost epoch-changed', 'a:7-? lost epoch-changed']);
    expect(it_.checkpoint()?.openGaps).toEqual([]);
  });

  it('behaviour 18: A→B→A within a minute: instances do not share a log, and nothing of A repeats', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 2, 3);
    attach(it_, 0, 0, 2, 'b');
    it_.clock.advance(5_000);
    attach(it_, 0, 5, 3, 'a');
    it_.feed(3, 1, 2, 3, 4, 5);
    expect(it_.diagnoses).toMatchObject([{ kind: 'instances-do-not-share-a-log', stream: 's' }]);
    expect(it_.numbers()).toEqual([1, 2, 3, 4, 5]);
  });

  it('promise 5: epochs are remembered across a restart: a → b → restart → a delivers nothing again, and says so', () => {
    const first = rig();
    attach(first, 0);
    first.feed(1, ...upTo(5));
    attach(first, 0, 2, 2, 'b');
    for (const seq of [1, 2]) first.sequencer.event(2, event(seq, { epoch: 'b' }));
    first.sequencer.flush();
    first.clock.advance(5_000);
    const it_ = rig({ restored: first.checkpoint(), clock: first.clock });
    attach(it_, 0, 7);
    it_.feed(1, ...upTo(7));
    expect(it_.numbers()).toEqual([6, 7]);
    expect(it_.diagnoses).toMatchObject([{ kind: 'instances-do-not-share-a-log', epochs: ['a', 'b'] }]);
    // Bounded, and what goes is the oldest.
    const many = rig({ limits: { pastEpochs: 2 } });
    for (const [session, epoch] of ['a', 'b', 'c', 'd'].entries()) attach(many, 1, 1, session + 1, epoch);
    expect(many.checkpoint()?.pastEpochs.map(({ epoch }) => epoch)).toEqual(['b', 'c']);
  });

  /** Left an epoch with a gap, a hole that held back 6, and an end that nobody knows. */
  function left(): Rig {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 3);
    it_.clock.advance(11_000);
    it_.feed(1, 6);
    attach(it_, 0, 0, 2, 'b');
    expect(it_.gaps()).toEqual(['a:2-2 lost epoch-changed', 'a:4-5 lost epoch-changed', 'a:7-? lost epoch-changed']);
    expect(it_.sequencer.counters).toMatchObject({ lost: 3, lostUnknown: 1, gapsOpen: 0 });
    return it_;
  }
  const ofA = (it_: Rig): readonly string[] => it_.gaps().filter((gap) => gap.startsWith('a:'));
  const idsOfA = (it_: Rig): number =>
    new Set(it_.steps.flatMap(({ gaps }) => gaps.flatMap(({ id, epoch }) => (epoch === 'a' ? [id] : [])))).size;

  it('behaviour 18: what an epoch owed when it was left is asked for when it comes back, under the same gaps', () => {
    const it_ = left();
    attach(it_, 9, 9, 3, 'a');
    expect(ofA(it_)).toEqual(['a:2-2 open epoch-changed', 'a:4-5 open epoch-changed', 'a:7-9 open epoch-changed']);
    // What is lost is the end of the other one.
    expect(it_.sequencer.counters).toMatchObject({ lost: 0, lostUnknown: 1, gapsOpen: 3 });
    expect(it_.checkpoint()?.openGaps).toHaveLength(3);
    expect(it_.repairs.at(-1)).toMatchObject({ after: { epoch: 'a' } });
    it_.feed(3, ...upTo(9), 10);
    expect(it_.numbers()).toEqual([1, 3, 6, -2, -4, -5, 7, 8, 9, 10]);
    expect(ofA(it_)).toEqual([
      'a:2-2 filled epoch-changed',
      'a:4-5 filled epoch-changed',
      'a:7-9 filled epoch-changed',
    ]);
    expect(it_.sequencer.counters).toMatchObject({ lost: 0, lostUnknown: 1, gapsOpen: 0 });
    expect(idsOfA(it_)).toBe(3);
  });

  it('behaviour 18: the end of an epoch that goes on where it was left cost nothing, and says so at once', () => {
    for (const from of [3, 0]) {
      const it_ = rig();
      attach(it_, 0);
      it_.feed(1, 1, 2, 3);
      attach(it_, 0, 0, 2, 'b');
      attach(it_, from, 5, 3, 'a');
      expect(ofA(it_)).toEqual(['a:4-? filled epoch-changed']);
      it_.feed(3, ...upTo(5, from + 1));
      expect(it_.numbers()).toEqual(upTo(5));
      expect(it_.sequencer.counters).toMatchObject({ lost: 0, lostUnknown: 1 });
      expect(idsOfA(it_)).toBe(1);
      // And once more: it is the same gap again, or another one, and never two for one.
      attach(it_, 0, 0, 4, 'b');
      attach(it_, 8, 8, 5, 'a');
      it_.feed(5, 6, 7, 8);
      expect(it_.numbers()).toEqual(upTo(8));
      expect(it_.gaps().filter((gap) => gap.includes(' open '))).toEqual([]);
      expect(it_.sequencer.counters).toMatchObject({ lost: 0, lostUnknown: 1 });
    }
    // A log that has less than it had is another one.
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 2, 3);
    attach(it_, 0, 0, 2, 'b');
    attach(it_, 1, 1, 3, 'a');
    expect(ofA(it_)).toEqual(['a:4-? lost epoch-changed']);
  });

  it('behaviour 18: what the server had named, and nobody sent yet, comes once when the epoch is back', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 2, 3);
    it_.sequencer.heartbeat(1, 's', 'a', 5);
    it_.sequencer.flush();
    it_.clock.advance(300);
    attach(it_, 0, 0, 2, 'b');
    expect(ofA(it_)).toEqual(['a:4-5 lost epoch-changed', 'a:6-? lost epoch-changed']);
    attach(it_, 3, 5, 3, 'a');
    it_.feed(3, 4, 5, 6);
    expect(it_.numbers()).toEqual(upTo(6));
    expect(ofA(it_)).toEqual(['a:4-5 filled epoch-changed', 'a:6-? filled epoch-changed']);
    expect(it_.sequencer.counters).toMatchObject({ lost: 0, lostUnknown: 1, gapsOpen: 0 });
  });

  it('behaviour 18: what the epoch that came back no longer has is lost, for that reason', () => {
    const it_ = left();
    attach(it_, 9, 9, 3, 'a');
    const answers: string[] = [];
    for (let round = 0; round < 20 && it_.sequencer.counters.gapsOpen > 0; round += 1) {
      const { ref, stream, after, to } = it_.repairs.findLast((each) => !answers.includes(each.ref)) ?? {};
      if (ref !== undefined && stream !== undefined && after !== undefined && to !== undefined) {
        answers.push(ref);
        it_.sequencer.replayed(3, { ref, stream, epoch: 'a', after: after.seq, to, missing: true, oldest: 9 });
      }
      it_.sequencer.flush();
      it_.clock.advance(1_000);
      if (round === 10) it_.feed(3, 9);
    }
    expect(ofA(it_).filter((gap) => !gap.includes('filled'))).toEqual([
      'a:2-2 lost retention',
      'a:4-5 lost retention',
      'a:7-8 lost retention',
    ]);
    expect(it_.sequencer.counters).toMatchObject({ lost: 5, lostUnknown: 1 });
  });

  it('behaviour 18: the same over a restart of ours, with and without what an older version stored', () => {
    const before = left();
    const stored = before.checkpoint();
    const it_ = rig({ restored: stored, clock: before.clock });
    attach(it_, 9, 9, 1, 'a');
    it_.feed(1, ...upTo(9));
    expect(it_.numbers()).toEqual([-2, -4, -5, 7, 8, 9]);
    expect(ofA(it_)).toEqual([
      'a:2-2 filled epoch-changed',
      'a:4-5 filled epoch-changed',
      'a:7-9 filled epoch-changed',
    ]);
    // Counted by the run before: what is taken back is taken from its sum.
    expect(it_.sequencer.counters).toMatchObject({ lost: -3, lostUnknown: 0 });
    const older = stored && {
      ...stored,
      pastEpochs: stored.pastEpochs.map(({ stream, epoch, cursor, leftAt }) => ({ stream, epoch, cursor, leftAt })),
    };
    const old = rig({ restored: older, clock: before.clock });
    attach(old, 9, 9, 1, 'a');
    expect(ofA(old)).toEqual(['a:7-9 open missed']);
  });

  it('behaviour 18: what the journal never took of an epoch stays lost when it comes back', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, ...upTo(5));
    const stored = it_.checkpoint();
    it_.feed(1, 6, 7);
    attach(it_, 0, 0, 2, 'b');
    it_.sequencer.reopenSince(stored);
    attach(it_, 7, 9, 3, 'a');
    it_.feed(3, 8, 9);
    expect(ofA(it_)).toContain('a:6-? lost epoch-changed');
    expect(ofA(it_)).toContain('a:8-? filled epoch-changed');
  });

  it('behaviour 18: of what an epoch owed a bounded part is remembered, its end always', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, ...upTo(100).map((n) => 2 * n - 1));
    it_.clock.advance(300);
    attach(it_, 0, 0, 2, 'b');
    expect(JSON.stringify(it_.checkpoint()?.pastEpochs).length).toBeLessThan(3_000);
    const { lost } = it_.sequencer.counters;
    attach(it_, 199, 199, 3, 'a');
    expect(ofA(it_).at(-1)).toBe('a:200-? filled epoch-changed');
    expect(it_.sequencer.counters.gapsOpen).toBeGreaterThan(0);
    expect(it_.sequencer.counters.lost + it_.sequencer.counters.gapsOpen).toBe(lost);
  });

  it('behaviour 18: a late attach answer of a session that is being replaced changes nothing', () => {
    const it_ = rig();
    attach(it_, 0);
    attach(it_, 0, 0, 2, 'b');
    attach(it_, 0, 0, 1, 'a');
    expect(it_.sequencer.resumePoint().positions.s?.epoch).toBe('b');
    expect(it_.reattaches).toEqual([]);
  });

  it('behaviour 18: a log that lost its end under the same name is another numbering', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, ...upTo(100));
    it_.sequencer.cannotResume(2, {
      stream: 's',
      epoch: 'a',
      cause: 'epoch-changed',
      requested: { epoch: 'a', seq: 100 },
      oldest: 1,
      head: 40,
    });
    attach(it_, 40, 40, 2);
    it_.feed(2, 41, 42);
    expect(it_.gaps()).toEqual(['a:101-? lost epoch-changed']);
    expect(it_.numbers().slice(-2)).toEqual([41, 42]);
  });

  it('behaviour 19: connected, zero events, dropped: resumes from the position at attach', () => {
    const it_ = rig();
    attach(it_, 41, 41);
    it_.sequencer.sessionEnded(1);
    expect(it_.checkpoint()?.resume.positions.s).toEqual({ epoch: 'a', seq: 41 });
    const restarted = rig({ restored: it_.checkpoint() });
    expect(restarted.sequencer.resumePoint().positions.s).toEqual({ epoch: 'a', seq: 41 });
    attach(restarted, 41, 43);
    restarted.feed(1, 42, 43);
    expect(restarted.numbers()).toEqual([42, 43]);
  });

  it('behaviour 20: the cursor is the last whole event; what was cut off comes again', () => {
    const it_ = rig();
    attach(it_, 3);
    it_.feed(1, 4);
    // `id:5⏎data:par` and the end: the parser discards it, so that nothing arrives here.
    it_.sequencer.sessionEnded(1);
    it_.sequencer.flush();
    expect(it_.sequencer.resumePoint().positions.s).toEqual({ epoch: 'a', seq: 4 });
    attach(it_, 4, 5, 2);
    it_.feed(2, 5);
    expect(it_.numbers()).toEqual([4, 5]);
  });

  it('behaviour 21: a cursor that fell out of retention gives a gap with both ends and its cause', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, ...upTo(100));
    it_.sequencer.sessionEnded(1);
    it_.sequencer.cannotResume(2, {
      stream: 's',
      epoch: 'a',
      cause: 'retention',
      requested: { epoch: 'a', seq: 100 },
      oldest: 500,
      head: 501,
    });
    attach(it_, 499, 501, 2);
    it_.feed(2, 500, 501);
    expect(it_.gaps()).toEqual(['a:101-499 lost retention']);
    expect(it_.numbers().slice(-2)).toEqual([500, 501]);
    expect(it_.sequencer.counters.lost).toBe(399);
    expect(it_.snapshots).toEqual(['s']);
    expect(it_.caughtUp).toEqual([1, 2]);
  });

  it('behaviour 21: open gaps below the retention are lost with it', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 3, 4);
    it_.clock.advance(11_000);
    it_.sequencer.sessionEnded(1);
    it_.sequencer.cannotResume(2, {
      stream: 's',
      epoch: 'a',
      cause: 'retention',
      requested: { epoch: 'a', seq: 4 },
      oldest: 10,
      head: 10,
    });
    attach(it_, 9, 10, 2);
    expect(it_.gaps()).toEqual(['a:2-2 lost retention', 'a:5-9 lost retention']);
  });

  it('behaviour 21: a server that begins later without a word is asked', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 2);
    it_.sequencer.sessionEnded(1);
    attach(it_, 5, 6, 2);
    expect(it_.gaps()).toEqual(['a:3-5 open missed']);
    expect(it_.repairs).toMatchObject([{ after: { epoch: 'a', seq: 2 }, to: 5 }]);
    it_.feed(2, 6, 3, 4, 5);
    expect(it_.numbers()).toEqual(upTo(6));
    expect(it_.gaps()).toEqual(['a:3-5 filled missed']);
  });

  it('behaviour 21: a silent replay from the oldest is dropped, not delivered twice', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 2, 3);
    it_.sequencer.sessionEnded(1);
    attach(it_, 0, 4, 2);
    it_.feed(2, 1, 2, 3, 4);
    expect(it_.numbers()).toEqual([1, 2, 3, 4]);
    expect(it_.sequencer.counters.repeated).toBe(3);
  });

  it('behaviour 22: 100,000 missed events arrive in order, and it is catching up until the head', () => {
    const it_ = rig();
    attach(it_, 0, 100_000);
    for (let from = 1; from <= 100_000; from += 500) {
      for (let seq = from; seq < from + 500; seq++) it_.sequencer.event(1, event(seq));
      if (from < 99_501) expect(it_.caughtUp).toEqual([]);
      it_.sequencer.flush();
    }
    expect(it_.caughtUp).toEqual([1]);
    const numbers = it_.numbers();
    expect(numbers.length).toBe(100_000);
    expect(numbers.every((seq, index) => seq === index + 1)).toBe(true);
    expect(Math.max(...it_.steps.map((step) => step.events.length))).toBeLessThanOrEqual(1_000);
  });

  it('behaviour 24: the bytes of a body pass untouched', () => {
    const it_ = rig();
    attach(it_, 0);
    const body = '{"big":9007199254740993,"float":127.0}';
    it_.sequencer.event(1, event(1, { body }));
    it_.sequencer.flush();
    expect(it_.events()[0]?.body).toBe(body);
  });
});
