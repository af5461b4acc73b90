import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteQueue } from './byte-queue';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

describe('a queue of bytes', () => {
  it('hostile 8: keeps a million chunks of one byte in few objects', () => {
    const queue = new ByteQueue();
    for (let at = 0; at < 1_000_000; at += 1) queue.add(Uint8Array.of(at & 0xff));
    expect(queue.count()).toBeLessThan(300);
    expect(queue.length).toBe(1_000_000);
    const all = queue.takeAll();
    expect(all.length).toBe(1_000_000);
    expect(all.every((byte, at) => byte === (at & 0xff))).toBe(true);
    expect(queue.count()).toBe(0);
  });

  it('keeps a chunk that stays alone, and large ones, as they came', () => {
    const queue = new ByteQueue();
    const alone = Uint8Array.of(1, 2, 3);
    queue.add(alone);
    expect(queue.takeAll()).toBe(alone);
    const large = new Uint8Array(5000);
    queue.add(alone);
    queue.add(large);
    expect(queue.takeSome(8192)).toBe(alone);
    expect(queue.takeSome(8192)).toBe(large);
    expect(queue.takeSome(8192).length).toBe(0);
  });

  it('gives back what came, in its order, however it is cut and taken', () => {
    const chunks = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 40 });
    fc.assert(
      fc.property(chunks, fc.integer({ min: 1, max: 5000 }), fc.array(fc.boolean()), (sizes, most, takes) => {
        const queue = new ByteQueue();
        let sent = '';
        let got = '';
        sizes.forEach((size, at) => {
          const chunk = Buffer.alloc(size, String.fromCharCode(65 + (at % 26)));
          sent += text(chunk);
          queue.add(chunk);
          if (takes[at]) {
            const some = queue.takeSome(most);
            expect(some.length).toBeLessThanOrEqual(most);
            got += text(some);
          }
          if (takes[at + 1]) expect(text(queue.whole()).length).toBe(queue.length);
        });
        expect(got + text(queue.takeAll())).toBe(sent);
      }),
    );
  });
});
