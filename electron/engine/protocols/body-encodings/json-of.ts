/** Deeper values are not written: nobody reads them, and each level costs a call. */
const deepest = 100;
/** So long a text at most, characters: bytes that say little may mean much. */
const longest = 16 * 1024 * 1024;

/** A value that cannot be written as JSON, with why. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

/**
 * A decoded value as JSON text with all of its digits: whole numbers of any size as they are, bytes in base64, times in ISO 8601,
 * keys that are no texts as their JSON, what JSON has no number for (NaN, infinity) as a word.
 */
export function jsonOf(value: unknown): string {
  let room = longest;
  const spend = (text: string): string => {
    room -= text.length;
    if (room < 0) throw new NotJson('it says more than 16 MiB');
    return text;
  };

  function write(one: unknown, depth: number): string {
    if (depth > deepest) throw new NotJson(`it is nested more than ${deepest} deep`);
    switch (typeof one) {
      case 'string':
        return spend(JSON.stringify(one));
      case 'number':
        return spend(Number.isFinite(one) ? String(one) : `"${one}"`);
      case 'bigint':
      case 'boolean':
        return spend(String(one));
      case 'object':
        return one === null ? spend('null') : writeObject(one, depth);
      default:
        return spend('null');
    }
  }

  function writeObject(one: object, depth: number): string {
    if (one instanceof Uint8Array) return spend(`"${Buffer.from(one).toString('base64')}"`);
    if (one instanceof Date) return spend(Number.isNaN(one.getTime()) ? 'null' : `"${one.toISOString()}"`);
    if (isNumbers(one)) return writeObject(Array.from<unknown>(one), depth);
    if (Array.isArray(one)) return list(one, depth);
    if (one instanceof Set) return list([...one], depth);
    const entries: readonly (readonly [unknown, unknown])[] = one instanceof Map ? [...one] : Object.entries(one);
    const members = entries.map(([key, item]) => {
      const name = typeof key === 'string' ? key : write(key, depth + 1);
      return `${spend(`${JSON.stringify(name)}:`)}${write(item, depth + 1)}`;
    });
    return `{${members.join(',')}}`;
  }

  function list(items: readonly unknown[], depth: number): string {
    return `[${items.map((item) => write(item, depth + 1)).join(',')}]`;
  }

  return write(value, 0);
}

/** Lists of numbers that are no bytes: RFC 8746. */
function isNumbers(one: object): one is Exclude<NodeJS.TypedArray, Uint8Array> {
  return ArrayBuffer.isView(one) && !(one instanceof DataView) && !(one instanceof Uint8Array);
}
