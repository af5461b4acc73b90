import { placeOfSecret } from '../../../shared/secret-places';

/** Takes secrets out of what was pasted, each under a name of its own; the same one is taken once. */
export interface SecretTaker {
  /** The name under which it goes from now on. */
  name(value: string): string;
  /** A name for one that is still to be entered. */
  unknown(): string;
  /** What stands for it in an address, a header or a message. */
  place(value: string): string;
  taken(): readonly { readonly name: string; readonly value: string }[];
}

export function createSecretTaker(newId: () => string): SecretTaker {
  const names = new Map<string, string>();

  function name(value: string): string {
    const known = names.get(value);
    if (known !== undefined) return known;
    const made = `pasted-${newId()}`;
    names.set(value, made);
    return made;
  }

  return {
    name,
    unknown: () => `pasted-${newId()}`,
    place: (value) => placeOfSecret(name(value)),
    taken: () => [...names].map(([value, made]) => ({ name: made, value })),
  };
}
