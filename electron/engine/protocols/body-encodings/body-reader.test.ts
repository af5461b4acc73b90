import { encode } from '@msgpack/msgpack';
import { encode as encodeCbor } from 'cbor';
import { describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../../shared/recipe';
import { createBodyReader } from './body-reader';
import { brokenMessagePack } from './messagepack-shape';

const readerOf = (...encodings: readonly object[]) =>
  createBodyReader(recipeSchema.parse({ name: 'r', title: 'R', read: { encodings } }));

const said = {
  celsius: 21.5,
  name: 'ä',
  big: 9007199254740993n,
  raw: new Uint8Array([1, 2, 255]),
  at: new Date(1_760_000_000_000),
  list: [null, true],
};
const text =
  '{"celsius":21.5,"name":"ä","big":9007199254740993,"raw":"AQL/","at":"2025-10-09T08:53:20.000Z","list":[null,true]}';

describe('a body of bytes', () => {
  it('is read as MessagePack and as CBOR where the recipe says so, with all of its digits', () => {
    const messagepack = readerOf({ as: 'messagepack' });
    expect(messagepack(encode(said, { useBigInt64: true }), 'a')).toEqual({ text });
    const cbor = readerOf({ as: 'cbor' });
    expect(cbor(encodeCbor({ celsius: 21.5, big: 9007199254740993n, list: [null, true] }), 'a')).toEqual({
      text: '{"celsius":21.5,"big":9007199254740993,"list":[null,true]}',
    });
    expect(
      cbor(
        encodeCbor(
          new Map<unknown, unknown>([
            [1, 'one'],
            ['b', Number.NaN],
          ]),
        ),
        'a',
      ),
    ).toEqual({
      text: '{"1":"one","b":"NaN"}',
    });
  });

  it('may say 16 MiB, however deep it stands', () => {
    const long = 'x'.repeat(3 * 1024 * 1024);
    const deep = { a: { b: { c: { d: { e: { f: [long] } } } } } };
    expect(readerOf({ as: 'messagepack' })(encode(deep), 'a')).toEqual({ text: JSON.stringify(deep) });
    const wide = Array.from({ length: 6 }, () => long);
    expect(readerOf({ as: 'messagepack' })(encode(wide), 'a')).toMatchObject({ text: null });
  });

  it('is what the first entry says whose streams match', () => {
    const read = readerOf({ streams: 'roof/*/raw', as: 'hex' }, { streams: 'roof/*', as: 'messagepack' });
    const bytes = encode({ a: 1 });
    expect(read(bytes, 'roof/t1')).toEqual({ text: '{"a":1}' });
    expect(read(bytes, 'roof/t1/raw')).toEqual({ text: null, why: null });
    expect(read(Buffer.from('plain'), 'yard')).toEqual({ text: 'plain' });
    expect(readerOf({ streams: 'a*a', as: 'hex' })(Buffer.from('x'), 'a')).toEqual({ text: 'x' });
  });

  it('that is none of what it is said to be says why, always in the same words', () => {
    const read = readerOf({ as: 'messagepack' });
    const whole = encode({ name: 'something', more: [1, 2, 3] });
    const whys = [3, 5, 12].map((length) => read(whole.subarray(0, length), 'a'));
    for (const why of whys) expect(why).toMatchObject({ text: null, why: expect.stringMatching(/^no MessagePack: /) });
    expect(readerOf({ as: 'cbor' })(new Uint8Array([0x9f, 0x01]), 'a')).toMatchObject({
      text: null,
      why: expect.stringMatching(/^no CBOR: /),
    });
  });

  it('that claims to be large, or is nested without end, costs nothing', () => {
    for (const bytes of [
      [0xdd, 0xff, 0xff, 0xff, 0xff],
      [0xdb, 0x7f, 0xff, 0xff, 0xff],
      new Array(50_000).fill(0x91),
    ]) {
      expect(readerOf({ as: 'messagepack' })(new Uint8Array(bytes), 'a')).toMatchObject({ text: null });
    }
    for (const bytes of [[0x9b, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff], new Array(50_000).fill(0x81)]) {
      expect(readerOf({ as: 'cbor' })(new Uint8Array(bytes), 'a')).toMatchObject({ text: null });
    }
  });

  it('of lists in lists that each claim to be as long as the message takes no room for what they claim', () => {
    const bytes = Buffer.alloc(100_000, 0xdd);
    for (let at = 0; at + 5 <= bytes.length; at += 5) bytes.writeUInt32BE(bytes.length - at - 5, at + 1);
    expect(readerOf({ as: 'messagepack' })(bytes, 'a')).toEqual({
      text: null,
      why: 'no MessagePack: it is nested too deep',
    });
    const flat = Buffer.from([0x92, 0xdd, 0, 0, 0, 3, 1, 2]);
    expect(readerOf({ as: 'messagepack' })(flat, 'a')).toEqual({
      text: null,
      why: 'no MessagePack: it claims to hold more than it does',
    });
  });

  it('of every form of MessagePack is whole, and cut anywhere it is not', () => {
    const forms: readonly unknown[] = [
      ...[null, true, 1, -1, 200, 40_000, 3_000_000_000, -100, -30_000, -2_000_000_000, 1.5, 2n ** 60n, -(2n ** 60n)],
      ...['', 'a'.repeat(31), 'a'.repeat(255), 'a'.repeat(70_000), new Uint8Array(3), new Uint8Array(300)],
      ...[[], [1, [2, [3]]], new Array(16).fill(0), new Array(70_000).fill(1), {}, { a: { b: 1 } }],
      ...[Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, n])), new Date(0), new Date(2 ** 35)],
    ];
    for (const form of forms) {
      const bytes = encode(form, { useBigInt64: true });
      expect(brokenMessagePack(bytes)).toBeNull();
      for (let end = 0; end < Math.min(bytes.length, 40); end += 1) {
        expect(brokenMessagePack(bytes.subarray(0, end))).not.toBeNull();
      }
    }
    expect(brokenMessagePack(new Uint8Array([1, 1]))).toBe('more stands behind it');
    expect(brokenMessagePack(new Uint8Array([0xc1]))).not.toBeNull();
    expect(brokenMessagePack(new Uint8Array([0xd4, 5, 1]))).toBeNull();
  });

  it('of CBOR keeps what has a meaning of its own as it is written: addresses, expressions, lists of numbers', () => {
    const read = (hex: string) => readerOf({ as: 'cbor' })(Buffer.from(hex, 'hex'), 'a');
    expect(read('d82068687474703a2f2f61')).toEqual({ text: '"http://a"' });
    expect(read('d82365285b612d5d')).toEqual({ text: '"([a-]"' });
    expect(read('d84544010002ff')).toEqual({ text: '[1,65282]' });
    expect(read('a1695f5f70726f746f5f5f01')).toEqual({ text: '{"__proto__":1}' });
  });
});
