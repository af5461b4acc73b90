import { describe, expect, it } from 'vitest';
import type { Message } from '../core/protocol';
import { attach, event, rig, unnumbered, upTo } from './testing/harness';

function answer(
  target: ReturnType<typeof rig>,
  change: { missing?: boolean; oldest?: number; epoch?: string } = {},
): void {
  const request = target.repairs.at(-1);
  if (!request) throw new Error('nothing was asked for');
  target.sequencer.replayed(1, {
    ref: request.ref,
    stream: request.stream,
    epoch: change.epoch ?? request.after.epoch,
    after: request.after.seq,
    to: request.to,
    missing: change.missing ?? false,
    oldest: change.oldest ?? null,
  });
  target.sequencer.flush();
}

describe('in order', () => {
  it('delivers what follows the cursor, in one step per flush, with ordinals that grow by one', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 2, 3);
    it_.feed(1, 4);
    expect(it_.steps.map((step) => step.events.length)).toEqual([0, 3, 1]);
    expect(it_.events().map((each) => each.ordinal)).toEqual([1, 2, 3, 4]);
    expect(it_.checkpoint()?.resume.positions.s).toEqual({ epoch: 'a', seq: 4 });
    expect(it_.checkpoint()?.nextOrdinal).toBe(5);
  });

  it('drops and counts what was delivered before', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 2, 1, 2, 3);
    expect(it_.numbers()).toEqual([1, 2, 3]);
    expect(it_.sequencer.counters.repeated).toBe(2);
  });

  it('flushes by itself when a step is full', () => {
    const it_ = rig({ limits: { stepEvents: 10 } });
    attach(it_, 0);
    for (const seq of upTo(25)) it_.sequencer.event(1, event(seq));
    expect(it_.steps.map((step) => step.events.length)).toEqual([0, 10, 10]);
  });

  it('keeps streams apart', () => {
    const it_ = rig();
    it_.sequencer.attached(1, { stream: 's', epoch: 'a', from: 0, head: 0 });
    it_.sequencer.attached(1, { stream: 't', epoch: 'b', from: 10, head: 10 });
    it_.sequencer.event(1, event(1));
    it_.sequencer.event(1, event(11, { stream: 't', epoch: 'b' }));
    it_.sequencer.event(1, event(2));
    it_.sequencer.flush();
    expect(it_.numbers()).toEqual([1, 11, 2]);
    expect(it_.checkpoint()?.resume.positions).toEqual({ s: { epoch: 'a', seq: 2 }, t: { epoch: 'b', seq: 11 } });
  });

  it('survives a stream called __proto__', () => {
    const it_ = rig();
    it_.sequencer.attached(1, { stream: '__proto__', epoch: 'a', from: 0, head: 0 });
    it_.sequencer.event(1, event(1, { stream: '__proto__' }));
    it_.sequencer.flush();
    const stored = JSON.parse(JSON.stringify(it_.checkpoint()?.resume.positions)) as object;
    expect(Object.entries(stored)).toEqual([['__proto__', { epoch: 'a', seq: 1 }]]);
  });
});

describe('out of order', () => {
  it('holds what comes early and asks for nothing when the rest follows', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 3, 4);
    it_.clock.advance(100);
    it_.feed(1, 2, 5);
    it_.clock.advance(60_000);
    expect(it_.numbers()).toEqual([1, 2, 3, 4, 5]);
    expect(it_.gaps()).toEqual([]);
    expect(it_.repairs).toEqual([]);
    expect(it_.clock.pending()).toBe(0);
  });

  it('declares a gap after the reorder time, asks for it, holds newer events and delivers in order', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 4);
    it_.clock.advance(300);
    expect(it_.gaps()).toEqual(['a:2-3 open missed']);
    expect(it_.repairs).toMatchObject([{ stream: 's', after: { epoch: 'a', seq: 1 }, to: 3 }]);
    it_.feed(1, 5, 6);
    expect(it_.numbers()).toEqual([1]);
    it_.feed(1, 2, 3);
    answer(it_);
    expect(it_.numbers()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(it_.gaps()).toEqual(['a:2-3 filled missed']);
    expect(it_.sequencer.counters).toMatchObject({ gapsOpen: 0, lost: 0, late: 0, repeated: 0 });
  });

  it('lets the newest go when the window is full while a repair runs, and asks again', () => {
    const it_ = rig({ limits: { windowEvents: 3 } });
    attach(it_, 0);
    it_.feed(1, 1, 3);
    it_.clock.advance(300);
    it_.feed(1, 4, 5, 6, 7, 8);
    expect(it_.sequencer.counters.overflowed).toBe(3);
    it_.feed(1, 2);
    answer(it_);
    expect(it_.numbers()).toEqual([1, 2, 3, 4, 5]);
    expect(it_.repairs.at(-1)).toMatchObject({ after: { seq: 5 }, to: 8 });
    it_.feed(1, 6, 7, 8);
    answer(it_);
    expect(it_.numbers()).toEqual(upTo(8));
    expect(it_.sequencer.counters.lost).toBe(0);
    expect(it_.gaps().filter((gap) => !gap.includes('filled'))).toEqual([]);
  });

  it('bounds the window by bytes', () => {
    const it_ = rig({ limits: { windowBytes: 1_000 } });
    attach(it_, 0);
    for (const seq of [2, 3, 4]) it_.sequencer.event(1, event(seq, { bytes: 400 }));
    it_.sequencer.flush();
    expect(it_.sequencer.counters.overflowed).toBe(1);
  });

  it('passes an unanswered gap in the end, keeps it open, and marks what fills it late', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 4);
    it_.clock.advance(11_000);
    expect(it_.numbers()).toEqual([1, 4]);
    expect(it_.gaps()).toEqual(['a:2-3 open missed']);
    it_.feed(1, 5, 3, 3);
    expect(it_.numbers()).toEqual([1, 4, 5, -3]);
    expect(it_.checkpoint()?.openGaps).toMatchObject([{ from: 2, to: 2 }]);
    it_.feed(1, 2);
    expect(it_.gaps()).toEqual(['a:2-3 filled missed']);
    expect(it_.sequencer.counters).toMatchObject({ late: 2, repeated: 1, gapsOpen: 0 });
  });

  it('splits a gap that is filled in the middle, so that a restart knows exactly what is missing', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 6);
    it_.clock.advance(11_000);
    it_.feed(1, 3);
    expect(it_.checkpoint()?.openGaps.map((gap) => [gap.from, gap.to])).toEqual([
      [1, 2],
      [4, 5],
    ]);
    const again = rig({ restored: it_.checkpoint() });
    attach(again, 6);
    again.feed(1, 1, 2, 3, 4, 5, 7);
    expect(again.numbers()).toEqual([-1, -2, -4, -5, 7]);
    expect(again.sequencer.counters.repeated).toBe(1);
  });
});

describe('repairs', () => {
  it('asks again with growing waits and never in a loop', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 2);
    const asked: number[] = [];
    for (let second = 0; second < 600; second++) {
      const before = it_.repairs.length;
      it_.clock.advance(1_000);
      for (const request of it_.repairs.slice(before)) {
        asked.push(second);
        it_.sequencer.repairFailed(request.ref, true);
      }
    }
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.length).toBeLessThan(60);
    expect(it_.gaps()).toEqual(['a:1-1 open missed']);
  });

  it('takes silence for a failure', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 2);
    it_.clock.advance(60_000);
    expect(it_.repairs.length).toBeGreaterThan(2);
    expect(it_.ended.length).toBeGreaterThan(1);
  });

  it('loses the range where there is no way to ask', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 3);
    it_.clock.advance(300);
    it_.sequencer.repairFailed(it_.repairs[0]?.ref ?? '', false);
    expect(it_.gaps()).toEqual(['a:1-2 lost no-replay']);
    expect(it_.numbers()).toEqual([3]);
    expect(it_.sequencer.counters.lost).toBe(2);
  });

  it('goes on when every request fails from inside onRepair', () => {
    const clocked = rig({ limits: { repairEvents: 2 } });
    const { sequencer, clock } = clocked;
    clocked.repairs.push = (request) => {
      sequencer.repairFailed(request.ref, false);
      return 0;
    };
    attach(clocked, 0);
    clocked.feed(1, 10);
    clock.advance(300);
    expect(clocked.numbers()).toEqual([10]);
    expect(sequencer.counters.lost).toBe(9);
    expect(clock.pending()).toBe(0);
  });

  it('asks in pieces and goes straight on while they bring something', () => {
    const it_ = rig({ limits: { repairEvents: 10 } });
    attach(it_, 0);
    it_.feed(1, 26);
    it_.clock.advance(300);
    for (const [from, to] of [
      [1, 10],
      [11, 20],
      [21, 25],
    ] as const) {
      expect(it_.repairs.at(-1)).toMatchObject({ after: { seq: from - 1 }, to });
      it_.feed(1, ...upTo(to, from));
      answer(it_);
    }
    expect(it_.numbers()).toEqual(upTo(26));
    expect(it_.repairs.length).toBe(3);
  });

  it('loses what the server says it no longer has, and asks on for the rest', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 10);
    it_.clock.advance(300);
    answer(it_, { missing: true, oldest: 5 });
    expect(it_.gaps()).toEqual(['a:5-9 open missed', 'a:1-4 lost retention']);
    it_.feed(1, 5, 6, 7, 8, 9);
    expect(it_.numbers()).toEqual(upTo(10, 5));
    expect(it_.sequencer.counters.lost).toBe(4);
  });

  it('takes a whole HTTP answer, and compares its epoch without adopting it', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 3);
    it_.clock.advance(300);
    const messages: Message[] = [
      { kind: 'attached', attachment: { stream: 's', epoch: 'a', from: 0, head: 3 } },
      { kind: 'event', event: event(1) },
      { kind: 'event', event: event(2) },
      { kind: 'event', event: event(3) },
    ];
    it_.sequencer.repairAnswer(it_.repairs[0]?.ref ?? '', messages);
    it_.sequencer.flush();
    expect(it_.numbers()).toEqual([1, 2, 3]);
    expect(it_.sequencer.counters.repeated).toBe(1);
  });

  it('does not apply an answer of another epoch: one reattach', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 3);
    it_.clock.advance(300);
    answer(it_, { epoch: 'b' });
    it_.sequencer.event(1, event(1, { epoch: 'b' }));
    it_.sequencer.flush();
    expect(it_.reattaches).toEqual([{ kind: 'other-epoch', stream: 's', expected: 'a', got: 'b' }]);
    expect(it_.sequencer.counters.otherEpoch).toBe(2);
    expect(it_.numbers()).toEqual([]);
  });

  it('ends with the last session, and begins again with the next', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 3);
    it_.clock.advance(11_000);
    const before = it_.repairs.length;
    it_.sequencer.sessionEnded(1);
    it_.sequencer.flush();
    it_.clock.advance(600_000);
    expect(it_.repairs.length).toBe(before);
    attach(it_, 3, 3, 2);
    expect(it_.repairs.length).toBe(before + 1);
    expect(it_.repairs.at(-1)).toMatchObject({ after: { seq: 1 }, to: 2 });
  });

  it('does not let one unanswerable gap starve the others', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 3, 80, 82);
    it_.clock.advance(11_000);
    const asked = new Set<number>();
    for (let round = 0; round < 20; round++) {
      const request = it_.repairs.at(-1);
      if (request) {
        asked.add(request.after.seq);
        it_.sequencer.repairFailed(request.ref, true);
      }
      it_.clock.advance(31_000);
    }
    expect([...asked].sort((a, b) => a - b)).toEqual([1, 3, 80]);
  });
});

describe('what can never be an event', () => {
  it('is lost at once where its number could be read', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1);
    for (const seq of [2, 3]) {
      it_.sequencer.undecodable(1, { why: 'not JSON', stream: 's', position: { epoch: 'a', seq } });
    }
    it_.feed(1, 4);
    expect(it_.numbers()).toEqual([1, 4]);
    expect(it_.gaps()).toEqual(['a:2-3 lost decode-error']);
    expect(it_.sequencer.counters).toMatchObject({ undecodable: 2, lost: 2 });
    it_.clock.advance(60_000);
    expect(it_.repairs).toEqual([]);
  });

  it('is lost when asking again brings the same', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.sequencer.undecodable(1, { why: 'not JSON', stream: null, position: null });
    it_.feed(1, 2);
    it_.clock.advance(300);
    for (const round of [1, 2, 3]) {
      expect(it_.repairs.length).toBe(round);
      it_.sequencer.undecodable(1, { why: 'not JSON', stream: null, position: null });
      answer(it_);
      if (round < 3) it_.clock.advance(2_000);
    }
    expect(it_.gaps()).toEqual(['a:1-1 lost decode-error']);
    expect(it_.numbers()).toEqual([2]);
  });

  it('too large: the next number is lost, so that the reattach goes past it', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 2);
    it_.sequencer.tooLarge(1, null);
    it_.sequencer.sessionEnded(1);
    attach(it_, 2, 3, 2);
    it_.sequencer.tooLarge(2, null);
    it_.sequencer.sessionEnded(2);
    it_.sequencer.flush();
    expect(it_.gaps()).toEqual(['a:3-3 lost too-large']);
    expect(it_.sequencer.resumePoint().positions.s).toEqual({ epoch: 'a', seq: 3 });
  });

  it('too large in a repair: asks for less until the one is found', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 5);
    it_.clock.advance(300);
    const spans: number[] = [];
    for (let round = 0; round < 12; round++) {
      const request = it_.repairs.at(-1);
      if (!request || it_.sequencer.counters.gapsOpen === 0) break;
      spans.push(request.to - request.after.seq);
      if (request.after.seq < 3 && request.to >= 3) it_.sequencer.repairFailed(request.ref, false, 'too-large');
      else {
        it_.feed(1, ...upTo(request.to, request.after.seq + 1));
        answer(it_);
      }
      it_.clock.advance(1);
    }
    expect(it_.numbers()).toEqual([1, 2, 4, 5]);
    expect(it_.gaps()).toContain('a:3-3 lost too-large');
  });

  it('does not believe a number from far away', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, Number.MAX_SAFE_INTEGER, 2);
    it_.clock.advance(60_000);
    expect(it_.numbers()).toEqual([1, 2]);
    expect(it_.gaps()).toEqual([]);
  });
});

describe('where nothing can be asked for again', () => {
  const facts = { numbering: 'contiguous', uniqueIds: false, resumable: false } as const;

  it('begins with the first event and declares jumps lost, in the time of reordering', () => {
    const it_ = rig({ facts });
    it_.feed(1, 100, 101);
    expect(it_.numbers()).toEqual([100, 101]);
    it_.feed(1, 104);
    it_.clock.advance(300);
    expect(it_.gaps()).toEqual(['a:102-103 lost no-replay']);
    expect(it_.numbers()).toEqual([100, 101, 104]);
  });

  it('keeps up under steady loss: no jump waits for another', () => {
    const it_ = rig({ facts });
    it_.feed(1, 1);
    for (let seq = 3; seq < 2_000; seq += 2) {
      it_.feed(1, seq);
      it_.clock.advance(1);
    }
    expect(it_.sequencer.counters.delivered).toBeGreaterThan(650);
    expect(it_.sequencer.counters.delivered).toBeLessThan(1_000);
    it_.clock.advance(600);
    expect(it_.sequencer.counters.delivered).toBe(1_000);
    expect(it_.sequencer.counters.lost).toBe(999);
  });

  it('names what was missed while the application did not run', () => {
    const first = rig({ facts });
    first.feed(1, 1, 2);
    const it_ = rig({ facts, restored: first.checkpoint() });
    it_.feed(1, 10);
    it_.clock.advance(300);
    it_.feed(1, 12);
    it_.clock.advance(300);
    expect(it_.gaps()).toEqual(['a:3-9 lost not-running', 'a:11-11 lost no-replay']);
  });

  it('settles what is held when the session ends', () => {
    const it_ = rig({ facts });
    it_.feed(1, 1, 3);
    it_.sequencer.sessionEnded(1);
    it_.sequencer.flush();
    expect(it_.numbers()).toEqual([1, 3]);
  });
});

describe('without numbers', () => {
  it('takes the id alone where ids are unique', () => {
    const it_ = rig({ facts: { ...unnumbered, uniqueIds: true } });
    it_.sequencer.event(1, event(null, { id: 'x', body: '1' }));
    it_.sequencer.event(1, event(null, { id: 'x', body: '2' }));
    it_.sequencer.flush();
    expect(it_.events().length).toBe(1);
  });

  it('lets events without an identity pass, and is caught up when it hears anything', () => {
    const it_ = rig({ facts: unnumbered });
    it_.sequencer.sessionOpened(1);
    it_.sequencer.flush();
    expect(it_.caughtUp).toEqual([]);
    it_.sequencer.event(1, event(null));
    it_.sequencer.event(1, event(null));
    it_.sequencer.flush();
    expect(it_.events().length).toBe(2);
    expect(it_.caughtUp).toEqual([1]);
  });

  it('rising numbers drop repeats and declare nothing', () => {
    const it_ = rig({ facts: { numbering: 'rising', uniqueIds: true, resumable: true } });
    attach(it_, 5, null);
    it_.feed(1, 5, 9, 20, 9, 21);
    it_.clock.advance(60_000);
    expect(it_.numbers()).toEqual([9, 20, 21]);
    expect(it_.gaps()).toEqual([]);
    it_.sequencer.cannotResume(2, {
      stream: 's',
      epoch: 'a',
      cause: 'retention',
      requested: { epoch: 'a', seq: 21 },
      oldest: 40,
      head: null,
    });
    attach(it_, 39, null, 2);
    it_.feed(2, 40);
    expect(it_.gaps()).toEqual(['a:22-? lost retention']);
    expect(it_.sequencer.counters.lost).toBe(0);
    expect(it_.numbers()).toEqual([9, 20, 21, 40]);
  });
});

describe('tokens', () => {
  it('commit only when everything before them is delivered or gapped', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.sequencer.token(1, 't0');
    it_.feed(1, 2);
    it_.sequencer.token(1, 't2');
    it_.feed(1, 3);
    it_.sequencer.token(1, 't3');
    it_.sequencer.flush();
    expect(it_.checkpoint()?.resume.token).toBe('t0');
    it_.feed(1, 1);
    expect(it_.checkpoint()?.resume.token).toBe('t3');
  });

  it('of a newer session count once the older one is gone', () => {
    const it_ = rig({ facts: unnumbered });
    it_.sequencer.token(1, 'old5');
    it_.sequencer.token(2, 'new3');
    it_.sequencer.flush();
    expect(it_.sequencer.resumePoint().token).toBe('old5');
    it_.sequencer.token(2, 'new6');
    it_.sequencer.sessionEnded(1);
    it_.sequencer.flush();
    expect(it_.sequencer.resumePoint().token).toBe('new6');
  });
});

describe('a list', () => {
  it('that brings nothing new is remembered as it is: what left it is new when it comes again after a restart', () => {
    const entry = (id: string) => event(null, { id, body: id });
    const show = (target: ReturnType<typeof rig>, ...ids: readonly string[]): void => {
      target.sequencer.page(1, ids.map(entry), true);
      target.sequencer.flush();
    };
    const before = rig({ facts: unnumbered });
    show(before, 'a', 'b', 'c');
    show(before, 'b', 'c');
    expect(before.events().map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    const after = rig({ facts: unnumbered, restored: before.checkpoint() });
    show(after, 'b', 'c', 'a');
    expect(after.events().map(({ id }) => id)).toEqual(['a']);
  });
});

describe('promotion', () => {
  it('takes two sessions at once and delivers each event once', () => {
    const it_ = rig();
    attach(it_, 0, 3);
    it_.feed(1, 1, 2, 3, 4, 5);
    attach(it_, 3, 5, 2);
    it_.feed(2, 4);
    it_.feed(1, 6);
    it_.feed(2, 5, 6, 7);
    it_.sequencer.sessionEnded(1);
    it_.feed(2, 8);
    expect(it_.numbers()).toEqual(upTo(8));
    expect(it_.caughtUp).toEqual([1, 2]);
  });

  it('does not declare lost what the older session still brings', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1);
    it_.sequencer.cannotResume(2, {
      stream: 's',
      epoch: 'a',
      cause: 'retention',
      requested: { epoch: 'a', seq: 1 },
      oldest: 4,
      head: 5,
    });
    attach(it_, 3, 5, 2);
    it_.feed(2, 4, 5);
    it_.feed(1, 2, 3);
    expect(it_.numbers()).toEqual([1, 2, 3, 4, 5]);
    expect(it_.gaps()).toEqual([]);
  });
});

it('tells a gap even when the cursor was asked for before the flush', () => {
  const it_ = rig({ facts: { numbering: 'contiguous', uniqueIds: false, resumable: false } });
  it_.feed(1, 1);
  it_.sequencer.event(1, event(3));
  it_.sequencer.sessionEnded(1);
  it_.sequencer.resumePoint();
  it_.sequencer.flush();
  expect(it_.gaps()).toEqual(['a:2-2 lost no-replay']);
});

describe('the journal was paused', () => {
  it('fetches everything since the stored cursor again', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 2);
    const stored = it_.checkpoint();
    it_.feed(1, 3, 4, 5);
    it_.sequencer.reopenSince(stored);
    expect(it_.gaps()).toEqual(['a:3-5 open journal-paused']);
    expect(it_.repairs.at(-1)).toMatchObject({ after: { seq: 2 }, to: 5 });
    it_.feed(1, 3, 4, 5, 6);
    expect(it_.numbers()).toEqual([1, 2, 3, 4, 5, -3, -4, -5, 6]);
    expect(it_.gaps()).toEqual(['a:3-5 filled journal-paused']);
  });

  it('goes back to the stored token where there are no numbers', () => {
    const it_ = rig({ facts: { ...unnumbered, resumable: true } });
    it_.sequencer.event(1, event(null, { id: 'x' }));
    it_.sequencer.token(1, 't1');
    it_.sequencer.flush();
    const stored = it_.checkpoint();
    it_.sequencer.event(1, event(null, { id: 'y' }));
    it_.sequencer.token(1, 't2');
    it_.sequencer.flush();
    it_.sequencer.reopenSince(stored);
    expect(it_.reattaches).toEqual([{ kind: 'journal-paused' }]);
    expect(it_.sequencer.resumePoint().token).toBe('t1');
    it_.sequencer.event(2, event(null, { id: 'y' }));
    it_.sequencer.flush();
    expect(it_.events().map((each) => each.id)).toEqual(['x', 'y', 'y']);
  });
});

describe('promise 3: the journal was paused on a feed that shows no place to go back to', () => {
  const placeless = { ...unnumbered, resumable: true };

  it('names the pause as the cause, and cuts nothing: asking again would bring nothing back', () => {
    const it_ = rig({ facts: placeless });
    it_.sequencer.event(1, event(null));
    it_.sequencer.flush();
    const stored = it_.checkpoint();
    it_.sequencer.event(1, event(null));
    it_.sequencer.flush();
    it_.sequencer.reopenSince(stored);
    expect(it_.gaps()).toEqual([':0-? lost journal-paused']);
    expect(it_.reattaches).toEqual([]);
    it_.sequencer.event(1, event(null));
    it_.sequencer.flush();
    expect(it_.events()).toHaveLength(3);
    expect(it_.steps.flatMap(({ gaps }) => gaps)).toMatchObject([{ before: 3 }]);
  });

  it('stands for a gap that was told meanwhile, too, and says nothing where nothing was told', () => {
    const it_ = rig({ facts: placeless });
    it_.sequencer.event(1, event(null));
    it_.sequencer.flush();
    const stored = it_.checkpoint();
    it_.sequencer.reopenSince(stored);
    expect(it_.gaps()).toEqual([]);
    it_.sequencer.sessionEnded(1);
    it_.sequencer.sessionOpened(2, { polls: false, resumedFrom: null });
    it_.sequencer.answered(2, null);
    it_.sequencer.flush();
    it_.sequencer.reopenSince(stored);
    expect(it_.gaps()).toEqual([':0-? lost no-replay', ':0-? lost journal-paused']);
  });
});

describe('heads', () => {
  it('a head that stays away is asked for', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1);
    it_.sequencer.heartbeat(1, 's', 'a', 3);
    it_.clock.advance(300);
    expect(it_.repairs).toMatchObject([{ after: { seq: 1 }, to: 3 }]);
  });

  it('catching up counts towards the head of the attach', () => {
    const it_ = rig();
    attach(it_, 10, 20);
    it_.feed(1, 11, 12, 13);
    expect(it_.sequencer.catchingUp()).toEqual({ fetched: 3, total: 10 });
    expect(it_.caughtUp).toEqual([]);
    it_.feed(1, ...upTo(20, 14));
    expect(it_.sequencer.catchingUp()).toBeNull();
    expect(it_.caughtUp).toEqual([1]);
  });
});

it('leaves no timer behind', () => {
  const it_ = rig();
  attach(it_, 0);
  it_.feed(1, 1, 5);
  it_.clock.advance(400);
  it_.sequencer.close();
  expect(it_.clock.pending()).toBe(0);
});
