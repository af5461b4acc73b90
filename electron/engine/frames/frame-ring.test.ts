import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../core/frame';
import { FrameRing } from './frame-ring';

const frame = (data: string, bytes = data.length): Frame => ({
  data,
  bytes,
  receivedAt: 0,
  event: null,
  id: null,
  headers: [],
});

describe('the frames kept', () => {
  it('are the newest, oldest first, with their numbers', () => {
    const ring = new FrameRing({ frames: 120, bytes: 100_000 });
    for (let number = 1; number <= 500; number += 1) ring.add(frame(`${number}`));
    const kept = ring.newest(1000);
    expect(kept.length).toBeGreaterThan(50);
    expect(kept.map((each) => each.frame.data)).toEqual(kept.map((_, index) => `${501 - kept.length + index}`));
    for (const each of kept) expect(each.frame.data).toBe(`${each.number}`);
    expect(ring.newest(1).map(({ number }) => number)).toEqual([500]);
    expect(ring.evicted).toBe(500 - kept.length);
  });

  it('begin anew after one that is too large to keep', () => {
    const ring = new FrameRing({ frames: 3, bytes: 100 });
    ring.add(frame('a'));
    ring.add(frame('large', 101));
    ring.add(frame('b'));
    expect(ring.newest(10).map((kept) => [kept.number, kept.frame.data])).toEqual([[3, 'b']]);
    expect(ring.evicted).toBe(2);
  });

  it('stay within both limits and lose count of none, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 200 }), (sizes) => {
        const ring = new FrameRing({ frames: 7, bytes: 50 });
        for (const [index, bytes] of sizes.entries()) ring.add(frame(`${index + 1}`, bytes));
        const kept = ring.newest(100);
        expect(kept.length).toBeLessThanOrEqual(7);
        expect(kept.reduce((sum, each) => sum + each.frame.bytes, 0)).toBeLessThanOrEqual(50);
        expect(kept.length + ring.evicted).toBe(sizes.length);
        for (const { number, frame } of kept) expect(frame.data).toBe(`${number}`);
      }),
    );
  });
});
