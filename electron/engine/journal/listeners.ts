/** A list of callbacks; each call goes to those that are on it at that moment. */
export function listeners<Args extends readonly unknown[]>() {
  const all = new Set<(...args: Args) => void>();
  return {
    add(listener: (...args: Args) => void): () => void {
      // A wrapper, so that one function added twice is called twice and removed once.
      const own = (...args: Args): void => listener(...args);
      all.add(own);
      return () => void all.delete(own);
    },
    none: (): boolean => all.size === 0,
    call(...args: Args): void {
      for (const listener of [...all]) listener(...args);
    },
  };
}
