import { type JournalDisk, lastSetAside } from './open';
import { salvage, unknownSource } from './salvage';
import type { Store } from './store';

/** Which sources a file held that nothing can be read of is not known: those that ask for their place at the start are told, ms. */
const doubtMs = 10_000;

/** What damaged files held is told as lost, in the file begun after them, before anything else is stored or read there. */
export interface Mourning {
  /** Something of files that were set aside is not told yet: what a place is, or whether there is one, is not known. */
  readonly due: boolean;
  setAside(names: readonly string[]): void;
  /** Tells what is due into the new file; answers the name of the last file, null when there was none. Throws what writing does. */
  tell(store: Store, folder: string, at: number): string | null;
  /** A source asks for its place. Throws what writing does; it is due then. */
  asked(source: string, store: Store | undefined, at: number): void;
}

export function createMourning(disk: JournalDisk): Mourning {
  /** Sources heard of in this run: what a damaged file held of them may be beyond reading. */
  const seen = new Set<string>();
  let names: readonly string[] = [];
  /** Sources that asked while it was unsure and could not be written down yet. */
  const owed = new Set<string>();
  let doubtUntil = 0;

  function adoptOwed(store: Store, at: number): void {
    for (const source of owed) {
      store.adopt(unknownSource(source), at);
      owed.delete(source);
    }
  }

  function mourn(store: Store, path: string, at: number): void {
    const found = salvage(disk, path);
    for (const one of found ?? []) store.adopt(one, at);
    for (const source of seen) store.adopt(unknownSource(source), at);
    doubtUntil = found === null ? disk.now() + doubtMs : 0;
  }

  return {
    get due() {
      return names.length > 0 || owed.size > 0;
    },

    setAside(more) {
      names = [...names, ...more];
    },

    tell(store, folder, at) {
      // A run that set a file aside may have ended before it could tell.
      if (names.length === 0 && store.untouched) {
        const left = lastSetAside(disk, folder);
        if (left !== null) names = [left];
      }
      for (const name of names) mourn(store, `${folder}/${name}`, at);
      const last = names.at(-1) ?? null;
      names = [];
      adoptOwed(store, at);
      return last;
    },

    asked(source, store, at) {
      const unsure =
        store && names.length === 0 && disk.now() < doubtUntil && !seen.has(source) && store.sourceId(source) === null;
      seen.add(source);
      if (!unsure) return;
      owed.add(source);
      adoptOwed(store, at);
    },
  };
}
