import type { Alert } from '../../../shared/alert';
import type { AlertMark } from '../../engine/core/alerts';
import type { Journal } from '../../engine/core/journal';

/** What became of alerts, on its way into the journal. It waits where the alert is not stored yet, and where nothing can be written. */
export interface Marks {
  /** The person was told. */
  acted(mark: AlertMark): void;
  /** The journal has this alert: what is to be said of it can be said. */
  stored(alert: Alert): void;
  /** A person saw these at `at`; null: all. Resolves when it is written or waits for that. */
  seen(ids: readonly string[] | null, at: number): Promise<void>;
  /** Writes what could not be written. */
  retry(): void;
  forget(id: string): void;
}

/** Alerts acted on that wait for their record, and acknowledgements that wait to be written: more are not kept. */
const mostWaiting = 2_000;

/** See `Marks`. */
export function createMarks(journal: Pick<Journal, 'markSent' | 'acknowledge'>): Marks {
  /** Acted on, record not stored yet as far as we know. */
  const early = new Map<string, AlertMark>();
  const ready = new Map<string, AlertMark>();
  let acknowledgements: { readonly ids: readonly string[] | null; readonly at: number }[] = [];
  let writing = false;

  async function write(): Promise<void> {
    if (writing) return;
    writing = true;
    try {
      while (ready.size > 0) {
        const batch = [...ready.values()];
        await journal.markSent(batch);
        for (const mark of batch) if (ready.get(mark.id) === mark) ready.delete(mark.id);
      }
      for (let next = acknowledgements[0]; next; next = acknowledgements[0]) {
        await journal.acknowledge(next.ids, next.at);
        acknowledgements = acknowledgements.filter((one) => one !== next);
      }
    } catch {
      // Nothing can be written just now: tried again with the next alert, or when the journal says it can.
    } finally {
      writing = false;
    }
  }

  return {
    acted(mark) {
      early.set(mark.id, mark);
      if (early.size > mostWaiting) for (const id of early.keys()) if (early.delete(id)) break;
    },
    stored({ id, acknowledgedAt }) {
      const mark = early.get(id);
      if (!mark) return;
      early.delete(id);
      ready.set(id, mark);
      // It was seen before it was stored.
      if (acknowledgedAt !== null) acknowledgements.push({ ids: [id], at: acknowledgedAt });
      void write();
    },
    async seen(ids, at) {
      acknowledgements = [...acknowledgements, { ids, at }].slice(-mostWaiting);
      await write();
    },
    retry: () => void write(),
    forget(id) {
      early.delete(id);
      ready.delete(id);
    },
  };
}
