import { describe, expect, it } from 'vitest';
import { createFakeClock } from './fake-clock';

describe('fake clock', () => {
  it('fires in order of due time, then of setting', () => {
    const clock = createFakeClock();
    const fired: string[] = [];
    clock.after(20, () => fired.push('c'));
    clock.after(10, () => fired.push('a'));
    clock.after(10, () => fired.push('b'));
    clock.advance(20);
    expect(fired).toEqual(['a', 'b', 'c']);
  });

  it('never fires a timer inside the call that set it, and fires each at its own instant', () => {
    const clock = createFakeClock();
    const at: number[] = [];
    clock.after(5, () => {
      clock.after(0, () => at.push(clock.now()));
      expect(at).toEqual([]);
    });
    clock.advance(100);
    expect(at).toEqual([5]);
    expect(clock.now()).toBe(100);
  });

  it('forgets cancelled timers and counts what is pending', () => {
    const clock = createFakeClock();
    const timer = clock.after(5, () => expect.unreachable());
    expect(clock.pending()).toBe(1);
    timer.cancel();
    timer.cancel();
    expect(clock.pending()).toBe(0);
    clock.advance(10);
  });

  it('sleeps with the monotonic clock standing still, as Linux does', () => {
    const clock = createFakeClock({ wall: 1000, uptime: 500 });
    clock.sleep(60_000);
    expect([clock.now(), clock.wall(), clock.uptime()]).toEqual([0, 61_000, 60_500]);
  });

  it('keeps thousands of timers in order', () => {
    const clock = createFakeClock();
    const due: number[] = [];
    for (let i = 0; i < 5000; i += 1) clock.after((i * 7919) % 4999, () => due.push(clock.now()));
    clock.advance(5000);
    expect(due).toEqual([...due].sort((x, y) => x - y));
    expect(due).toHaveLength(5000);
  });
});
