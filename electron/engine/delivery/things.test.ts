import { describe, expect, it } from 'vitest';
import type { ThingsOfPage } from '../core/protocol';
import { event, type Rig, rig, unnumbered } from './testing/harness';

type Listed = Readonly<Record<string, string>>;

/** One answer: what is in the list, and what each is. */
function page(target: Rig, session: number, list: Listed, endsWhenGone = true, type = 'message'): void {
  const entries = Object.entries(list);
  const things: ThingsOfPage = {
    of: entries.map(([identity, content]) => ({ identity, content })),
    endsWhenGone,
  };
  const events = entries.map(([id, content]) => event(null, { id, type, body: `{"is":"${content}"}` }));
  expect(target.sequencer.page(session, events, true, things)).toBe(true);
  target.sequencer.flush();
}

function open(target: Rig, session: number): void {
  target.sequencer.sessionOpened(session, { polls: true, resumedFrom: null });
  target.sequencer.answered(session, null);
  target.sequencer.flush();
}

const told = (target: Rig): readonly string[] => target.events().map(({ type, id, body }) => `${type} ${id} ${body}`);
const state = (): Rig => rig({ facts: unnumbered });

describe('things of a polled list', () => {
  it('the same and unchanged is nothing, what changed is told, what is gone has ended', () => {
    const it_ = state();
    open(it_, 1);
    page(it_, 1, { a: '1', b: '1' });
    page(it_, 1, { b: '1', a: '1' });
    page(it_, 1, { a: '2', b: '1' });
    page(it_, 1, { b: '1' });
    page(it_, 1, { b: '1' });
    expect(told(it_)).toEqual([
      'message a {"is":"1"}',
      'message b {"is":"1"}',
      'changed a {"is":"2"}',
      'ended a {"is":"2"}',
    ]);
    // It is there again, just as it was: it is new.
    page(it_, 1, { b: '1', a: '2' });
    expect(told(it_).at(-1)).toBe('message a {"is":"2"}');
    page(it_, 1, {});
    expect(told(it_).slice(-2)).toEqual(['ended b {"is":"1"}', 'ended a {"is":"2"}']);
    page(it_, 1, { a: '2' });
    expect(told(it_).at(-1)).toBe('message a {"is":"2"}');
    expect(it_.gaps()).toEqual([]);
    // Whom each is of, for what shows how things are.
    expect(new Set(it_.events().map(({ thing }) => thing))).toEqual(new Set(['a', 'b']));
  });

  it('behaviour 41: a thing that goes back to what it was has changed', () => {
    const it_ = state();
    open(it_, 1);
    for (const content of ['on', 'off', 'on']) page(it_, 1, { door: content });
    expect(told(it_)).toHaveLength(3);
  });

  it('a thing with a word of its own for what happened keeps it', () => {
    const it_ = state();
    open(it_, 1);
    page(it_, 1, { a: '1' }, true, 'active');
    page(it_, 1, { a: '2' }, true, 'suppressed');
    expect(told(it_)).toEqual(['active a {"is":"1"}', 'suppressed a {"is":"2"}']);
  });

  it('two of one name are told apart, and what has ended is measured no more', () => {
    const it_ = state();
    open(it_, 1);
    const twice: ThingsOfPage = {
      of: [
        { identity: 'a', content: '1' },
        { identity: 'a', content: '2' },
      ],
      endsWhenGone: true,
    };
    const events = [event(null, { id: 'a', value: { n: 1 } }), event(null, { id: 'a', value: { n: 2 } })];
    for (const _ of [1, 2]) {
      it_.sequencer.page(1, events, true, twice);
      it_.sequencer.flush();
    }
    expect(it_.events()).toHaveLength(2);
    page(it_, 1, {});
    expect(it_.events().slice(2)).toMatchObject([
      { type: 'ended', value: null, measures: [] },
      { type: 'ended', value: null, measures: [] },
    ]);
  });

  it('survives a new session without a gap, and a restart with what was not watched told', () => {
    const first = state();
    open(first, 1);
    page(first, 1, { a: '1', b: '1', c: '1' });
    first.sequencer.sessionEnded(1);
    open(first, 2);
    page(first, 2, { a: '1', b: '2', c: '1' });
    expect(told(first).slice(3)).toEqual(['changed b {"is":"2"}']);
    expect(first.gaps()).toEqual([]);

    const again = rig({ facts: unnumbered, restored: first.checkpoint(), clock: first.clock });
    open(again, 3);
    page(again, 3, { a: '1', b: '3' });
    // What it was is not kept over a restart: who it was is.
    expect(told(again)).toEqual(['ended c {"ended":"c"}', 'changed b {"is":"3"}']);
    expect(again.gaps()).toEqual([':0-? lost not-running']);
    page(again, 3, { a: '1' });
    expect(told(again).at(-1)).toBe('ended b {"is":"3"}');
    expect(again.gaps()).toHaveLength(1);
  });

  it('behaviour 42: where a list tells what happened, what is gone has not ended, and a page that rolled over is told', () => {
    const it_ = state();
    open(it_, 1);
    page(it_, 1, { a: '1', b: '1' }, false);
    page(it_, 1, { b: '2', c: '1' }, false);
    page(it_, 1, {}, false);
    page(it_, 1, { c: '1', d: '1' }, false);
    expect(told(it_).map((one) => one.split(' {')[0])).toEqual([
      'message a',
      'message b',
      'changed b',
      'message c',
      'message d',
    ]);
    expect(it_.gaps()).toEqual([]);
    page(it_, 1, { x: '1' }, false);
    expect(it_.gaps()).toEqual([':0-? lost page-rolled-over']);
  });

  it('a list that was read entry by entry before begins anew: nothing of it has ended', () => {
    const first = state();
    open(first, 1);
    first.sequencer.page(1, [event(null, { id: 'x' }), event(null, { id: null }), event(null, { id: 'a' })], true);
    first.sequencer.flush();
    const again = rig({ facts: unnumbered, restored: first.checkpoint(), clock: first.clock });
    open(again, 2);
    page(again, 2, { a: '1' });
    page(again, 2, {});
    expect(told(again)).toEqual(['message a {"is":"1"}', 'ended a {"is":"1"}']);
  });

  it('what is kept of things is bounded', () => {
    const it_ = state();
    open(it_, 1);
    const huge = 'x'.repeat(1024 * 1024);
    const list = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, `${name}${huge}`]));
    const things: ThingsOfPage = {
      of: Object.keys(list).map((identity) => ({ identity, content: '1' })),
      endsWhenGone: true,
    };
    it_.sequencer.page(
      1,
      Object.entries(list).map(([id, body]) => event(null, { id, body })),
      true,
      things,
    );
    it_.sequencer.flush();
    page(it_, 1, {});
    const ended = it_.events().slice(6);
    expect(ended).toHaveLength(6);
    expect(ended.map(({ body }) => body.length > 1000)).toEqual([true, true, true, false, false, false]);
  });
});
