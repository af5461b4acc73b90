import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import { type BootMs, deadline, earliest, later, latest, type MonotonicMs, type WallMs } from './clock';

describe('instants', () => {
  it('of one clock are not those of another: the compiler refuses to mix them', () => {
    const clock = createFakeClock({ wall: 1_000, uptime: 50 });
    const monotonic: MonotonicMs = clock.now();
    const wall: WallMs = clock.wall();
    const boot: BootMs = clock.uptime();
    // @ts-expect-error a wall clock may be set back: no deadline stands on it
    const deadline: MonotonicMs = wall;
    // @ts-expect-error uptime counts sleep, the monotonic clock does not
    const floor: BootMs = monotonic;
    // @ts-expect-error a plain number is nobody's instant
    const plain: WallMs = boot + 0;
    // @ts-expect-error the later of two clocks means nothing
    const mixed = latest(monotonic, wall);
    expect([deadline, floor, plain, mixed]).toHaveLength(4);
  });

  it('move by durations, and are compared among their own', () => {
    const clock = createFakeClock({ wall: 1_000 });
    const soon = later(clock.now(), 5);
    expect([soon, later(clock.wall(), -1), earliest(soon, clock.now()), latest(soon, clock.now())]).toEqual([
      5, 999, 0, 5,
    ]);
    expect(soon - clock.now()).toBe(5);
  });
});

describe('a deadline', () => {
  it('promise 18: is judged in time, and after one turn of I/O where the process was busy past it', () => {
    const clock = createFakeClock();
    const judged: number[] = [];
    deadline(clock, 1_000, () => judged.push(clock.now()));
    clock.advance(999);
    expect(judged).toEqual([]);
    clock.advance(1);
    expect(judged).toEqual([1_000]);

    let heard = false;
    const answered = deadline(clock, 1_000, () => judged.push(clock.now()));
    deadline(clock, 1_000, () => judged.push(heard ? 1 : 0));
    clock.jump(5_000, () => {
      heard = true;
      answered.cancel();
    });
    expect(judged).toEqual([1_000, 1]);
    expect(clock.pending()).toBe(0);
  });
});
