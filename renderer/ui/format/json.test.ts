import { describe, expect, it } from 'vitest';
import { jsonLines, jsonText } from './json';

const pretty = (text: string): string | null => {
  const lines = jsonLines(text);
  return lines === null ? null : jsonText(lines);
};

describe('jsonLines', () => {
  it('keeps the digits of every number', () => {
    const text = '{"ref":1688888483063664642,"amount":127.0,"tiny":1E-400,"minus":-0}';
    expect(pretty(text)).toBe(
      '{\n  "ref": 1688888483063664642,\n  "amount": 127.0,\n  "tiny": 1E-400,\n  "minus": -0\n}',
    );
  });

  it('behaviour 57: keeps what is no number as the word it is, outside of strings', () => {
    const text = '{"loss":NaN,"rtt":3,"worst":[-Infinity,Infinity],"note":"NaN"}';
    const lines = jsonLines(text) ?? [];
    expect(lines.map(({ tokens }) => tokens.map((token) => token.text).join('')).join('')).toBe(
      text.replaceAll(':', ': '),
    );
    const words = lines.flatMap(({ tokens }) => tokens).filter(({ kind }) => kind === 'word');
    expect(words.map((token) => token.text)).toEqual(['NaN', '-Infinity', 'Infinity']);
    expect(['{"a":NaN1}', '{"a":nan}', '{NaN:1}', '{"a":+Infinity}'].map(jsonLines)).toEqual([null, null, null, null]);
  });

  it('keeps escapes, repeated and prototype keys as received', () => {
    const text = '{"__proto__":"\\u0041\\n","a":1,"a":2}';
    expect(pretty(text)).toBe('{\n  "__proto__": "\\u0041\\n",\n  "a": 1,\n  "a": 2\n}');
  });

  it('lays out nested and empty containers as JSON.stringify does', () => {
    const value = { a: [], b: {}, c: [[1, [2]], { d: null }], e: true };
    expect(pretty(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
    expect(pretty('[]')).toBe('[]');
    expect(pretty(' "x" ')).toBe('"x"');
  });

  it.each(['', '{', '[1,]', '{"a":1,}', '{"a" 1}', '01', 'nul', '[1}', '1 2', '"\u0001"', '{1:2}', 'hello', '"\\x"'])(
    'refuses %j',
    (text) => {
      expect(() => JSON.parse(text)).toThrow();
      expect(jsonLines(text)).toBeNull();
    },
  );

  it('gives up on hostile nesting and survives a long string', () => {
    expect(jsonLines('['.repeat(5_000) + ']'.repeat(5_000))).toBeNull();
    expect(jsonLines(`["${'x'.repeat(3_000_000)}"]`)).toHaveLength(3);
  });
});
