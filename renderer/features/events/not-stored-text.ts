import type { SourceView } from '../../../shared/view';
import type { TailStatus } from '../../store/tail';
import { grouped } from '../../ui/format/number';

/** Rows that are nowhere at hand until the disk has taken them. */
export function notStoredText(count: number): string {
  return `${grouped(count)} ${count === 1 ? 'event' : 'events'} not yet stored`;
}

/** What a list without a row says; never that there is no event where some were counted. */
export function emptyText(
  filter: string,
  { failed }: Pick<TailStatus, 'failed'>,
  { notYetStored, counters }: Pick<SourceView, 'notYetStored' | 'counters'>,
): string {
  if (failed) return 'The stored events cannot be read just now.';
  if (filter !== '') return 'No event contains this text.';
  if (notYetStored > 0) return `${notStoredText(notYetStored)}.`;
  return counters.delivered > 0 ? 'No event to show.' : 'No event yet.';
}
