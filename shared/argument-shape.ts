/** Most of anything that a command carries: no window asks for so much by itself. */
const limits = {
  /** Objects and lists inside each other. */
  depth: 12,
  /** Members of one object. */
  members: 64,
  /** Elements of one list. */
  elements: 1_000,
  /** Values in all, however often the same one is there. */
  values: 10_000,
  /** Characters of all texts and names of members. */
  characters: 4 * 1024 * 1024,
} as const;

/**
 * What is wrong with an argument before anybody asks what it means, in a sentence that repeats nothing of it; null when
 * it is plain data of a size that a schema can be held against. It costs no more than the limits allow.
 */
export function misshapen(argument: unknown): string | null {
  let values = 0;
  let characters = 0;

  function within(value: unknown, depth: number): string | null {
    values += 1;
    if (values > limits.values) return `It holds more than ${limits.values} values.`;
    if (typeof value === 'string') return text(value);
    if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') {
      return 'It holds something that is no plain data.';
    }
    if (typeof value !== 'object' || value === null) return null;
    if (depth === limits.depth) return `It is more than ${limits.depth} levels deep.`;
    return Array.isArray(value) ? list(value, depth + 1) : record(value, depth + 1);
  }

  function text(value: string): string | null {
    characters += value.length;
    return characters > limits.characters ? `It is longer than ${limits.characters} characters.` : null;
  }

  function list(elements: readonly unknown[], depth: number): string | null {
    if (elements.length > limits.elements) return `It has a list of more than ${limits.elements} elements.`;
    return first(elements, (element) => within(element, depth));
  }

  function record(value: object, depth: number): string | null {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return 'It holds something that is no plain data.';
    const names = Object.keys(value);
    if (names.length > limits.members) return `It has an object of more than ${limits.members} members.`;
    return first(names, (name) => {
      if (name === '__proto__') return 'It has a member that no object may have.';
      return text(name) ?? within(Reflect.get(value, name), depth);
    });
  }

  return within(argument, 0);
}

function first<Item>(items: readonly Item[], problemOf: (item: Item) => string | null): string | null {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== null) return problem;
  }
  return null;
}
