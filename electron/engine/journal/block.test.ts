import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockEvent } from './block';
import { blockChars, blockEvents } from './block';
import { BlockEncoder } from './block-encoder';
import { BlockReader } from './block-reader';
import { createQueue } from './queue';
import { entry, event, someTime } from './samples';

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.json({ maxDepth: 2 }),
  fc.constant('{"big":9007199254740993,"float":127.0,"é":"\\u00e9"}'),
);

const blockEvent: fc.Arbitrary<Omit<BlockEvent, 'ordinal'>> = fc
  .record({
    stream: fc.constantFrom('a', 'b', 'ström'),
    position: fc.option(
      fc.record({ epoch: fc.constantFrom('e1', 'e2'), seq: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }) }),
    ),
    id: fc.option(text),
    type: fc.constantFrom('cpu', 'mem', ''),
    sentAt: fc.option(fc.integer({ min: 0, max: 4e12 })),
    receivedAt: fc.integer({ min: 0, max: 4e12 }),
    body: fc.oneof(
      text,
      fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
    ),
    late: fc.boolean(),
  })
  .map((value) => ({ ...value, bytes: Buffer.byteLength(value.body) }));

describe('block', () => {
  it('gives back every event as it was put in', () => {
    fc.assert(
      fc.property(
        fc.array(blockEvent, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        (events, step) => {
          const encoder = new BlockEncoder();
          const put = events.map((one, index) => ({ ...one, ordinal: 100 + index * step }));
          for (const one of put) encoder.add(one);
          const block = encoder.finish();
          const reader = new BlockReader(block.head, block.text);
          expect(Array.from({ length: reader.count }, (_, at) => reader.event(at))).toEqual(put);
          expect([block.first, block.last, block.count]).toEqual([
            put[0]?.ordinal,
            put[put.length - 1]?.ordinal,
            put.length,
          ]);
          for (const [stream, epoch, low, high] of block.extents) {
            const seqs = put
              .filter((one) => one.stream === stream && one.position?.epoch === epoch)
              .map((one) => one.position?.seq ?? -1);
            expect([low, high]).toEqual([Math.min(...seqs), Math.max(...seqs)]);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('starts empty again after finish', () => {
    const encoder = new BlockEncoder();
    encoder.add(event(1, { late: true, id: 'x', stream: 'other' }));
    encoder.finish();
    encoder.add(event(2));
    const block = encoder.finish();
    expect(new BlockReader(block.head, block.text).event(0)).toEqual({ ...event(2), value: undefined });
  });

  it('is full by count and by size', () => {
    const encoder = new BlockEncoder();
    for (let n = 0; n < blockEvents; n++) encoder.add(event(n));
    expect(encoder.full).toBe(true);
    encoder.finish();
    encoder.add(event(1, { body: 'x'.repeat(blockChars) }));
    expect(encoder.full).toBe(true);
  });

  it('finds the event of a place in the text and the first one from an ordinal on', () => {
    const encoder = new BlockEncoder();
    for (const [index, body] of ['one', '', 'three'].entries()) encoder.add(event(index * 2, { body, id: 'ab' }));
    const block = encoder.finish();
    const reader = new BlockReader(block.head, block.text);
    expect(reader.text).toBe('abababonethree');
    expect([0, 5, 6, 8, 9, 13].map((place) => reader.indexOf(place))).toEqual([-1, -1, 0, 0, 2, 2]);
    expect([0, 1, 2, 3, 4, 5].map((ordinal) => reader.firstAtOrAfter(ordinal))).toEqual([0, 1, 1, 2, 2, 3]);
  });

  it('refuses what is cut short', () => {
    const encoder = new BlockEncoder();
    encoder.add(event(1));
    const { head } = encoder.finish();
    expect(() => new BlockReader(head.subarray(0, head.length - 8))).toThrow(RangeError);
    expect(() => new BlockReader(head.subarray(0, 20))).toThrow(RangeError);
  });
});

describe('what is handed to the worker', () => {
  it('gives away the buffers of large blocks, and none that small ones share with others', () => {
    const queue = createQueue();
    queue.add(entry('small', 1, 0, 1));
    queue.add(entry('large', 1, 0, 500));
    const { group, transfer } = queue.take(1, someTime);
    const [small, large] = group.blocks;
    expect(transfer).toEqual([large?.head.buffer, large?.text.buffer]);
    expect(small?.head.buffer).not.toBe(large?.head.buffer);
    for (const { head, text } of group.blocks) {
      const block = new BlockReader(head, text);
      expect(block.event(block.count - 1).body).toBe(event(block.count - 1).body);
    }
  });
});
