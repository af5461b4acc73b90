/** Where an error goes that a listener threw. Must not throw itself. */
export type Report = (error: unknown) => void;

/** Callbacks that are told the same. */
export interface Listeners<Args extends readonly unknown[]> {
  /** Returns its own unsubscribe. One function that subscribes twice is told twice. */
  readonly subscribe: (listener: (...args: Args) => void) => () => void;
  /**
   * Calls those that are subscribed now, in their order, before it returns; one that unsubscribes meanwhile is not called
   * any more. What a listener throws goes to `report` and holds up nobody: neither the listeners after it nor the caller.
   */
  readonly tell: (...args: Args) => void;
  /** Nobody listens. */
  none(): boolean;
  /** Unsubscribes all. */
  clear(): void;
}

/** Without somewhere to report to, an error is an uncaught one, in a turn of its own. */
const loudly: Report = (error) =>
  queueMicrotask(() => {
    throw error;
  });

/** See `Listeners`. The only kind there is: whoever tells others of something tells them through it. */
export function createListeners<Args extends readonly unknown[]>(report: Report = loudly): Listeners<Args> {
  const all = new Set<(...args: Args) => void>();
  return {
    subscribe(listener) {
      const own = (...args: Args): void => listener(...args);
      all.add(own);
      return () => void all.delete(own);
    },
    tell(...args) {
      for (const listener of [...all]) {
        if (!all.has(listener)) continue;
        try {
          listener(...args);
        } catch (error) {
          report(error);
        }
      }
    },
    none: () => all.size === 0,
    clear: () => all.clear(),
  };
}
