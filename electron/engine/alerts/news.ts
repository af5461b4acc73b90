import type { AlertChange, AlertNews } from '../core/alerts';
import type { JournalEntry } from '../core/journal';

/** Alerts on their way from the rules to whoever acts: told when their entry is durable, or at once while nothing can be stored. */
export interface AlertNewsDesk {
  /** An entry is handed to the journal. `paused`: the journal cannot store just now. */
  appended(entry: JournalEntry, paused: boolean): void;
  committed(source: string, number: number): void;
  /** Nothing can be stored from now on: what waits is told from memory. */
  paused(): void;
  /** What the journal did not take of a source comes again. */
  dropped(source: string): void;
  forgotten(source: string): void;
}

/** Entries with alerts that wait for their commit, per source. Beyond it the oldest are not told as durable. */
const mostWaiting = 1_000;

interface Waiting {
  readonly number: number;
  readonly changes: readonly AlertChange[];
  told: boolean;
}

/** See `AlertNewsDesk`. */
export function createAlertNewsDesk(tell: (news: AlertNews) => void): AlertNewsDesk {
  const waiting = new Map<string, Waiting[]>();

  function tellFromMemory(source: string, entries: readonly Waiting[]): void {
    const changes = entries.flatMap((entry) => (entry.told ? [] : entry.changes));
    for (const entry of entries) entry.told = true;
    if (changes.length > 0) tell({ kind: 'changed', source, changes, stored: false });
  }

  return {
    appended({ source, number, alerts }, paused) {
      if (!alerts || alerts.changes.length === 0) return;
      const entry = { number, changes: alerts.changes, told: false };
      const before = waiting.get(source) ?? [];
      // Of an alert only the newest word counts, so that a long pause holds no more than there are alerts.
      const ids = new Set(alerts.changes.map(({ alert }) => alert.id));
      const kept = paused ? superseded(before, ids) : before;
      waiting.set(source, [...kept, entry].slice(-mostWaiting));
      if (paused) tellFromMemory(source, [entry]);
    },
    committed(source, number) {
      const entries = waiting.get(source);
      if (!entries?.[0] || entries[0].number > number) return;
      const done = entries.filter((entry) => entry.number <= number);
      const left = entries.filter((entry) => entry.number > number);
      if (left.length > 0) waiting.set(source, left);
      else waiting.delete(source);
      tell({ kind: 'changed', source, changes: done.flatMap(({ changes }) => changes), stored: true });
    },
    paused() {
      for (const [source, entries] of waiting) tellFromMemory(source, entries);
    },
    dropped(source) {
      waiting.delete(source);
    },
    forgotten(source) {
      waiting.delete(source);
      tell({ kind: 'forgotten', source });
    },
  };
}

function superseded(entries: readonly Waiting[], ids: ReadonlySet<string>): readonly Waiting[] {
  return entries.flatMap((entry) => {
    const changes = entry.told ? entry.changes.filter(({ alert }) => !ids.has(alert.id)) : entry.changes;
    return changes.length === 0 ? [] : [{ ...entry, changes }];
  });
}
