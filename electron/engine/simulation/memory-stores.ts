import type { OutboxItem } from '../../../shared/outbox';
import type { Clock } from '../core/clock';
import type { Journal, JournalEntry, RestoredSource } from '../core/journal';
import type { OutboxStore } from '../core/outbox';
import { withUnstored } from '../journal/unstored';
import { createVolatileJournal } from '../journal/volatile';

/** A commit takes this long, ms. */
const commitMs = 60;

/** What a run without a disk keeps of its sources across restarts. */
export type KeptPlaces = Map<string, RestoredSource>;

/** A journal that keeps places and no events, for runs that judge what is delivered as it comes. */
export function createMemoryJournal(clock: Clock, places: KeptPlaces): Journal {
  const committed = new Set<(source: string, number: number) => void>();
  const pending = new Set<Promise<void>>();
  /** How often a source was forgotten: what was appended before is not kept. */
  const forgotten = new Map<string, number>();

  function keep(entry: JournalEntry): void {
    const { source, checkpoint, counters, gaps, rollups, transitions, alerts = null } = entry;
    const eventAt = entry.events.at(-1)?.receivedAt ?? null;
    const commit = { source, checkpoint, counters, eventAt, gaps, rollups, transitions, alerts };
    const after = withUnstored(places.get(source) ?? null, [commit]);
    if (after) places.set(source, { ...after, lastSeenAt: clock.wall() });
  }

  return {
    ...createVolatileJournal(),
    async restore(source) {
      return places.get(source) ?? null;
    },
    append(entry) {
      const done = new Promise<void>((resolve) => {
        const before = forgotten.get(entry.source);
        clock.after(commitMs, () => {
          if (forgotten.get(entry.source) === before) keep(entry);
          for (const listener of committed) listener(entry.source, entry.number);
          pending.delete(done);
          resolve();
        });
      });
      pending.add(done);
      return 'go';
    },
    onCommitted(listener) {
      committed.add(listener);
      return () => committed.delete(listener);
    },
    async flush() {
      await Promise.all(pending);
    },
    async forget(source) {
      forgotten.set(source, (forgotten.get(source) ?? 0) + 1);
      places.delete(source);
    },
    async close() {
      await Promise.all(pending);
    },
  };
}

/** Outboxes on a disk that can be full; what was taken is there after a restart. */
export interface SimOutboxStore extends OutboxStore {
  full: boolean;
}

export function createSimOutboxStore(): SimOutboxStore {
  const held = new Map<string, Map<number, OutboxItem>>();
  const store: SimOutboxStore = {
    full: false,
    load: async (source) => [...(held.get(source)?.values() ?? [])].sort((a, b) => a.number - b.number),
    async put(source, items) {
      if (store.full) throw new Error('ENOSPC: no space left on device');
      const kept = held.get(source) ?? new Map<number, OutboxItem>();
      held.set(source, kept);
      for (const item of items) kept.set(item.number, item);
    },
    async forget(source, numbers) {
      if (store.full) throw new Error('ENOSPC: no space left on device');
      if (numbers === undefined) held.delete(source);
      else for (const number of numbers) held.get(source)?.delete(number);
    },
  };
  return store;
}
