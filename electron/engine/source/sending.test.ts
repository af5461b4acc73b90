import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import { createSending } from './sending';

/** A session whose server answers pings when the test says so. */
function rig(sendsPerSecond = 10) {
  const clock = createFakeClock();
  const frames: { readonly kind: 'message' | 'ping'; readonly at: number }[] = [];
  let room = 0;
  const send = (kind: 'message' | 'ping'): boolean => frames.push({ kind, at: clock.now() }) > 0;
  const sending = createSending({
    transport: { send: () => send('message'), ping: () => send('ping') },
    clock,
    sendsPerSecond,
    onRoom: () => {
      room += 1;
    },
  });
  const count = (kind: 'message' | 'ping') => frames.filter((frame) => frame.kind === kind).length;
  return { clock, sending, frames, count, room: () => room };
}

describe('what one session sends', () => {
  it('promise 23: messages and pings of one connection share one budget, and room is told', () => {
    const { clock, sending, frames, count, room } = rig();
    let taken = 0;
    while (sending.message('x')) taken += 1;
    expect(taken).toBe(19);
    expect(room()).toBe(0);
    clock.advance(500);
    expect(room()).toBe(1);
    taken = 0;
    while (sending.message('x')) taken += 1;
    expect(taken).toBe(5);
    for (let second = 0; second < 60; second += 1) {
      for (let part = 0; part < 10; part += 1) {
        sending.message('x');
        sending.confirm(() => {});
        sending.pong();
        clock.advance(100);
      }
    }
    expect(count('ping')).toBeGreaterThan(50);
    for (let from = 0; from < 60_000; from += 500) {
      const inIt = frames.filter(({ at }) => at >= from && at < from + 1000).length;
      expect(inIt).toBeLessThanOrEqual(30);
    }
    expect(frames.length).toBeLessThanOrEqual(20 + 10 * 61);
    sending.end();
    expect(clock.pending()).toBe(0);
  });

  it('promise 23: one ping is asked for by all that wait for one, and the ping of the heartbeat serves too', () => {
    const { sending, count } = rig();
    const done: number[] = [];
    sending.confirm(() => done.push(1));
    sending.confirm(() => done.push(2));
    sending.confirm(() => done.push(3));
    expect(count('ping')).toBe(1);
    sending.pong();
    expect([done, count('ping')]).toEqual([[1], 2]);
    sending.pong();
    expect([done, count('ping')]).toEqual([[1, 2, 3], 2]);
    while (sending.message('x'));
    sending.confirm(() => done.push(4));
    expect(count('ping')).toBe(2);
    sending.ping(() => {});
    sending.pong();
    expect([done, count('ping')]).toEqual([[1, 2, 3, 4], 3]);
  });

  it('is confirmed where there are no pings once it has left', () => {
    const clock = createFakeClock();
    const left: (() => void)[] = [];
    const sending = createSending({
      transport: { send: (_said, flushed) => left.push(flushed) > 0, ping: () => false },
      clock,
      sendsPerSecond: 10,
      onRoom: () => {},
    });
    const confirmed: number[] = [];
    sending.message('a');
    sending.message('b');
    sending.confirm(() => confirmed.push(2));
    sending.message('c');
    sending.confirm(() => confirmed.push(3));
    left[0]?.();
    expect(confirmed).toEqual([]);
    left[1]?.();
    expect(confirmed).toEqual([2]);
    left[2]?.();
    expect(confirmed).toEqual([2, 3]);
    sending.confirm(() => confirmed.push(4));
    expect(confirmed).toEqual([2, 3, 4]);
    sending.end();
    expect(clock.pending()).toBe(0);
  });

  it('promise 23: a ping of the heartbeat never waits for messages', () => {
    const { clock, sending, frames } = rig(1);
    for (let second = 0; second < 120; second += 1) {
      while (sending.message('x'));
      if (second % 15 === 0) {
        sending.ping(() => {});
        expect(frames.at(-1)).toEqual({ kind: 'ping', at: clock.now() });
        sending.pong();
      }
      clock.advance(1_000);
    }
    expect(frames.length).toBeLessThanOrEqual(2 + 120);
  });
});
