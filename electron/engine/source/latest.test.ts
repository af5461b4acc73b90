import { describe, expect, it } from 'vitest';
import { event } from '../delivery/testing/harness';
import { createLatestState } from './latest';

const delivered = (seq: number, type: string, change: { epoch?: string; late?: boolean; bytes?: number } = {}) => {
  const { late = false, ...rest } = change;
  return { ...event(seq, { type, ...rest }), late };
};

const shown = (state: ReturnType<typeof createLatestState>): readonly string[] =>
  state.entries('s').map((entry) => `${entry.type} ${entry.position?.epoch}:${entry.position?.seq}`);

describe('the latest state', () => {
  it('promise 12: counts the names that a feed gives as it counts its bodies', () => {
    const state = createLatestState({ types: 100, bytes: 1_000 });
    for (let n = 0; n < 50; n++) state.apply([delivered(n + 1, `${'t'.repeat(90)}${n}`, { bytes: 1 })]);
    expect(state.entries('s').length).toBeLessThan(12);
    expect(state.refused).toBe(50 - state.entries('s').length);
    const wide = createLatestState({ types: 100, bytes: 1_000 });
    for (let n = 0; n < 50; n++) {
      wide.apply([{ ...delivered(1, 't', { bytes: 1 }), stream: `${'s'.repeat(90)}${n}` }]);
    }
    expect(wide.streams().length).toBeLessThan(12);
  });

  it('is that of each thing where a feed is a list of them, with its end', () => {
    const state = createLatestState();
    const of = (type: string, thing: string) => ({ ...delivered(1, type), position: null, thing });
    state.apply([
      of('firing', 'disk'),
      of('firing', 'cpu'),
      of('ended', 'disk'),
      { ...delivered(1, 'disk'), position: null },
    ]);
    expect(state.entries('s').map(({ type, thing }) => [type, thing])).toEqual([
      ['ended', 'disk'],
      ['firing', 'cpu'],
      ['disk', undefined],
    ]);
    // What ended makes room for what is there.
    const small = createLatestState({ types: 2, bytes: 1_000_000 });
    small.apply([of('firing', 'a'), of('ended', 'a'), of('firing', 'b'), of('firing', 'c'), of('firing', 'd')]);
    expect(small.entries('s').map(({ thing }) => thing)).toEqual(['b', 'c']);
    expect(small.refused).toBe(1);
  });

  it('takes a snapshot under newer events and over older ones', () => {
    const state = createLatestState();
    state.apply([delivered(5, 'cpu'), delivered(9, 'disk')]);
    expect(
      state.merge('s', 'a', [event(7, { type: 'cpu' }), event(8, { type: 'disk' }), event(2, { type: 'net' })]),
    ).toEqual({
      kind: 'merged',
      applied: 2,
      kept: 1,
      refused: 0,
    });
    expect(shown(state)).toEqual(['cpu a:7', 'disk a:9', 'net a:2']);
    state.apply([delivered(6, 'cpu', { late: true }), delivered(10, 'net')]);
    expect(shown(state)).toEqual(['cpu a:7', 'disk a:9', 'net a:10']);
  });

  it('applies nothing of another epoch, and begins anew with its own', () => {
    const state = createLatestState();
    state.apply([delivered(5, 'cpu')]);
    expect(state.merge('s', 'b', [event(1, { epoch: 'b' })])).toEqual({ kind: 'other-epoch', epoch: 'b' });
    state.reset('s', 'b');
    expect(state.merge('s', 'b', [event(1, { epoch: 'b', type: 'cpu' })])).toMatchObject({ applied: 1 });
    state.apply([delivered(99, 'cpu', { epoch: 'a', late: true })]);
    expect(shown(state)).toEqual(['cpu b:1']);
    state.apply([delivered(2, 'cpu', { epoch: 'b' })]);
    expect(shown(state)).toEqual(['cpu b:2']);
  });

  it('is bounded in types and bytes, counted', () => {
    const state = createLatestState({ types: 2, bytes: 100 });
    state.apply([delivered(1, 'a', { bytes: 60 }), delivered(2, 'b', { bytes: 60 }), delivered(3, 'c', { bytes: 30 })]);
    state.apply([delivered(4, 'd', { bytes: 1 }), delivered(5, 'a', { bytes: 10 })]);
    expect(shown(state)).toEqual(['a a:5', 'c a:3']);
    expect(state.refused).toBe(2);
  });

  it('shows nothing for a type whose newest event found no room, rather than an older one', () => {
    // 100 for bodies, and three names of one character.
    const state = createLatestState({ types: 2, bytes: 103 });
    state.apply([delivered(1, 'a', { bytes: 60 }), delivered(2, 'b', { bytes: 30 }), delivered(3, 'a', { bytes: 80 })]);
    expect(shown(state)).toEqual(['b a:2']);
    expect(state.merge('s', 'a', [event(4, { type: 'a', bytes: 71 }), event(5, { type: 'b', bytes: 30 })])).toEqual({
      kind: 'merged',
      applied: 1,
      kept: 0,
      refused: 1,
    });
    state.apply([delivered(6, 'a', { bytes: 70 })]);
    expect(shown(state)).toEqual(['b a:5', 'a a:6']);
  });
});

it('promise 12: a feed that names a stream per event takes the room of its types, not more', () => {
  const state = createLatestState({ types: 10, bytes: 1_000_000 });
  for (let n = 0; n < 50; n++) {
    state.apply([{ ...event(1, { stream: `s${n}` }), late: false }]);
    state.merge(`t${n}`, 'a', [event(1, { stream: `t${n}` })]);
  }
  expect(state.streams().length).toBe(10);
  expect(state.refused).toBe(90);
});
