import type { OutboxItem } from '../../../shared/outbox';
import type { Clock } from '../core/clock';
import type { DeliveryCheckpoint } from '../core/delivery';
import type { Journal, JournalEntry, RestoredSource } from '../core/journal';
import type { OutboxStore } from '../core/outbox';
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
    const before = places.get(entry.source);
    const checkpoint: DeliveryCheckpoint | null = entry.checkpoint ?? before?.checkpoint ?? null;
    const states = new Map(before?.alertStates.map((state) => [state.rule, state]));
    for (const { rule, state } of entry.alerts?.states ?? []) {
      if (state) states.set(rule, state);
      else states.delete(rule);
    }
    places.set(entry.source, {
      checkpoint,
      counters: entry.counters,
      lastTransition: entry.transitions.at(-1) ?? before?.lastTransition ?? null,
      lastSeenAt: clock.wall(),
      lastEventAt: entry.events.at(-1)?.receivedAt ?? before?.lastEventAt ?? null,
      alertStates: [...states.values()],
    });
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
