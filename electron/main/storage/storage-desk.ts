import { type Keep, type StorageView, shippedKeep } from '../../../shared/storage';
import type { FullJournal } from '../../engine/journal/journal';
import type { SettingsStore } from '../settings/settings';

export interface StorageDeps {
  readonly settings: SettingsStore;
  readonly journal: Pick<FullJournal, 'stored' | 'setRetention'>;
  /** Ids of every source there is, This machine's too. */
  readonly sources: () => readonly string[];
}

/** How much is stored of each source, and how much of it is kept. */
export interface StorageDesk {
  read(): Promise<StorageView>;
  /** Sets limits for one source, or for all without their own; null takes a source's own away. */
  keep(source: string | null, keep: Keep | null): Promise<StorageView>;
  /** Puts the limits in force: at start, and for a source that was added. */
  apply(source: string): Promise<void>;
}

export function createStorageDesk({ settings, journal, sources }: StorageDeps): StorageDesk {
  const ownOf = (source: string): Keep | null => {
    const { keepOf } = settings.current();
    return Object.hasOwn(keepOf, source) ? (keepOf[source] ?? null) : null;
  };
  const enforce = (source: string, { days, megabytes }: Keep): Promise<void> =>
    journal.setRetention(source, { ageMs: days * 86_400_000, bytes: megabytes * 1024 * 1024 });

  async function read(): Promise<StorageView> {
    const stored = await Promise.all(
      sources().map(async (source) => ({ source, ...(await journal.stored(source)), keep: ownOf(source) })),
    );
    return { keep: settings.current().keep, sources: stored };
  }

  return {
    read,
    async keep(source, keep) {
      await settings.change((before) => {
        if (source === null) return { ...before, keep: keep ?? shippedKeep };
        const { [source]: _gone, ...others } = before.keepOf;
        return { ...before, keepOf: keep === null ? others : { ...others, [source]: keep } };
      });
      const touched = source === null ? sources().filter((id) => ownOf(id) === null) : [source];
      await Promise.all(touched.map((id) => enforce(id, ownOf(id) ?? settings.current().keep)));
      return read();
    },
    async apply(source) {
      const keep = ownOf(source) ?? settings.current().keep;
      const asShipped = keep.days === shippedKeep.days && keep.megabytes === shippedKeep.megabytes;
      // The journal keeps as much by itself, unless it was told otherwise.
      if (!asShipped) await enforce(source, keep);
    },
  };
}
