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

  it('promise 22: one larger than all the room is kept cut, with its true size, and drives no other out', () => {
    const ring = new FrameRing({ frames: 10, bytes: 100_000 });
    ring.add(frame('a'));
    ring.add(frame(`é${'x'.repeat(5_000_000)}`, 5_000_001));
    ring.add({ ...frame('', 400_000), data: Buffer.alloc(400_000, 7) });
    ring.add(frame('b'));
    const kept = ring.newest(10);
    expect(kept.map(({ number, frame }) => [number, frame.bytes])).toEqual([
      [1, 1],
      [2, 5_000_001],
      [3, 400_000],
      [4, 1],
    ]);
    expect(kept[1]?.frame.data).toBe(`é${'x'.repeat(4_095)}`);
    expect(kept[2]?.frame.data).toEqual(new Uint8Array(Buffer.alloc(4_096, 7)));
    expect(ring.evicted).toBe(0);
  });

  it('stay within the bytes between two parts too, however few frames that are', () => {
    const ring = new FrameRing({ frames: 1000, bytes: 800 });
    for (let number = 1; number <= 40; number += 1) {
      ring.add(frame('x'.repeat(90)));
      const bytes = ring.newest(1000).reduce((sum, each) => sum + each.frame.bytes, 0);
      expect(bytes).toBeLessThanOrEqual(800);
    }
  });

  it('hostile 9: count the names and headers that come with them', () => {
    const ring = new FrameRing({ frames: 1000, bytes: 10_000 });
    for (let number = 0; number < 100; number += 1) {
      ring.add({ ...frame('x'), event: `e${number}`.padEnd(100), headers: [['x-pad', 'y'.repeat(895)]] });
    }
    expect(ring.newest(1000).length).toBeLessThanOrEqual(10);
    expect(ring.evicted).toBeGreaterThanOrEqual(90);
  });

  it('stay within both limits and lose count of none, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 200 }), (sizes) => {
        const ring = new FrameRing({ frames: 7, bytes: 50 });
        for (const [index, bytes] of sizes.entries()) ring.add(frame(`${index + 1}`, bytes));
        const kept = ring.newest(100);
        expect(kept.length).toBeLessThanOrEqual(7);
        expect(kept.reduce((sum, each) => sum + Math.min(each.frame.bytes, 6), 0)).toBeLessThanOrEqual(50);
        expect(kept.length + ring.evicted).toBe(sizes.length);
        for (const { number, frame } of kept) expect(frame.data).toBe(`${number}`);
      }),
    );
  });
});
