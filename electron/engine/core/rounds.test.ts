import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import { createRounds } from './rounds';

describe('rounds', () => {
  it('call everybody who waits at the end of the round that the first one began, by one timer', () => {
    const clock = createFakeClock();
    const rounds = createRounds(clock, 25);
    const called: string[] = [];
    rounds.next(() => called.push(`a ${clock.now()}`));
    clock.advance(20);
    rounds.next(() => called.push(`b ${clock.now()}`));
    expect(clock.pending()).toBe(1);
    clock.advance(5);
    expect(called).toEqual(['a 25', 'b 25']);
    expect(clock.pending()).toBe(0);
  });

  it('take who waits again from within a call into the next one, so that all who tick do it together', () => {
    const clock = createFakeClock();
    const rounds = createRounds(clock, 1_000);
    const called: string[] = [];
    const tick = (name: string) => () => {
      called.push(`${name} ${clock.now()}`);
      rounds.next(tick(name));
    };
    rounds.next(tick('a'));
    clock.advance(400);
    rounds.next(tick('b'));
    clock.advance(1_600);
    expect(called).toEqual(['a 1000', 'b 1000', 'a 2000', 'b 2000']);
    expect(clock.pending()).toBe(1);
  });

  it('call nobody who cancelled, also not from within the round, and hold no timer for nobody', () => {
    const clock = createFakeClock();
    const rounds = createRounds(clock, 25);
    const called: string[] = [];
    const alone = rounds.next(() => called.push('alone'));
    alone.cancel();
    alone.cancel();
    expect(clock.pending()).toBe(0);
    rounds.next(() => {
      called.push('first');
      second.cancel();
    });
    const second = rounds.next(() => called.push('second'));
    clock.advance(25);
    expect(called).toEqual(['first']);
    second.cancel();
    rounds.next(() => called.push('third'));
    second.cancel();
    clock.advance(25);
    expect(called).toEqual(['first', 'third']);
  });

  it('call the others where one fails, and say that it did', () => {
    const clock = createFakeClock();
    const rounds = createRounds(clock, 25);
    const called: string[] = [];
    rounds.next(() => {
      throw new Error('mine');
    });
    rounds.next(() => called.push('other'));
    expect(() => clock.advance(25)).toThrow('mine');
    expect(called).toEqual(['other']);
  });
});
