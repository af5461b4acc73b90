import { describe, expect, it } from 'vitest';
import { event, rig, unnumbered } from './testing/harness';

const marks = { ...unnumbered, resumable: true, opaquePlaces: true };

const marked = (key: string, body: string, again: boolean) => event(null, { body, redelivery: { key, again } });

describe('a feed that marks what it sends once more', () => {
  it('promise 1: the second coming is a repeat, counted, by its mark and body, over sessions and restarts', () => {
    const target = rig({ facts: marks });
    for (const [key, body] of [
      ['1', 'a'],
      ['2', 'b'],
    ] as const)
      target.sequencer.event(1, marked(key, body, false));
    target.sequencer.flush();
    target.sequencer.sessionEnded(1);
    target.sequencer.event(2, marked('2', 'b', true));
    target.sequencer.event(2, marked('3', 'c', true));
    target.sequencer.flush();
    expect(target.events().map(({ body }) => body)).toEqual(['a', 'b', 'c']);
    expect(target.sequencer.counters.repeated).toBe(1);
    const restarted = rig({ facts: marks, restored: target.checkpoint() });
    restarted.sequencer.event(1, marked('3', 'c', true));
    restarted.sequencer.event(1, marked('3', 'd', true));
    restarted.sequencer.flush();
    expect(restarted.events().map(({ body }) => body)).toEqual(['d']);
  });

  it('a change is no repeat: the same mark and body, not marked, is news, and so is another body under the mark', () => {
    const target = rig({ facts: marks });
    target.sequencer.event(1, marked('1', 'on', false));
    target.sequencer.event(1, marked('1', 'on', false));
    target.sequencer.event(1, marked('1', 'off', true));
    target.sequencer.flush();
    expect(target.events().map(({ body }) => body)).toEqual(['on', 'on', 'off']);
    expect(target.sequencer.counters.repeated).toBe(0);
  });

  it('marks say nothing of ids: a session is still taken to go on behind its place', () => {
    const target = rig({ facts: marks });
    for (let n = 0; n < 50; n += 1) target.sequencer.event(1, marked(String(n % 3), `body ${n}`, false));
    target.sequencer.token(1, 'kept');
    target.sequencer.flush();
    target.sequencer.sessionEnded(1);
    target.sequencer.sessionOpened(2, { polls: false, resumedFrom: 'kept' });
    target.sequencer.answered(2, null);
    target.sequencer.event(2, marked('9', 'next', false));
    target.sequencer.flush();
    expect(target.gaps()).toEqual([]);
  });
});

it('what the numbers of an event are of is delivered with it', () => {
  const target = rig({ facts: marks });
  target.sequencer.event(1, event(null, { body: '21.5', of: ['topic', 'roof/t1'] }));
  target.sequencer.flush();
  expect(target.events()).toMatchObject([{ body: '21.5', of: ['topic', 'roof/t1'] }]);
});

it('is a repeat however many came since, where the protocol knows that the first is stored; unmarked it is news', () => {
  const target = rig({ facts: marks });
  target.sequencer.event(1, marked('1', 'a', false));
  for (let n = 0; n < 5_000; n += 1) target.sequencer.event(1, marked(String(n + 2), `body ${n}`, false));
  target.sequencer.flush();
  const before = target.events().length;
  const again = (stored: boolean, marked: boolean) =>
    event(null, { body: 'a', redelivery: { key: '1', again: marked, ...(stored ? { stored: true } : {}) } });
  target.sequencer.event(2, again(true, true));
  target.sequencer.flush();
  expect(target.events().length - before).toBe(0);
  expect(target.sequencer.counters.repeated).toBe(1);
  target.sequencer.event(2, again(true, false));
  target.sequencer.flush();
  expect(target.events().length - before).toBe(1);
});
