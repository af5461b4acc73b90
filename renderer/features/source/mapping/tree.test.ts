import { describe, expect, it } from 'vitest';
import { parsePath, pathText, valueAt } from '../../../../shared/member-path';
import { treeBelow, treeOf } from './tree';

const text = '{"a":[{"b":1.50,"c":[]},[2,"x"]],"d.e":{"f":null},"g":{},"n":12345678901234567890}';

describe('a message laid open', () => {
  it('names the way to every single value, and keeps its characters', () => {
    const lines = treeOf(text) ?? [];
    const singles = lines.filter(({ single }) => single !== undefined);
    expect(singles.map(({ steps }) => pathText(steps))).toEqual(['a[0].b', 'a[1][0]', 'a[1][1]', '["d.e"].f', 'n']);
    const body: unknown = JSON.parse(text);
    for (const { steps, single } of singles) expect(valueAt(body, steps)).toEqual(single?.value);
    expect(lines.map(({ tokens }) => tokens.map((token) => token.text).join('')).join('')).toContain(
      '12345678901234567890',
    );
  });

  it('is a part of a whole where a message stands in a list', () => {
    const lines = treeBelow(treeOf(text) ?? [], parsePath('a[0]') ?? []);
    expect(lines.map(({ steps }) => pathText(steps))).toEqual(['', 'b', 'c', '']);
    expect(lines.map(({ depth }) => depth)).toEqual([0, 1, 1, 0]);
    const under = treeBelow(treeOf(text) ?? [], parsePath('["d.e"]') ?? []);
    expect(under[0]?.tokens.map((token) => token.text)).toEqual(['{']);
  });

  it('is a single value too', () => {
    expect(treeOf('5')).toMatchObject([{ steps: [], single: { value: 5 } }]);
    expect(treeOf('no JSON')).toBeNull();
  });
});
