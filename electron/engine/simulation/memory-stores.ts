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
  /** What was appended and is not committed yet, in order. Of a source that was forgotten nothing is. */
  let waiting: JournalEntry[] = [];
  const lastEntries = new Map<string, number>();

  /** What is known of a source once `entries` are stored too. */
  function placeAfter(source: string, entries: readonly JournalEntry[]): RestoredSource | null {
    return withUnstored(
      places.get(source) ?? null,
      entries.map(({ checkpoint, counters, gaps, rollups, transitions, alerts = null, events }) => {
        const eventAt = events.at(-1)?.receivedAt ?? null;
        return { source, checkpoint, counters, eventAt, gaps, rollups, transitions, alerts };
      }),
    );
  }

  function keep(entry: JournalEntry): void {
    if (!waiting.includes(entry)) return;
    waiting = waiting.filter((one) => one !== entry);
    const after = placeAfter(entry.source, [entry]);
    if (after) places.set(entry.source, { ...after, lastSeenAt: clock.wall() });
  }

  return {
    ...createVolatileJournal(),
    // A source that begins anew goes on behind what is on its way to the disk, as with the real one.
    async restore(source) {
      const stored = placeAfter(
        source,
        waiting.filter((entry) => entry.source === source),
      );
      const lastEntry = lastEntries.get(source);
      return stored && lastEntry !== undefined ? { ...stored, lastEntry } : stored;
    },
    append(entry) {
      waiting.push(entry);
      lastEntries.set(entry.source, entry.number);
      const done = new Promise<void>((resolve) => {
        clock.after(commitMs, () => {
          keep(entry);
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
      waiting = waiting.filter((entry) => entry.source !== source);
      lastEntries.delete(source);
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
      if (numbers === undefined) {
        held.delete(source);
        return;
      }
      if (store.full) throw new Error('ENOSPC: no space left on device');
      for (const number of numbers) held.get(source)?.delete(number);
    },
  };
  return store;
}
