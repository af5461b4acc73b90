import type { z } from 'zod';

/** Whatever stands in an argument. */
type Path = readonly (string | number)[];

/** A value put in one place of an argument that is good otherwise. */
export interface Extreme {
  readonly path: Path;
  readonly value: unknown;
  /** Made when it is asked for: thousands of them at once would fill the memory. */
  readonly argument: () => unknown;
}

const numbers: readonly number[] = [
  1e300,
  -1e300,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  -0,
  0,
  2 ** 53,
  -(2 ** 53),
  0.1,
  1.5,
  -1.5,
  Number.MIN_VALUE,
];
const texts: readonly string[] = ['', 'x'.repeat(10_000_000), '\ud800', '\udfff\ud800', 'a\0b', '__proto__', '../..'];
const lists: readonly unknown[] = [[], Array.from({ length: 100_000 }, () => 'x'), new Array(4_000_000_000)];

const many: object = Object.fromEntries(Array.from({ length: 300_000 }, (_, at) => [`k${at}`, at]));
const proto: unknown = JSON.parse('{"__proto__":{"polluted":true}}');
const deep: unknown = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
const deepObject: unknown = JSON.parse(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`);
const shared = Array.from({ length: 40 }).reduce<unknown>((inner) => [inner, inner], 'x');
const objects: readonly unknown[] = [{}, proto, deep, deepObject, shared, new Date(0), new Map([['a', 1]])];

/** Texts among which each field that is one finds what it takes. */
const goodTexts = [
  'a',
  'value:x',
  'http://127.0.0.1:1/a',
  'https://127.0.0.1:1/a',
  '127.0.0.1:1',
  'X-Name',
  '-----BEGIN CERTIFICATE-----',
  'AB'.repeat(32),
  '/a',
  '',
];

/** Every argument that a schema lets one make by putting something extreme in one place of a good one. */
export function extremesOf(schema: z.ZodType): readonly Extreme[] {
  const made: Extreme[] = [];
  /** Fields that the good ones have in common are tried in one of them. */
  const seen = new Set<string>();
  for (const [nth, good] of goodOf(schema).entries()) {
    const put = (path: Path, value: unknown): void => {
      made.push({ path, value, argument: () => withAt(good, path, value) });
    };
    // What a field of another command left in it is unknown here as well; a copy of so many takes longer than all the rest.
    if (nth === 0) made.push({ path: [], value: many, argument: () => Object.assign(many, good) });
    walk(schema, good, [], (type, at, path) => {
      const field = `${path.join('.')} ${type} ${typeof at === 'object' && at !== null ? Object.keys(at).join() : ''}`;
      if (seen.has(field)) return;
      seen.add(field);
      for (const value of [null, undefined, true, 10n]) put(path, value);
      for (const value of valuesOf(type)) if (value !== many || path.length > 0) put(path, value);
      // Beside what is right, and in its place.
      if (typeof at === 'object' && at !== null && !Array.isArray(at)) {
        put(path, { ...at, stray: 1 });
        put(path, Object.assign(JSON.parse('{"__proto__":{"polluted":true}}') as object, at));
      }
    });
  }
  return made;
}

/** Good arguments: together they have every field, of every kind. */
export function goodOf(schema: z.ZodType): readonly unknown[] {
  const { def } = schema as unknown as { readonly def: z.core.$ZodTypeDef & Record<string, unknown> };
  switch (def.type) {
    case 'object': {
      const fields = Object.entries(def.shape as Record<string, z.ZodType>).map(
        ([name, inner]) => [name, goodOf(inner)] as const,
      );
      const most = Math.max(1, ...fields.map(([, values]) => values.length));
      return Array.from({ length: most }, (_, at) =>
        Object.fromEntries(fields.map(([name, values]) => [name, values[Math.min(at, values.length - 1)]])),
      ).map((value) => goodOne(schema, [value]));
    }
    case 'array':
      return [goodOf(def.element as z.ZodType).slice(0, 4)];
    case 'tuple':
      return [(def.items as readonly z.ZodType[]).map((item) => goodOf(item)[0])];
    case 'union':
      return (def.options as readonly z.ZodType[]).flatMap(goodOf);
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return goodOf(def.innerType as z.ZodType);
    case 'pipe':
      return goodOf(def.in as z.ZodType);
    case 'number':
      return [goodOne(schema, [1, 10, 4000, 0.5])];
    case 'string':
      return [goodOne(schema, goodTexts)];
    case 'enum':
      return [Object.values(def.entries as object)[0]];
    case 'literal':
      return [(def.values as readonly unknown[])[0]];
    case 'boolean':
      return [false];
    case 'null':
      return [null];
    default:
      throw new Error(`No example of ${def.type} is known here: add one.`);
  }
}

/** The first that a schema takes; one it does not, where rules between the fields are in the way, is an example all the same. */
function goodOne(schema: z.ZodType, values: readonly unknown[]): unknown {
  return values.find((value) => schema.safeParse(value).success) ?? values[0];
}

function walk(schema: z.ZodType, at: unknown, path: Path, see: (type: string, at: unknown, path: Path) => void): void {
  const { def } = schema as unknown as { readonly def: z.core.$ZodTypeDef & Record<string, unknown> };
  switch (def.type) {
    case 'object':
      see('object', at, path);
      for (const [name, inner] of Object.entries(def.shape as Record<string, z.ZodType>)) {
        walk(inner, Reflect.get(at as object, name), [...path, name], see);
      }
      return;
    case 'array':
      see('array', at, path);
      for (const [index, one] of (at as readonly unknown[]).entries()) {
        walk(def.element as z.ZodType, one, [...path, index], see);
      }
      return;
    case 'tuple':
      see('array', at, path);
      for (const [index, inner] of (def.items as readonly z.ZodType[]).entries()) {
        walk(inner, (at as readonly unknown[])[index], [...path, index], see);
      }
      return;
    case 'union': {
      const options = def.options as readonly z.ZodType[];
      walk(options.find((option) => option.safeParse(at).success) ?? (options[0] as z.ZodType), at, path, see);
      return;
    }
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      walk(def.innerType as z.ZodType, at, path, see);
      return;
    case 'pipe':
      walk(def.in as z.ZodType, at, path, see);
      return;
    default:
      see(def.type, at, path);
  }
}

/** Extremes of a type; of every other type one, since a page may put anything anywhere. */
function valuesOf(type: string): readonly unknown[] {
  switch (type) {
    case 'number':
      return [...numbers, '1', {}];
    case 'string':
    case 'enum':
    case 'literal':
      return [...texts, 1e300, {}];
    case 'array':
      return [...lists, ...objects, 'x'];
    case 'object':
      return [many, ...objects, lists[1], 'x'];
    default:
      return [1e300, texts[1], {}];
  }
}

function withAt(value: unknown, path: Path, put: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return put;
  if (Array.isArray(value)) return value.map((one: unknown, at) => (at === name ? withAt(one, rest, put) : one));
  const object = value as Readonly<Record<string, unknown>>;
  return { ...object, [name]: withAt(object[name], rest, put) };
}
