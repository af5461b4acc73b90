import { describe, expect, it } from 'vitest';
import type { ProtocolFacts } from './contract';
import { event, type Rig, rig, unnumbered } from './testing/harness';

const nchan: ProtocolFacts = { numbering: 'rising', uniqueIds: true, resumable: true };

/** A session that ends with a message over the limit. */
function endTooLarge(target: Rig, session: number, passed = false): void {
  target.sequencer.tooLarge(session, null, passed);
  target.sequencer.sessionEnded(session);
  target.sequencer.flush();
}

/** A connection with several streams: each with where its answer begins, and what the server has of it. */
function attachAll(
  target: Rig,
  session: number,
  streams: Readonly<Record<string, readonly [number, number | null]>>,
): void {
  target.sequencer.sessionOpened(session, { polls: false, resumedFrom: null });
  for (const [stream, [from, head]] of Object.entries(streams))
    target.sequencer.attached(session, { stream, epoch: 'a', from, head });
  target.sequencer.flush();
}

function say(target: Rig, session: number, stream: string, ...seqs: readonly number[]): void {
  for (const seq of seqs) target.sequencer.event(session, event(seq, { stream }));
  target.sequencer.flush();
}

/** A session of a feed with a token: it opens where it was, or afresh, and brings what is given. */
function open(target: Rig, session: number, ...said: readonly string[]): void {
  const { token } = target.sequencer.resumePoint();
  target.sequencer.sessionOpened(session, { polls: false, resumedFrom: token });
  target.sequencer.answered(session, null);
  for (const id of said) {
    target.sequencer.event(session, event(null, { id, body: id }));
    target.sequencer.token(session, id);
  }
  target.sequencer.flush();
}

describe('promise 22: a message over the limit does not end every session from then on', () => {
  it('that comes by itself is asked for once more: a feed may have skipped one before it', () => {
    const it_ = rig();
    attachAll(it_, 1, { s: [0, 0] });
    say(it_, 1, 's', 1, 2);
    // 3 was left out, 4 is too large.
    endTooLarge(it_, 1);
    expect(it_.gaps()).toEqual([]);
    attachAll(it_, 2, { s: [2, 4] });
    say(it_, 2, 's', 3);
    endTooLarge(it_, 2);
    expect(it_.gaps()).toEqual(['a:4-4 lost too-large']);
    expect(it_.numbers()).toEqual([1, 2, 3]);
    expect(it_.sequencer.resumePoint().positions.s).toEqual({ epoch: 'a', seq: 4 });
  });

  it('is given up the second time also where the server names no head, and the third time where it names a wrong one', () => {
    for (const [heads, ends] of [
      [{ s: [2, null] }, 2],
      [{ s: [2, 2], quiet: [0, 0] }, 3],
    ] as const) {
      const it_ = rig();
      attachAll(it_, 1, { ...heads, s: [0, 0] });
      say(it_, 1, 's', 1, 2);
      for (let session = 1; session <= ends; session += 1) {
        expect(it_.gaps()).toEqual([]);
        if (session > 1) attachAll(it_, session, heads);
        endTooLarge(it_, session);
      }
      expect(it_.gaps()).toContain('a:3-3 lost too-large');
    }
  });

  it('of several streams over one connection: the one that owes it at every attach goes past it, and no other', () => {
    const it_ = rig();
    attachAll(it_, 1, { s: [0, 0], beside: [0, 0] });
    say(it_, 1, 's', 1, 2);
    say(it_, 1, 'beside', 1);
    endTooLarge(it_, 1);
    // Whose it was nobody knows yet, so that nothing is given up.
    expect(it_.gaps()).toEqual([]);
    attachAll(it_, 2, { s: [2, 4], beside: [1, 1] });
    endTooLarge(it_, 2);
    expect(it_.gaps()).toEqual(['a:3-3 lost too-large']);
    attachAll(it_, 3, { s: [3, 4], beside: [1, 1] });
    say(it_, 3, 's', 4);
    expect(it_.sequencer.resumePoint().positions.s).toEqual({ epoch: 'a', seq: 4 });
    expect(it_.gaps()).toEqual(['a:3-3 lost too-large']);
  });

  it('of several streams that all owe something, each gives up what comes next: which of them it is cannot be known', () => {
    const it_ = rig();
    attachAll(it_, 1, { s: [0, 3], t: [0, 3] });
    say(it_, 1, 's', 1);
    endTooLarge(it_, 1);
    expect(it_.gaps()).toEqual([]);
    attachAll(it_, 2, { s: [1, 3], t: [0, 3] });
    endTooLarge(it_, 2);
    expect([...it_.gaps()].sort()).toEqual(['a:1-1 lost too-large', 'a:2-2 lost too-large']);
  });

  it('of several streams: gives up nothing while sessions get further', () => {
    const it_ = rig();
    attachAll(it_, 1, { s: [0, 0], t: [0, 0] });
    endTooLarge(it_, 1);
    for (const session of [2, 3, 4]) {
      attachAll(it_, session, { s: [2 * session - 4, 9], t: [session - 2, 9] });
      say(it_, session, 's', 2 * session - 3, 2 * session - 2);
      say(it_, session, 't', session - 1);
      endTooLarge(it_, session);
    }
    expect(it_.gaps()).toEqual([]);
  });

  it('promise 22: where its place was dropped, what the server sends again is no news, however often it does', () => {
    for (const resumable of [true, false]) {
      const it_ = rig({ facts: { ...unnumbered, resumable } });
      open(it_, 1, 'x', 'y');
      endTooLarge(it_, 1);
      open(it_, 2);
      endTooLarge(it_, 2);
      for (const session of [3, 4]) {
        open(it_, session, 'x', 'y');
        endTooLarge(it_, session);
      }
      open(it_, 5, 'x', 'y', 'z');
      expect(it_.events().map(({ id }) => id)).toEqual(['x', 'y', 'z']);
      expect(it_.sequencer.resumePoint().token).toBe('z');
    }
  });

  it('behind a place: the second time at the same one it is dropped, with a gap', () => {
    for (const facts of [nchan, { ...unnumbered, resumable: true }]) {
      const it_ = rig({ facts });
      open(it_, 1, 'x', 'y');
      endTooLarge(it_, 1);
      expect(it_.sequencer.resumePoint().token).toBe('y');
      open(it_, 2);
      endTooLarge(it_, 2);
      expect(it_.sequencer.resumePoint().token).toBeNull();
      open(it_, 3, 'z');
      expect(it_.gaps()).toEqual([':0-? lost too-large']);
      expect(it_.events().map(({ id }) => id)).toEqual(['x', 'y', 'z']);
      expect(it_.sequencer.resumePoint().token).toBe('z');
    }
  });

  it('whose own place was read is passed at once, and nothing behind it is missed', () => {
    const it_ = rig({ facts: { ...unnumbered, resumable: true } });
    open(it_, 1, 'x');
    it_.sequencer.token(1, 'large');
    endTooLarge(it_, 1, true);
    expect(it_.sequencer.resumePoint().token).toBe('large');
    expect(it_.gaps()).toEqual([':0-? lost too-large']);
    open(it_, 2, 'y');
    expect(it_.gaps()).toEqual([':0-? lost too-large']);
    expect(it_.events().map(({ id }) => id)).toEqual(['x', 'y']);
  });

  it('that is skipped in its session is one gap, also where a server sends it again with all that came before', () => {
    const it_ = rig({ facts: { ...unnumbered, resumable: true } });
    const skip = (session: number): void => {
      it_.sequencer.tooLarge(session, null, true);
      it_.sequencer.flush();
    };
    const say = (session: number, ...said: readonly string[]): void => {
      for (const id of said) {
        it_.sequencer.event(session, event(null, { id, body: id }));
        it_.sequencer.token(session, id);
      }
      it_.sequencer.flush();
    };
    open(it_, 1, 'x');
    skip(1);
    say(1, 'y');
    it_.sequencer.sessionEnded(1);
    open(it_, 2, 'x');
    skip(2);
    say(2, 'y', 'z');
    expect(it_.gaps()).toEqual([':0-? lost too-large']);
    expect(it_.events().map(({ id }) => id)).toEqual(['x', 'y', 'z']);
    // Behind the place that was asked for it is another one.
    it_.sequencer.sessionEnded(2);
    open(it_, 3, 'z');
    skip(3);
    expect(it_.gaps()).toHaveLength(2);
  });

  it('that is skipped in a session with numbers is missing by its number, and given up where it was promised', () => {
    const it_ = rig();
    attachAll(it_, 1, { s: [0, 0] });
    say(it_, 1, 's', 1, 2);
    it_.sequencer.tooLarge(1, null, true);
    say(it_, 1, 's', 4);
    it_.clock.advance(5_000);
    it_.sequencer.flush();
    expect(it_.gaps()).toEqual(['a:3-3 open missed']);
    const owed = rig();
    attachAll(owed, 1, { s: [0, 4] });
    say(owed, 1, 's', 1, 2);
    owed.sequencer.tooLarge(1, null, true);
    say(owed, 1, 's', 4);
    expect(owed.gaps()).toEqual(['a:3-3 lost too-large']);
    expect(owed.numbers()).toEqual([1, 2, 4]);
  });
});
