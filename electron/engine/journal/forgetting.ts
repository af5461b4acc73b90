/** Sources that were to be forgotten while nothing could be written. */
export interface Forgetting {
  /** Removes a source now, or notes it. */
  forget(source: string): Promise<void>;
  /** It is still to be removed: what is stored of it is not its any more. */
  has(source: string): boolean;
  readonly none: boolean;
  /** Removes what was noted; false when that cannot be done yet. Nothing of these sources may be stored before. */
  late(): Promise<boolean>;
}

export function createForgetting(remove: (source: string) => Promise<void>, closing: () => boolean): Forgetting {
  const noted = new Set<string>();
  return {
    async forget(source) {
      try {
        await remove(source);
      } catch {
        if (!closing()) noted.add(source);
      }
    },
    has: (source) => noted.has(source),
    get none() {
      return noted.size === 0;
    },
    async late() {
      for (const source of [...noted]) {
        try {
          await remove(source);
          noted.delete(source);
        } catch {
          return false;
        }
      }
      return true;
    },
  };
}
