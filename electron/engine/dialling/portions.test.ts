import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import { createPortions } from './portions';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Each portion costs `ms`. */
function portionsThatCost(ms: number) {
  const clock = createFakeClock();
  const said: string[] = [];
  const sizes: number[] = [];
  const portions = createPortions(clock, {
    give(bytes) {
      sizes.push(bytes.length);
      clock.advance(ms);
    },
    onFull: () => said.push('full'),
    onRoom: () => said.push('room'),
  });
  return { portions, said, sizes };
}

describe('what is read, in portions', () => {
  it('hostile 8: makes one of a thousand tiny chunks that come together', async () => {
    const { portions, sizes, said } = portionsThatCost(0);
    for (let at = 0; at < 1_000; at += 1) portions.add(Uint8Array.of(at & 0xff));
    portions.end(() => said.push('end'));
    expect(sizes).toEqual([]);
    await turn();
    expect([sizes, said]).toEqual([[1_000], ['end']]);
  });

  it('hostile 8: that take long are small from then on, and the loop turns between them', async () => {
    const { portions, sizes, said } = portionsThatCost(5);
    portions.add(new Uint8Array(67 * 1024));
    await turn();
    // Two in the first turn: then the time of a turn is over.
    expect(sizes).toEqual([32 * 1024, 32 * 1024]);
    expect(said).toEqual(['full']);
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(sizes.slice(2)).toEqual([1024, 1024, 1024]);
    expect(said.at(-1)).toBe('room');
  });

  it('are handed on neither while held nor after being dropped, and their end comes after them', async () => {
    const { portions, sizes, said } = portionsThatCost(0);
    portions.hold();
    portions.add(new Uint8Array(10));
    portions.end(() => said.push('end'));
    await turn();
    expect([sizes, said]).toEqual([[], []]);
    portions.release();
    await turn();
    expect([sizes, said]).toEqual([[10], ['end']]);
    portions.add(new Uint8Array(10));
    portions.drop();
    await turn();
    expect(sizes).toEqual([10]);
  });
});
