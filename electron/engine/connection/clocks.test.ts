import { describe, expect, it } from 'vitest';
import { later } from '../core/clock';
import { createFakeClock } from '../simulation/fake-clock';
import { createCadence } from './cadence';
import { createClockWatch } from './clocks';
import { createSawtooth } from './sawtooth';
import { defaultTiming } from './timing';

describe('clock watch', () => {
  it('notices sleep by uptime running ahead, and names the last sign of life', () => {
    const clock = createFakeClock();
    const watch = createClockWatch(clock, defaultTiming);
    clock.advance(1_000);
    expect(watch.look()).toBeNull();
    const before = clock.wall();
    clock.sleep(60_000);
    expect(watch.look()).toEqual({ kind: 'slept', sleptMs: 60_000, lastWall: before });
    expect(watch.look()).toBeNull();
  });

  it('notices sleep by a tick that comes too late, once, where the monotonic clock runs on', () => {
    const clock = createFakeClock();
    const watch = createClockWatch({ ...clock, runsAsleep: true, worked: () => 0 }, defaultTiming);
    watch.expect(later(clock.now(), 1_000));
    clock.advance(11_500);
    expect(watch.look()).toMatchObject({ kind: 'slept', sleptMs: 10_500 });
    expect(watch.look()).toBeNull();
  });

  it('promises 21 and 24: a late tick of a machine that was awake is no sleep: we stood still', () => {
    const clock = createFakeClock();
    const watch = createClockWatch(clock, defaultTiming);
    watch.expect(later(clock.now(), 1_000));
    clock.advance(11_500);
    expect(watch.look()).toEqual({ kind: 'stood-still', ms: 10_500 });
    expect(watch.look()).toBeNull();
    // Where the clock cannot tell, the processor time used does.
    let worked = 500;
    const busy = createClockWatch({ ...clock, runsAsleep: true, worked: () => worked }, defaultTiming);
    busy.expect(later(clock.now(), 1_000));
    clock.advance(21_000);
    worked += 12_000;
    expect(busy.look()).toEqual({ kind: 'stood-still', ms: 20_000 });
    // Both at once: it slept.
    watch.expect(later(clock.now(), 1_000));
    clock.advance(12_500);
    clock.sleep(60_000);
    expect(watch.look()).toMatchObject({ kind: 'slept', sleptMs: 60_000 });
  });

  it('takes neither a short nap nor a small correction for anything', () => {
    const clock = createFakeClock();
    const watch = createClockWatch(clock, defaultTiming);
    clock.sleep(9_000);
    expect(watch.look()).toBeNull();
    clock.shiftWall(-4_000);
    expect(watch.look()).toBeNull();
  });

  it('calls a wall-only jump a changed clock, either way', () => {
    const clock = createFakeClock();
    const watch = createClockWatch(clock, defaultTiming);
    clock.shiftWall(3_600_000);
    expect(watch.look()).toEqual({ kind: 'clock-changed', byMs: 3_600_000 });
    clock.shiftWall(-7_200_000);
    expect(watch.look()).toEqual({ kind: 'clock-changed', byMs: -7_200_000 });
  });
});

describe('cadence', () => {
  it('is learnt from even comments only', () => {
    const cadence = createCadence();
    expect([0, 15_000, 30_000, 45_000, 60_000].map((at) => cadence.comment(at))).toEqual([
      null,
      null,
      null,
      null,
      15_000,
    ]);
    const uneven = createCadence();
    expect([0, 1_000, 30_000, 31_000, 90_000].map((at) => uneven.comment(at))).toEqual([null, null, null, null, null]);
  });

  it('does not count an interval with an event in it', () => {
    const cadence = createCadence();
    for (let at = 0; at < 20; at += 1) {
      expect(cadence.comment(at * 15_000)).toBeNull();
      cadence.frame();
    }
  });
});

describe('sawtooth', () => {
  /** Events sent one a second, let go every five seconds. */
  const burst = (sawtooth: ReturnType<typeof createSawtooth>, at: number) =>
    [4, 3, 2, 1, 0].map((back) => sawtooth.event(at - back * 1_000, at)).find((found) => found !== null) ?? null;

  it('is seen after three bursts of falling lag', () => {
    const sawtooth = createSawtooth();
    expect([5_000, 10_000, 15_000, 20_000].map((at) => burst(sawtooth, at))).toEqual([
      null,
      null,
      null,
      { bursts: 3, lagMs: 4_000 },
    ]);
  });

  it('does not depend on clocks that agree', () => {
    const sawtooth = createSawtooth();
    const skewed = (at: number) =>
      [4, 3, 2, 1, 0].map((back) => sawtooth.event(at - back * 1_000 + 3_600_000, at)).find((one) => one !== null);
    expect([5_000, 10_000, 15_000, 20_000].map(skewed).at(-1)).toEqual({ bursts: 3, lagMs: 4_000 });
  });

  it('is not seen in a steady stream, nor in bursts sent at once', () => {
    const sawtooth = createSawtooth();
    for (let at = 0; at < 100_000; at += 1_000) expect(sawtooth.event(at - 50, at)).toBeNull();
    for (let at = 200_000; at < 300_000; at += 5_000) {
      for (let i = 0; i < 5; i += 1) expect(sawtooth.event(at - 20 + i, at)).toBeNull();
    }
  });
});
