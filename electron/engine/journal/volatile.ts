import type { Journal } from '../core/journal';
import { createListeners } from '../core/listeners';

/** A journal that keeps nothing: for a terminal that only watches, and for runs that check something else. */
export function createVolatileJournal(): Journal {
  const committed = createListeners<[source: string, number: number]>();
  return {
    restore: async () => null,
    append(entry) {
      committed.tell(entry.source, entry.number);
      return 'go';
    },
    onCommitted: committed.subscribe,
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
