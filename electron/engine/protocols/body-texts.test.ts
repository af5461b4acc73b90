import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEntityName } from '../../../shared/entity-names';
import { numberInText } from '../../../shared/number-text';
import { BodyNumbers, parsedBody } from '../core/body-numbers';
import { BodyTexts } from './body-texts';
import { keptCodesOf } from './text-codes';

/** Reads a text whose shape was learnt from another one. */
function readAfter(learnt: string, text: string): BodyNumbers | null {
  const texts = new BodyTexts();
  texts.missed(learnt);
  // Something before and after it, as in a frame.
  return texts.read(keptCodesOf(`{"data":${text}}`), 8, 8 + text.length);
}

/** The parsed body, made of what was read: every word a null. */
function composed({ shape, numbers }: BodyNumbers): unknown {
  const made = (tree: unknown): unknown => {
    if (typeof tree === 'number') return numbers[tree];
    if (Array.isArray(tree)) return tree.map(made);
    if (typeof tree !== 'object' || tree === null) return tree;
    return Object.fromEntries(Object.entries(tree).map(([name, inner]) => [name, made(inner)]));
  };
  return made(shape.tree);
}

const wordless = (text: string): unknown =>
  JSON.parse(text, (_, inner: unknown) => (typeof inner === 'string' ? null : inner));

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Whether a number stands in a text of it, or a member names an entity: that is read by who parses. */
const speaksOfNumbers = (value: unknown): boolean => {
  if (typeof value === 'string') return numberInText(value) !== null;
  if (typeof value !== 'object' || value === null) return false;
  return Object.keys(value).some(isEntityName) || Object.values(value).some(speaksOfNumbers);
};

const number = fc.oneof(
  fc.integer(),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((digits) => digits / 100),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constant(-0),
);

describe('bodies of a shape that was learnt', () => {
  it('give the numbers that JSON.parse gives, bit by bit', () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 6 }), (numbers) => {
        const text = `[ ${numbers.map((each) => (Object.is(each, -0) ? '-0' : JSON.stringify(each))).join(' , ')}]`;
        const read = readAfter(`[ ${numbers.map(() => 1).join(' , ')}]`, text);
        // What it leaves to JSON.parse is no mistake.
        if (read === null) return;
        const parsed = JSON.parse(text) as readonly number[];
        expect(read.numbers.map((each, at) => Object.is(each, parsed[at]))).toEqual(numbers.map(() => true));
      }),
      { numRuns: 2_000 },
    );
  });

  it('are read again in any value that JSON knows, and stand where they stood', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.array(fc.integer({ min: -999, max: 99_999 })), (value, others) => {
        let at = 0;
        const other = JSON.parse(JSON.stringify(value), (_, inner: unknown) => {
          if (typeof inner === 'number') return (others[at++ % Math.max(1, others.length)] ?? 7) / 4;
          return typeof inner === 'string' ? 'another word' : inner;
        }) as unknown;
        const text = JSON.stringify(other);
        const read = readAfter(JSON.stringify(value), text);
        if (read !== null) expect(composed(read)).toEqual(wordless(text));
        else expect(JSON.stringify(value).length > 4_096 || at > 64 || speaksOfNumbers(value)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('behaviours 58 and 60: are left to JSON.parse where a text is a number, or a member names what they are of', () => {
    expect(readAfter('{"p":"1.5","n":1}', '{"p":"2.5","n":2}')).toBeNull();
    expect(readAfter('{"sensor":"a","n":1}', '{"sensor":"b","n":2}')).toBeNull();
    expect(readAfter('{"state":"unknown","n":1}', '{"state":"21.5","n":2}')).toBeNull();
    expect(readAfter('{"at":"2026-01-01","n":1}', '{"at":"2026-01-02","n":2}')?.numbers).toEqual([2]);
  });

  it('are never taken where JSON.parse would not take them', () => {
    const body = '{"host":"web-1","percent":79.19,"list":[1,-20,{"deep":0.5}],"on":true,"no":null,"note":"x"}';
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: body.length - 1 }),
        fc.oneof(fc.constantFrom('"', '\\', '0', '.', '-', ',', '}', '\n', '\u0000', 'e5', '00', ''), fc.string()),
        fc.integer({ min: 0, max: 3 }),
        (at, put, cut) => {
          const broken = body.slice(0, at) + put + body.slice(at + cut);
          const read = readAfter(body, broken);
          if (read === null) return;
          expect(parses(broken)).toBe(true);
          expect(composed(read)).toEqual(wordless(broken));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('leave to JSON.parse what a float does not hold, or what has another way of writing it', () => {
    const numbersOf = (text: string): readonly number[] | null =>
      readAfter('{"a":1}', `{"a":${text}}`)?.numbers ?? null;
    for (const text of [
      '9007199254740993',
      '0.1234567890123456',
      '1e5',
      '1E-5',
      '01',
      '-',
      '1.',
      '.5',
      '+1',
      '-01.5',
    ]) {
      expect(numbersOf(text), text).toBeNull();
    }
    expect(numbersOf('999999999999999')).toEqual([999_999_999_999_999]);
    expect(numbersOf('0.3')).toEqual([0.3]);
    expect(numbersOf('-0.07')).toEqual([-0.07]);
    for (const text of ['{"a":1} ', '{"a":1}}', '{"a":1', '']) expect(readAfter('{"a":1}', text), text).toBeNull();
    expect(readAfter('{"a":"x"}', '{"a":"\\n"}')).toBeNull();
    expect(readAfter('{"a":"x"}', '{"a":"\n"}')).toBeNull();
    expect(readAfter('{"a":"x"}', '{"a":"é\u2028😀"}')).not.toBeNull();
  });

  it('may come in two shapes by turns, and in a third after some that were parsed', () => {
    const texts = new BodyTexts();
    const take = (text: string): boolean => {
      const read = texts.read(keptCodesOf(text), 0, text.length);
      if (read === null) texts.missed(text);
      return read !== null;
    };
    const [a, b, c] = ['{"a":1}', '{"b":[2,3]}', '{"c":null}'];
    expect([a, b, b, a, b, a, a, b].map(take)).toEqual([false, false, false, true, true, true, true, true]);
    let parsed = 0;
    while (!take(c)) parsed += 1;
    expect(parsed).toBe(4);
    expect(take(b)).toBe(true);
  });

  it('may have any white space where JSON has some', () => {
    const text = `\t{ "a"${' '.repeat(200)}:\r\n 1 , "b" : [ "x" , -2.5 ] }\n`;
    const read = readAfter(text, text.replace('1', '12'));
    expect(read && composed(read)).toEqual({ a: 12, b: [null, -2.5] });
  });

  it('have a size beyond which nothing is learnt', () => {
    const long = `{"a":"${'x'.repeat(4_100)}"}`;
    const many = JSON.stringify(Array.from({ length: 65 }, (_, at) => at));
    for (const text of [long, many]) expect(readAfter(text, text)).toBeNull();
    expect(readAfter('{"a":"x"}', long)?.numbers).toEqual([]);
  });

  it('can be parsed by whoever wants their words', () => {
    const body = '{"type":"auth","code":401}';
    const value = readAfter('{"type":"hello","code":1}', body);
    expect(value).toBeInstanceOf(BodyNumbers);
    expect(parsedBody({ value, body })).toEqual({ type: 'auth', code: 401 });
    expect(parsedBody({ value: 7, body: '7' })).toBe(7);
  });
});
