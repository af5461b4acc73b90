import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementsOf, membersOf } from './json-scan';

describe('json-scan', () => {
  it('finds the members of any JSON object as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.boolean(), (value, pretty) => {
        const text = JSON.stringify(value, null, pretty ? 2 : 0);
        const members = membersOf(text);
        expect([...(members ?? [])].map(([name]) => name).sort()).toEqual(Object.keys(JSON.parse(text)).sort());
        for (const [name, { start, end }] of members ?? []) {
          expect(JSON.parse(text.slice(start, end))).toEqual(
            Object.getOwnPropertyDescriptor(JSON.parse(text), name)?.value,
          );
        }
      }),
    );
  });

  it('finds the elements of any JSON array', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (value) => {
        const text = JSON.stringify(value, null, 1);
        const found = elementsOf(text)?.map(({ start, end }) => JSON.parse(text.slice(start, end)));
        expect(found).toEqual(JSON.parse(text));
      }),
    );
  });

  it('takes any text without throwing', () => {
    const ends = fc.constantFrom('{', '[', '"', '\\', ',', ':', '}', ']', ' ', 'a', '1', '{"a":', '[1,');
    fc.assert(
      fc.property(fc.array(ends), (parts) => {
        membersOf(parts.join(''));
        elementsOf(parts.join(''));
      }),
    );
    expect(membersOf('{"a":1} x')).toBeNull();
    expect(membersOf('{"a":1,}')).toBeNull();
    expect(elementsOf('[1 2]')).toBeNull();
    expect(membersOf('{"a":"\\"')).toBeNull();
  });
});
