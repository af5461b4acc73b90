import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../../shared/recipe';
import { createBodyReader } from './body-reader';
import { messageNames, readDescriptors } from './descriptors';
import { weatherDescriptors, weatherReading } from './testing/weather';

const readerOf = (message: string, descriptors = weatherDescriptors) =>
  createBodyReader(
    recipeSchema.parse({
      name: 'own',
      title: 'Own',
      read: { descriptors, encodings: [{ as: 'protobuf', message }] },
    }),
  );
const read = (bytes: Uint8Array, message = 'weather.Reading') => readerOf(message)(bytes, 'a');
const bytesOf = (...bytes: readonly number[]) => new Uint8Array(bytes);

describe('a body of Protobuf', () => {
  it('is read by the descriptors that protoc wrote: digits kept, enums by name, zeros told, bytes in base64', () => {
    expect(read(Buffer.from(weatherReading, 'base64'))).toEqual({
      text: [
        '{"sensor_id":"roof","celsius":0,"count":9007199254740993,"serial":18446744073709551615,"sky":"SKY_CLEAR",',
        '"raw":"AQL/","at":"2025-10-09T08:53:20.500Z","forecast":["SKY_CLEAR",7],"limits":{"__proto__":1.5},',
        '"place":{"name":"Dach","floor":0},',
        '"extra":{"@type":"type.googleapis.com/weather.Reading.Place","name":"Hof","floor":0},',
        '"wide":-9007199254740993,"within":[{"sensor_id":"in","celsius":0,"count":0,"serial":0,"sky":"SKY_UNKNOWN",',
        '"raw":"","forecast":[],"limits":{},"within":[]}]}',
      ].join(''),
    });
    // What nobody said is not there: a choice, an optional number.
    expect(read(bytesOf())).toEqual({
      text: '{"sensor_id":"","celsius":0,"count":0,"serial":0,"sky":"SKY_UNKNOWN","raw":"","forecast":[],"limits":{},"within":[]}',
    });
  });

  it('says the fields that its descriptors do not know', () => {
    // Field 99 as a varint, 7.
    expect(read(bytesOf(0x0a, 1, 0x61, 0x98, 0x06, 7), 'weather.Reading.Place')).toEqual({
      text: '{"name":"a","floor":0,"#unknown":[{"field":99,"bytes":"Bw=="}]}',
    });
  });

  it('of a type within an Any that nobody described keeps its bytes', () => {
    // extra = Any{type_url: "x/y.Z", value: 01}
    const bytes = bytesOf(0x6a, 10, 0x0a, 5, ...Buffer.from('x/y.Z'), 0x12, 1, 1);
    expect(read(bytes)).toMatchObject({ text: expect.stringContaining('"extra":{"@type":"x/y.Z","value":"AQ=="}') });
  });

  it('that is none says why, and stays what it is', () => {
    for (const bytes of [
      bytesOf(0xff),
      bytesOf(0x0a, 5, 0x61),
      bytesOf(0x0a, 2, 0xc3, 0x28),
      bytesOf(0x12, 1, 1),
      Buffer.from('{"celsius":21.5}'),
    ]) {
      expect(read(bytes)).toEqual({ text: null, why: expect.stringMatching(/^no Protobuf: /) });
    }
    expect(read(bytesOf(), 'weather.Nothing')).toEqual({
      text: null,
      why: 'no Protobuf: its descriptors have no such message',
    });
    expect(readerOf('a.B', 'AAAA')(bytesOf(), 'a')).toEqual({
      text: null,
      why: 'no Protobuf: its descriptors cannot be read',
    });
  });

  it('that is nested without end, says much with little, or is large, costs nothing', () => {
    let nested: Uint8Array = bytesOf();
    for (let depth = 0; depth < 5000; depth += 1)
      nested = Buffer.concat([bytesOf(0x82, 0x01), varint(nested.length), nested]);
    expect(read(nested)).toMatchObject({ text: null, why: expect.stringMatching(/recursion depth/) });
    // Readings within, each of three bytes and nine fields.
    const many = Buffer.alloc(3 * 200_000);
    for (let at = 0; at < many.length; at += 3) many.set([0x82, 0x01, 0x00], at);
    expect(read(many)).toEqual({ text: null, why: 'no Protobuf: it says more than # values' });
    expect(read(Buffer.alloc(5 * 1024 * 1024))).toEqual({ text: null, why: 'no Protobuf: it is longer than # MiB' });
    // An Any within an Any, and so on: each is a new message to the library.
    let any: Uint8Array = bytesOf();
    const url = Buffer.from('x/weather.Reading');
    for (let depth = 0; depth < 150; depth += 1) {
      const value = Buffer.concat([bytesOf(0x0a, url.length), url, bytesOf(0x12), varint(any.length), any]);
      any = Buffer.concat([bytesOf(0x6a), varint(value.length), value]);
    }
    expect(read(any)).toMatchObject({ text: null, why: expect.stringMatching(/nested/) });
  });
});

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  for (; left > 127; left >>>= 7) bytes.push((left & 127) | 128);
  return bytesOf(...bytes, left);
}

describe('a descriptor set', () => {
  it('names its messages, its own before those of Google, and no entries of maps', () => {
    const names = messageNames(readDescriptors(weatherDescriptors));
    expect(names.slice(0, 3)).toEqual(['weather.Reading', 'weather.Reading.Place', 'google.protobuf.Any']);
    expect(names.filter((name) => name.endsWith('Entry'))).toEqual([]);
  });

  it('that lacks what it imports is told which file', () => {
    const set = fromBinary(FileDescriptorSetSchema, Buffer.from(weatherDescriptors, 'base64'));
    expect(() => createFileRegistry(set)).not.toThrow();
    const lacking = { ...set, file: set.file.filter(({ name }) => !name.includes('timestamp')) };
    expect(readDescriptors(base64Of(lacking.file))).toEqual({
      ok: false,
      why: 'It lacks google/protobuf/timestamp.proto: write it with --include_imports.',
    });
  });

  it('that is none, cut off, empty, imports itself, or names types that there are not, is refused and throws nothing', () => {
    const whole = Buffer.from(weatherDescriptors, 'base64');
    for (const length of [1, 100, 1000, whole.length - 1]) {
      expect(readDescriptors(whole.subarray(0, length).toString('base64')).ok).toBe(false);
    }
    expect(readDescriptors('')).toEqual({ ok: false, why: 'It describes no file.' });
    const file = (name: string, dependency: string[], typeName: string) =>
      create(FileDescriptorProtoSchema, {
        name,
        dependency,
        syntax: 'proto3',
        messageType: [{ name: 'A', field: [{ name: 'a', number: 1, type: 11, label: 1, typeName }] }],
      });
    expect(readDescriptors(base64Of([file('a', [], '.Nowhere')])).ok).toBe(false);
    const circle = readDescriptors(base64Of([file('a', ['b'], '.A'), file('b', ['a'], '.A')]));
    expect(typeof circle.ok).toBe('boolean');
  });
});

function base64Of(file: readonly ReturnType<typeof create<typeof FileDescriptorProtoSchema>>[]): string {
  const set = create(FileDescriptorSetSchema, { file: [...file] });
  return Buffer.from(toBinary(FileDescriptorSetSchema, set)).toString('base64');
}
