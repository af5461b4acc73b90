import type { Journal } from '../core/journal';

/** A journal that keeps nothing: for a terminal that only watches, and for runs that check something else. */
export function createVolatileJournal(): Journal {
  const committed = new Set<(source: string, number: number) => void>();
  return {
    restore: async () => null,
    append(entry) {
      for (const listener of committed) listener(entry.source, entry.number);
      return 'go';
    },
    onCommitted(listener) {
      committed.add(listener);
      return () => committed.delete(listener);
    },
    onPressure: () => () => {},
    onResumed: () => () => {},
    view: () => ({ kind: 'ok', behind: 0 }),
    onView: () => () => {},
    flush: async () => {},
    page: async () => ({ rows: [], gaps: [], more: false }),
    event: async () => {
      throw new Error('Nothing is kept here.');
    },
    history: async () => [],
    states: async () => [],
    transitions: async () => [],
    seriesNames: async () => [],
    alertPage: async () => [],
    openAlerts: async () => [],
    markSent: async () => {},
    acknowledge: async () => {},
    forget: async () => {},
    close: async () => {},
  };
}
