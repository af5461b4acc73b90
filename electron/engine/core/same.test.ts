import { describe, expect, it } from 'vitest';
import { same } from './same';

describe('two plain values', () => {
  it.each([
    [1, 1],
    [Number.NaN, Number.NaN],
    [null, null],
    [
      { a: [1, { b: 'x' }], c: null },
      { c: null, a: [1, { b: 'x' }] },
    ],
  ])('say the same: %j and %j', (a, b) => expect(same(a, b)).toBe(true));

  it.each([
    [1, 2],
    [0, null],
    [null, {}],
    [{}, []],
    [{ a: undefined }, { b: undefined }],
    [{ a: 1 }, { a: 1, b: 2 }],
    [
      [1, 2],
      [1, 2, 3],
    ],
    [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
  ])('do not: %j and %j', (a, b) => expect(same(a, b)).toBe(false));
});
