import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import type { DialTarget } from './dial';
import { createLanes } from './lane';

describe('connections by origin', () => {
  it('hostile 9: remember of few origins that they want HTTP/1.1: a redirect may lead to a new one each time', async () => {
    const dialled: DialTarget[] = [];
    const lanes = createLanes(async (target) => {
      dialled.push(target);
      throw new Error('Nobody there.');
    }, createFakeClock());
    for (let n = 0; n < 10_000; n += 1) lanes.onlyHttp1(`https://h${n}.test`);
    for (const n of [0, 9_899, 9_900, 9_999]) {
      await lanes.open(`https://h${n}.test`, false, new AbortController().signal).catch(() => {});
    }
    expect(dialled.map(({ use }) => use)).toEqual(['http', 'http', 'http1', 'http1']);
    lanes.close();
  });
});
