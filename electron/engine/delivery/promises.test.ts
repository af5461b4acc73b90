import { describe, expect, it } from 'vitest';
import type { DecodedEvent } from '../core/protocol';
import type { SessionOpening } from './contract';
import { attach, event, type Rig, rig, unnumbered, upTo } from './testing/harness';

const sse = { ...unnumbered, resumable: true, comparePlaces: (a: string, b: string) => Number(a) - Number(b) };
const fresh: SessionOpening = { polls: false, resumedFrom: null };
const polling: SessionOpening = { polls: true, resumedFrom: null };

function open(target: Rig, session: number, opening: SessionOpening = fresh, place: string | null = null): void {
  target.sequencer.sessionOpened(session, opening);
  target.sequencer.answered(session, place);
  target.sequencer.flush();
}

/** Events with an id of the stream's own, which is also the place to resume from. */
function say(target: Rig, session: number, ...said: readonly (readonly [id: string, body: string])[]): void {
  for (const [id, body] of said) {
    target.sequencer.event(session, event(null, { id, body }));
    target.sequencer.token(session, id);
  }
  target.sequencer.flush();
}

function page(target: Rig, session: number, list: boolean, ...events: readonly DecodedEvent[]): void {
  target.sequencer.page(session, events, list);
  target.sequencer.flush();
}

function entries(from: number, to: number): readonly DecodedEvent[] {
  return upTo(to, from).map((n) => event(null, { id: `${n}`, body: `{"id":${n}}` }));
}

const bodies = (target: Rig): readonly string[] => target.events().map(({ body }) => String(body));

describe('promise 2: a change is no repeat', () => {
  it('behaviour 41: ids 1, 2, 3 of ON, OFF, ON in one session are three events, and so are names', () => {
    const it_ = rig({ facts: sse });
    open(it_, 1);
    say(it_, 1, ['1', 'ON'], ['2', 'OFF'], ['3', 'ON'], ['3', 'ON']);
    expect(bodies(it_)).toEqual(['ON', 'OFF', 'ON', 'ON']);
    const named = rig({ facts: sse });
    open(named, 1);
    say(named, 1, ['door', 'ON'], ['lamp', 'ON'], ['door', 'OFF'], ['lamp', 'OFF'], ['door', 'ON']);
    named.sequencer.sessionEnded(1);
    open(named, 2, { polls: false, resumedFrom: 'door' });
    // Nobody resumes from the name of a thing: what comes is what it is now.
    say(named, 2, ['lamp', 'ON'], ['door', 'ON']);
    expect(bodies(named)).toEqual(['ON', 'ON', 'OFF', 'OFF', 'ON', 'ON', 'ON']);
  });

  it('drops what a resume brings again, up to the place it asked for, across a restart too', () => {
    const first = rig({ facts: sse });
    open(first, 1);
    say(first, 1, ['1', 'a'], ['2', 'b'], ['3', 'c']);
    const it_ = rig({ facts: sse, restored: first.checkpoint() });
    open(it_, 1, { polls: false, resumedFrom: '3' });
    say(it_, 1, ['2', 'b'], ['3', 'c'], ['4', 'd'], ['5', 'b']);
    expect(bodies(it_)).toEqual(['d', 'b']);
    expect(it_.sequencer.counters.repeated).toBe(2);
    expect(it_.gaps()).toEqual([]);
  });

  it('another body under the id that was asked for is a thing and no place: what comes behind it is new', () => {
    const it_ = rig({ facts: sse });
    open(it_, 1);
    say(it_, 1, ['1', 'a'], ['3', 'x'], ['3', 'c']);
    it_.sequencer.sessionEnded(1);
    open(it_, 2, { polls: false, resumedFrom: '3' });
    say(it_, 2, ['3', 'x'], ['1', 'a']);
    expect(bodies(it_)).toEqual(['a', 'x', 'c', 'x', 'a']);
  });

  it.each([
    ['are ids of its own', sse],
    ['mean one event each', { ...sse, uniqueIds: true }],
  ])('a repeat does not take the place to resume from back, where ids %s', (_, facts) => {
    const it_ = rig({ facts });
    open(it_, 1);
    say(it_, 1, ['1', 'a'], ['2', 'b'], ['3', 'c']);
    it_.sequencer.sessionEnded(1);
    open(it_, 2, { polls: false, resumedFrom: '3' });
    say(it_, 2, ['1', 'a']);
    expect(it_.sequencer.resumePoint().token).toBe('3');
    say(it_, 2, ['2', 'b'], ['3', 'c'], ['4', 'd']);
    expect(it_.sequencer.resumePoint().token).toBe('4');
    expect(bodies(it_)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('an answer that brings one event moves the place also when it is a repeat: it would be asked for for ever', () => {
    const it_ = rig({ facts: { ...sse, uniqueIds: true } });
    open(it_, 1, polling);
    say(it_, 1, ['1', 'a']);
    // Beside it another got further, and ended.
    open(it_, 2, { polls: false, resumedFrom: '1' });
    say(it_, 2, ['2', 'b'], ['3', 'c']);
    it_.sequencer.sessionEnded(2);
    it_.sequencer.sessionEnded(1);
    expect(it_.sequencer.resumePoint().token).toBe('1');
    open(it_, 3, { polls: true, resumedFrom: '1' });
    for (const id of ['2', '3', '4']) {
      say(it_, 3, [id, 'x']);
      expect(it_.sequencer.resumePoint().token).toBe(id);
    }
    expect(it_.events().map(({ id }) => id)).toEqual(['1', '2', '3', '4']);
  });

  it('drops nothing in a session that resumed nowhere', () => {
    const it_ = rig({ facts: unnumbered });
    open(it_, 1);
    say(it_, 1, ['x', 'ON'], ['x', 'OFF']);
    it_.sequencer.sessionEnded(1);
    open(it_, 2);
    say(it_, 2, ['x', 'ON']);
    expect(bodies(it_)).toEqual(['ON', 'OFF', 'ON']);
  });

  it('drops what two sessions bring at once', () => {
    const it_ = rig({ facts: { ...sse, uniqueIds: true } });
    open(it_, 1);
    say(it_, 1, ['1', 'a'], ['2', 'b']);
    open(it_, 2, { polls: false, resumedFrom: '2' });
    say(it_, 1, ['3', 'c']);
    say(it_, 2, ['3', 'c'], ['4', 'd']);
    expect(bodies(it_)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('a poll that answers ON, OFF, ON brings three events, and the same answer twice one', () => {
    const it_ = rig({ facts: unnumbered });
    open(it_, 1, polling);
    for (const body of ['ON', 'ON', 'OFF', 'ON']) page(it_, 1, false, event(null, { id: 'door', body }));
    expect(bodies(it_)).toEqual(['ON', 'OFF', 'ON']);
    expect(it_.gaps()).toEqual([]);
  });

  it('compares a list with all of the page before, however long it is, and after a restart too', () => {
    const facts = unnumbered;
    const it_ = rig({ facts, limits: { recentKeys: 3 } });
    open(it_, 1, polling);
    page(it_, 1, true, ...entries(1, 50));
    page(it_, 1, true, ...entries(11, 60));
    expect(it_.events().map(({ id }) => Number(id))).toEqual(upTo(60));
    const again = rig({ facts, limits: { recentKeys: 3 }, restored: it_.checkpoint() });
    open(again, 1, polling);
    page(again, 1, true, ...entries(12, 61));
    expect(again.events().map(({ id }) => Number(id))).toEqual([61]);
    expect(again.gaps()).toEqual([]);
    // Equal entries are told apart by how many there are.
    const twins = rig({ facts });
    const twin = event(null, { body: 'twin' });
    page(twins, 1, true, twin, twin);
    page(twins, 1, true, twin, twin, twin);
    expect(twins.events().length).toBe(3);
  });
});

describe('promise 10: a feed without numbers that breaks shows its gap', () => {
  const lost = ':0-? lost no-replay';

  it('also where it goes on with answers that bring one event each', () => {
    for (const facts of [{ numbering: 'rising', uniqueIds: true, resumable: true } as const, sse]) {
      const it_ = rig({ facts });
      open(it_, 1);
      it_.sequencer.sessionEnded(1);
      open(it_, 2, polling);
      expect(it_.gaps()).toEqual([lost]);
      say(it_, 2, ['1', 'a']);
      it_.sequencer.sessionEnded(2);
      open(it_, 3, { polls: true, resumedFrom: '1' });
      say(it_, 3, ['2', 'b']);
      it_.sequencer.sessionEnded(3);
      open(it_, 4, { polls: false, resumedFrom: '2' });
      expect(it_.gaps()).toEqual([lost]);
    }
  });

  it('behaviour 43: of unknown size, told as soon as it is back, counted, once where nothing came between two breaks', () => {
    const it_ = rig({ facts: unnumbered });
    open(it_, 1);
    it_.sequencer.event(1, event(null, { stream: 'main', body: 'a' }));
    it_.sequencer.sessionEnded(1);
    it_.sequencer.flush();
    expect(it_.gaps()).toEqual([]);
    it_.clock.advance(5_000);
    open(it_, 2);
    expect(it_.gaps()).toEqual([lost]);
    it_.sequencer.sessionEnded(2);
    open(it_, 3);
    expect(it_.gaps()).toEqual([lost]);
    expect(it_.sequencer.counters).toMatchObject({ lostUnknown: 1, lost: 0 });
    const gap = it_.steps.flatMap(({ gaps }) => gaps).at(-1);
    expect(gap).toMatchObject({ stream: 'main', epoch: '', to: null });
    expect((gap?.closedAt ?? 0) - (gap?.openedAt ?? 0)).toBe(5_000);
    it_.sequencer.event(3, event(null));
    it_.sequencer.sessionEnded(3);
    open(it_, 4);
    expect(it_.sequencer.counters.lostUnknown).toBe(2);
  });

  it('behaviour 43: not where it never began, and not where it resumes', () => {
    const it_ = rig({ facts: sse });
    it_.sequencer.sessionOpened(1, fresh);
    it_.sequencer.sessionEnded(1);
    open(it_, 2);
    say(it_, 2, ['1', 'a']);
    it_.sequencer.sessionEnded(2);
    open(it_, 3, { polls: false, resumedFrom: '1' });
    expect(it_.gaps()).toEqual([]);
  });

  it('behaviour 43: after a restart it is named for what it was', () => {
    const first = rig({ facts: unnumbered });
    open(first, 1);
    first.sequencer.event(1, event(null));
    first.sequencer.flush();
    const it_ = rig({ facts: unnumbered, restored: first.checkpoint() });
    open(it_, 1);
    expect(it_.gaps()).toEqual([':0-? lost not-running']);
  });

  it('behaviour 43: on a poll rung, unless the next page has something of the last one', () => {
    const it_ = rig({ facts: unnumbered });
    open(it_, 1, polling);
    page(it_, 1, false, event(null, { body: '1' }));
    it_.sequencer.sessionEnded(1);
    open(it_, 2, polling);
    expect(it_.gaps()).toEqual([]);
    page(it_, 2, false, event(null, { body: '1' }));
    expect(it_.gaps()).toEqual([lost]);
    const list = rig({ facts: unnumbered });
    open(list, 1, polling);
    page(list, 1, true, ...entries(1, 30));
    list.sequencer.sessionEnded(1);
    open(list, 2, polling);
    page(list, 2, true, ...entries(20, 49));
    expect(list.gaps()).toEqual([]);
    expect(list.events().length).toBe(49);
  });

  it('behaviour 42: a page without anything of the last one leaves a gap, and what overlaps is delivered once', () => {
    const it_ = rig({ facts: unnumbered });
    open(it_, 1, polling);
    page(it_, 1, true, ...entries(1, 30));
    page(it_, 1, true, ...entries(61, 90));
    page(it_, 1, true, ...entries(80, 100));
    expect(it_.gaps()).toEqual([':0-? lost page-rolled-over']);
    expect(it_.events().map(({ id }) => Number(id))).toEqual([...upTo(30), ...upTo(100, 61)]);
    // The gap is told with the page that shows it, before its events.
    const step = it_.steps.find(({ gaps }) => gaps.length > 0);
    expect(step?.events[0]?.id).toBe('61');
  });

  it('behaviour 42: a list that has been empty so far takes no trouble for its content', () => {
    const it_ = rig({ facts: unnumbered });
    open(it_, 1, polling);
    page(it_, 1, true);
    const trouble = event(null, { body: '{"error":"internal"}', value: { error: 'internal' } });
    expect(it_.sequencer.page(1, [trouble], false)).toBe(false);
    page(it_, 1, true, ...entries(1, 2));
    expect(bodies(it_)).toEqual(['{"id":1}', '{"id":2}']);
  });

  it('behaviour 42: what is no list changes nothing of one, also after a restart; another feed is taken for one in the end', () => {
    const doc = (value: unknown): DecodedEvent => event(null, { body: JSON.stringify(value), value });
    const trouble = doc({ error: 'internal' });
    const it_ = rig({ facts: unnumbered });
    open(it_, 1, polling);
    page(it_, 1, true, ...entries(1, 5));
    expect(it_.sequencer.page(1, [trouble], false)).toBe(false);
    expect(it_.sequencer.page(1, [doc({ state: 'maintenance' })], false)).toBe(false);
    expect(it_.sequencer.page(1, [doc(null)], false)).toBe(true);
    page(it_, 1, true, ...entries(2, 6));
    const again = rig({ facts: unnumbered, restored: it_.checkpoint() });
    open(again, 1, polling);
    expect(again.sequencer.page(1, [trouble], false)).toBe(false);
    page(again, 1, true, ...entries(3, 7));
    for (let times = 0; times < 50; times += 1) expect(again.sequencer.page(1, [trouble], false)).toBe(false);
    const another = doc({ state: 'on' });
    let refused = 0;
    while (!again.sequencer.page(1, [another], false)) refused += 1;
    expect(refused).toBe(20);
    again.sequencer.flush();
    for (const target of [it_, again]) expect(target.gaps()).toEqual([]);
    expect([...it_.events(), ...again.events()].map(({ id }) => Number(id))).toEqual([...upTo(7), 0]);
    // One thing as it is now says what it says.
    const single = rig({ facts: unnumbered });
    open(single, 1, polling);
    for (const body of [another, trouble, another]) expect(single.sequencer.page(1, [body], false)).toBe(true);
  });

  it('behaviour 21: a place without a number that the server has forgotten leaves a gap of unknown size before what comes', () => {
    const it_ = rig({ facts: { ...sse, numbering: 'rising', uniqueIds: true } });
    open(it_, 1);
    say(it_, 1, ['1', 'a'], ['2', 'b']);
    it_.sequencer.sessionEnded(1);
    open(it_, 2, { polls: false, resumedFrom: '2' });
    it_.sequencer.cannotResume(2, {
      stream: 'main',
      epoch: '',
      cause: 'retention',
      requested: null,
      oldest: null,
      head: null,
    });
    say(it_, 2, ['9', 'c']);
    expect(it_.gaps()).toEqual([':0-? lost retention']);
    expect(bodies(it_)).toEqual(['a', 'b', 'c']);
    expect(it_.steps.find(({ gaps }) => gaps.length > 0)?.events[0]?.id).toBe('9');
  });

  it('behaviour 42: a list without ids rolled over only where all of it is newer than the page before', () => {
    const it_ = rig({ facts: unnumbered });
    open(it_, 1, polling);
    const timed = (...times: readonly number[]): void =>
      page(it_, 1, true, ...times.map((sentAt) => event(null, { body: `at ${sentAt}`, sentAt })));
    timed(10, 20);
    timed(15, 25);
    expect(it_.gaps()).toEqual([]);
    timed(30, 40);
    expect(it_.gaps()).toEqual([':0-? lost page-rolled-over']);
  });

  it('behaviour 42: a list of how things are never rolls over, nor does one that was empty for a while', () => {
    for (const ids of [
      ['door', 'lamp'],
      [null, null],
    ]) {
      const it_ = rig({ facts: unnumbered });
      open(it_, 1, polling);
      for (const state of ['ON', 'OFF', 'ON']) {
        page(it_, 1, true, ...ids.map((id, index) => event(null, { id, body: `${index}${state}` })));
        page(it_, 1, true);
      }
      expect(it_.gaps()).toEqual([]);
      expect(it_.events().length).toBe(6);
    }
  });
});

describe('promise 10: a list that comes back empty', () => {
  it('has lost what it held meanwhile, unless it was empty before', () => {
    const it_ = rig({ facts: unnumbered });
    open(it_, 1, polling);
    page(it_, 1, true, ...entries(1, 5));
    it_.sequencer.sessionEnded(1);
    open(it_, 2, polling);
    page(it_, 2, true);
    expect(it_.gaps()).toEqual([':0-? lost no-replay']);
    it_.sequencer.sessionEnded(2);
    open(it_, 3, polling);
    page(it_, 3, true);
    expect(it_.gaps()).toEqual([':0-? lost no-replay']);
  });
});

describe('promise 7: a number that cannot be is not believed', () => {
  const absurd = 9_000_000_000_000_000;

  it('as a head', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1);
    it_.sequencer.heartbeat(1, 's', 'a', absurd);
    it_.clock.advance(60_000);
    it_.feed(1, 2, 3);
    expect(it_.numbers()).toEqual([1, 2, 3]);
    expect(it_.gaps()).toEqual([]);
    expect(it_.repairs).toEqual([]);
  });

  it('as the head of an attach: nobody catches up for ever', () => {
    const it_ = rig();
    attach(it_, 0, absurd);
    it_.feed(1, 1);
    expect(it_.caughtUp).toEqual([1]);
  });

  it('as the place where an answer begins, unless an event proves it', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 2);
    it_.sequencer.sessionEnded(1);
    attach(it_, absurd, null, 2);
    it_.clock.advance(60_000);
    it_.feed(2, 3, 4);
    expect(it_.numbers()).toEqual([1, 2, 3, 4]);
    expect(it_.gaps()).toEqual([]);
    it_.sequencer.sessionEnded(2);
    attach(it_, 50_000_000, null, 3);
    it_.feed(3, 50_000_001);
    it_.clock.advance(11_000);
    it_.feed(3, 50_000_002);
    expect(it_.gaps()).toEqual(['a:5-50000000 open missed']);
    expect(it_.numbers().slice(-2)).toEqual([50_000_001, 50_000_002]);
  });

  it('as a floor of what the server still has', () => {
    const refuse = (target: Rig, oldest: number): void => {
      target.sequencer.sessionEnded(1);
      target.sequencer.cannotResume(2, {
        stream: 's',
        epoch: 'a',
        cause: 'retention',
        requested: { epoch: 'a', seq: 2 },
        oldest,
        head: null,
      });
      attach(target, oldest - 1, null, 2);
    };
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, 1, 2);
    refuse(it_, absurd);
    it_.feed(2, 3, 4);
    expect(it_.numbers()).toEqual([1, 2, 3, 4]);
    expect(it_.gaps()).toEqual([]);
    const true_ = rig();
    attach(true_, 0);
    true_.feed(1, 1, 2);
    refuse(true_, 40_000_000);
    true_.feed(2, 40_000_000);
    expect(true_.gaps()).toEqual(['a:3-39999999 lost retention']);
    expect(true_.numbers()).toEqual([1, 2, 40_000_000]);
  });

  it('as the place of a first attach: the first event shows where it is', () => {
    const it_ = rig();
    attach(it_, absurd, null);
    it_.feed(1, ...upTo(40));
    expect(it_.numbers()).toEqual(upTo(40));
  });

  it('as a rising number', () => {
    const it_ = rig({ facts: { numbering: 'rising', uniqueIds: true, resumable: true } });
    attach(it_, 5, null);
    it_.feed(1, 6, absurd, 7, 8);
    expect(it_.numbers()).toEqual([6, absurd, 7, 8]);
    expect(it_.sequencer.counters.repeated).toBe(0);
    expect(it_.diagnoses).toMatchObject([{ kind: 'numbers-went-back' }]);
  });
});

describe('promise 8: numbers that go back in the same epoch are a new beginning', () => {
  it('seen in a hello whose head lies below what we have', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, ...upTo(300));
    it_.sequencer.sessionEnded(1);
    it_.sequencer.sessionOpened(2, fresh);
    attach(it_, 0, 0, 2);
    for (const seq of upTo(200)) it_.sequencer.event(2, event(seq, { body: `{"new":${seq}}` }));
    it_.sequencer.flush();
    expect(it_.numbers().slice(300)).toEqual(upTo(200));
    expect(it_.gaps()).toEqual(['a:301-? lost epoch-changed']);
    expect(it_.diagnoses).toMatchObject([{ kind: 'numbers-went-back', stream: 's' }]);
    expect(it_.epochs).toEqual([{ stream: 's', from: 'a', to: 'a' }]);
  });

  it('told once of a rising feed, whichever of two sessions goes on with the new ones', () => {
    const it_ = rig({ facts: { numbering: 'rising', uniqueIds: true, resumable: true } });
    attach(it_, 5, null);
    it_.feed(1, 10, 20);
    it_.feed(2, 20, 3);
    it_.feed(1, 5);
    expect(it_.numbers()).toEqual([10, 20, 3, 5]);
    expect(it_.epochs).toEqual([{ stream: 's', from: 'a', to: 'a' }]);
  });

  it('seen in another body under an old number', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, ...upTo(10));
    for (const seq of upTo(20)) it_.sequencer.event(1, event(seq, { body: `{"new":${seq}}` }));
    it_.sequencer.flush();
    expect(it_.numbers()).toEqual([...upTo(10), ...upTo(20)]);
    expect(it_.gaps()).toEqual(['a:11-? lost epoch-changed']);
  });

  it('seen in numbers that lie before the beginning which the answer named', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, ...upTo(2_000));
    it_.sequencer.sessionEnded(1);
    attach(it_, 2_000, null, 2);
    it_.feed(2, ...upTo(5));
    expect(it_.numbers().slice(2_000)).toEqual(upTo(5));
    expect(it_.gaps()).toEqual(['a:2001-? lost epoch-changed']);
  });

  it('but not in an answer that was under way while another session went on, nor in a repeat', () => {
    const it_ = rig();
    attach(it_, 0);
    it_.feed(1, ...upTo(5));
    it_.sequencer.sessionOpened(2, fresh);
    it_.feed(1, 6, 7);
    it_.sequencer.sessionEnded(1);
    attach(it_, 5, 5, 2);
    it_.feed(2, 6, 7, 7, 8);
    expect(it_.numbers()).toEqual(upTo(8));
    expect(it_.gaps()).toEqual([]);
    expect(it_.diagnoses).toEqual([]);
  });
});

describe('promise 9: a resume place that the server never had', () => {
  const asked: SessionOpening = { polls: false, resumedFrom: '5000' };
  const elsewhere = [':0-? lost no-replay'];

  function broken(): Rig {
    const it_ = rig({ facts: sse });
    open(it_, 1);
    say(it_, 1, ['5000', 'a']);
    it_.sequencer.sessionEnded(1);
    return it_;
  }

  it('is found in the header of the answer', () => {
    const it_ = broken();
    open(it_, 2, asked, '36');
    expect(it_.gaps()).toEqual(elsewhere);
    say(it_, 2, ['37', 'b']);
    expect(bodies(it_)).toEqual(['a', 'b']);
    const proven = broken();
    open(proven, 2, asked, '5000');
    proven.clock.advance(3_600_000);
    expect(proven.gaps()).toEqual([]);
    expect(proven.looks).toEqual([]);
  });

  it('is found in the first id', () => {
    const it_ = broken();
    open(it_, 2, asked);
    say(it_, 2, ['1', 'x'], ['2', 'y']);
    expect(it_.gaps()).toEqual(elsewhere);
    expect(bodies(it_)).toEqual(['a', 'x', 'y']);
    expect(it_.sequencer.resumePoint().token).toBe('2');
  });

  it('is found by one look, when nothing came: a gap, and attached again without it', () => {
    const it_ = broken();
    open(it_, 2, asked);
    it_.clock.advance(9_000);
    expect(it_.looks).toEqual([]);
    it_.clock.advance(60_000);
    expect(it_.looks).toEqual([2]);
    expect(it_.sequencer.resumeUnproven).toBe('quiet');
    it_.sequencer.looked(2, { place: '36', position: null });
    expect(it_.gaps()).toEqual(elsewhere);
    expect(it_.reattaches).toEqual([{ kind: 'resume-unknown' }]);
    expect(it_.sequencer.resumePoint().token).toBeNull();
    it_.sequencer.sessionEnded(2);
    open(it_, 3);
    say(it_, 3, ['37', 'b']);
    expect(bodies(it_)).toEqual(['a', 'b']);
    // One gap, not two.
    expect(it_.gaps()).toEqual(elsewhere);
  });

  it('newer ones that a look saw may still come', () => {
    const it_ = broken();
    open(it_, 2, asked);
    it_.clock.advance(10_000);
    it_.sequencer.looked(2, { place: '5001', position: null });
    say(it_, 2, ['5001', 'b']);
    it_.clock.advance(60_000);
    expect(it_.gaps()).toEqual([]);
    expect(it_.reattaches).toEqual([]);
  });

  /** Nothing comes on a session, and a look sees that there is something newer. */
  function staysSilent(it_: Rig, session: number): void {
    open(it_, session, asked);
    it_.clock.advance(10_000);
    it_.sequencer.looked(session, { place: '5001', position: null });
    it_.clock.advance(2_000);
  }

  it('a session whose way is dead brings nothing either: it is asked once more from there before anything is given up', () => {
    const it_ = broken();
    staysSilent(it_, 2);
    expect(it_.gaps()).toEqual([]);
    expect(it_.reattaches).toEqual([{ kind: 'resume-silent' }]);
    expect(it_.sequencer.resumePoint().token).toBe('5000');
    it_.sequencer.sessionEnded(2);
    open(it_, 3, asked);
    say(it_, 3, ['5001', 'b']);
    expect(bodies(it_)).toEqual(['a', 'b']);
    expect(it_.gaps()).toEqual([]);
  });

  it('a server that brings nothing twice never will; evidence between counts from the beginning', () => {
    const it_ = broken();
    staysSilent(it_, 2);
    it_.sequencer.sessionEnded(2);
    staysSilent(it_, 3);
    expect(it_.gaps()).toEqual(elsewhere);
    expect(it_.reattaches).toEqual([{ kind: 'resume-silent' }, { kind: 'resume-unknown' }]);
    expect(it_.sequencer.resumePoint().token).toBeNull();
    const proven = broken();
    staysSilent(proven, 2);
    proven.sequencer.sessionEnded(2);
    open(proven, 3, asked, '5000');
    proven.sequencer.sessionEnded(3);
    staysSilent(proven, 4);
    expect(proven.gaps()).toEqual([]);
  });

  it('a correct resume on a feed that is silent for an hour leaves no gap', () => {
    for (const place of ['5000', null]) {
      const it_ = broken();
      open(it_, 2, asked);
      it_.clock.advance(10_000);
      it_.sequencer.looked(2, place === null ? null : { place, position: null });
      // Where nothing could be seen it is said that nothing proves it.
      expect(it_.sequencer.resumeUnproven).toBe(place === null ? 'quiet' : null);
      it_.clock.advance(3_600_000);
      expect(it_.gaps()).toEqual([]);
      expect(it_.reattaches).toEqual([]);
      expect(it_.looks).toEqual([2]);
      say(it_, 2, ['5001', 'b']);
      expect(it_.sequencer.resumeUnproven).toBeNull();
      expect(it_.clock.pending()).toBe(0);
    }
  });
});

describe('promise 12: bounds are of the source', () => {
  it('what streams hold out of order counts together', () => {
    const it_ = rig({ limits: { windowEvents: 10 } });
    for (const stream of ['x', 'y']) it_.sequencer.attached(1, { stream, epoch: 'a', from: 0, head: null });
    for (const stream of ['x', 'y']) for (const seq of upTo(9, 2)) it_.sequencer.event(1, event(seq, { stream }));
    it_.sequencer.flush();
    expect(it_.sequencer.counters.overflowed).toBe(6);
    it_.clock.advance(300);
    expect(it_.repairs.map(({ stream }) => stream).sort()).toEqual(['x', 'y']);
  });

  it('names of streams are bounded in what they take, and what is too much passes and is said', () => {
    const it_ = rig({ limits: { streamNameChars: 100 } });
    for (const stream of ['x'.repeat(60), 'y'.repeat(60)]) {
      it_.sequencer.attached(1, { stream, epoch: 'a', from: 0, head: null });
      it_.sequencer.event(1, event(1, { stream }));
    }
    it_.sequencer.flush();
    expect(it_.events().length).toBe(2);
    expect(Object.keys(it_.sequencer.resumePoint().positions).length).toBe(1);
    expect(it_.diagnoses).toMatchObject([{ kind: 'too-many-streams' }]);
  });

  it('hostile 9: open gaps are bounded over all streams, however many streams have some', () => {
    const it_ = rig({ limits: { openGaps: 10, openGapsInAll: 20 } });
    const streams = upTo(30).map((n) => `s${n}`);
    for (const stream of streams) it_.sequencer.attached(1, { stream, epoch: 'a', from: 0, head: null });
    for (const seq of upTo(5)) {
      for (const stream of streams) it_.sequencer.event(1, event(2 * seq, { stream }));
      it_.sequencer.flush();
      it_.clock.advance(15_000);
    }
    const most = it_.sequencer.counters.gapsOpen;
    // What is counted is what a step left; within one every stream may have opened its next.
    expect(most).toBeGreaterThanOrEqual(20);
    expect(most).toBeLessThanOrEqual(50);
    expect(it_.checkpoint()?.openGaps.length).toBe(most);
    // A late one takes nothing apart either, and all of it is right once it is brought in order.
    for (const seq of upTo(10)) for (const stream of streams) it_.sequencer.event(1, event(seq, { stream }));
    it_.sequencer.flush();
    expect(it_.sequencer.counters).toMatchObject({ gapsOpen: 0, lost: 0 });
    expect(it_.events().length).toBe(300);
  });

  it('a checkpoint names what moved, and all of it when the journal lost some', () => {
    const it_ = rig();
    for (const seq of upTo(100)) it_.sequencer.attached(1, { stream: `s${seq}`, epoch: 'a', from: 0, head: null });
    it_.sequencer.flush();
    it_.sequencer.event(1, event(1, { stream: 's7' }));
    it_.sequencer.flush();
    // The one before it too, since its place may have been read meanwhile.
    expect(Object.keys(it_.steps.at(-1)?.checkpoint.positions ?? {})).toEqual(['s100', 's7']);
    it_.sequencer.reopenSince(it_.checkpoint());
    expect(it_.steps.at(-1)?.checkpoint.whole).toBe(true);
    expect(Object.keys(it_.steps.at(-1)?.checkpoint.positions ?? {}).length).toBe(100);
  });

  it('streams that wait share one timer', () => {
    const it_ = rig();
    for (const seq of upTo(50)) {
      it_.sequencer.attached(1, { stream: `s${seq}`, epoch: 'a', from: 0, head: null });
      it_.sequencer.event(1, event(2, { stream: `s${seq}` }));
    }
    it_.sequencer.flush();
    expect(it_.clock.pending()).toBe(1);
  });
});

describe('promise 22: how many were lost is a number only where numbers are contiguous', () => {
  it('rising numbers that jump say nothing of how many lay between', () => {
    const it_ = rig({ facts: { numbering: 'rising', uniqueIds: true, resumable: true } });
    attach(it_, 5, null);
    it_.feed(1, 6);
    it_.sequencer.cannotResume(2, {
      stream: 's',
      epoch: 'a',
      cause: 'retention',
      requested: { epoch: 'a', seq: 6 },
      oldest: 4_194_309,
      head: null,
    });
    attach(it_, 4_194_308, null, 2);
    it_.feed(2, 4_194_309);
    expect(it_.gaps()).toEqual(['a:7-? lost retention']);
    expect(it_.sequencer.counters).toMatchObject({ lost: 0, lostUnknown: 1 });
  });
});

describe('promise 10: what begins as a poll and turns out to be a stream, and a place that is taken back', () => {
  it('behaviours 43 and 47: an answer without end pushes, so that a break before it leaves a gap', () => {
    const it_ = rig({ facts: unnumbered });
    for (const session of [1, 2, 3]) {
      open(it_, session, polling);
      it_.sequencer.streams(session);
      it_.sequencer.event(session, event(null, { body: `${session}` }));
      it_.sequencer.flush();
      it_.sequencer.sessionEnded(session);
    }
    expect(bodies(it_)).toEqual(['1', '2', '3']);
    expect(it_.sequencer.counters.lostUnknown).toBe(2);
  });

  it('an empty id leaves no place to resume from, also one that was stored', () => {
    const it_ = rig({ facts: sse });
    open(it_, 1);
    say(it_, 1, ['7', 'a'], ['', 'b']);
    expect(it_.sequencer.resumePoint().token).toBeNull();
    const stored = it_.checkpoint();
    if (stored === null) throw new Error('nothing was stored');
    const again = rig({ facts: sse, restored: { ...stored, resume: { ...stored.resume, token: '' } } });
    expect(again.sequencer.resumePoint().token).toBeNull();
  });
});
