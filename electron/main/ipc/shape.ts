/**
 * Whether reading an argument by its schema left something of it out. Schemas that the settings share pass over members
 * they do not know, since a newer version may have written them; a window of ours sends none.
 */
export function leftOut(argument: unknown, read: unknown): boolean {
  if (typeof argument !== 'object' || argument === null || typeof read !== 'object' || read === null) return false;
  return Object.entries(argument).some(
    ([name, value]) => value !== undefined && (!Object.hasOwn(read, name) || leftOut(value, Reflect.get(read, name))),
  );
}
