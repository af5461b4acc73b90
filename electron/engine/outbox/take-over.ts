import type { OutboxItem } from '../../../shared/outbox';
import { isWaiting, type Shelf } from './shelf';

export interface NewOwner {
  /** The feed knows keys. */
  readonly keys: boolean;
  /** Where messages go now; null: wherever the source is. */
  readonly to: string | null;
}

const cut = 'Wirewatch ended, or the source was edited, while it was under way.';

/**
 * What an earlier run, or the same source at another address, left: a message belongs where it was written for. One
 * that may have left for another place is unknown, and one that has not is held until a person decides.
 */
export function takeOver(shelf: Shelf, owner: NewOwner): void {
  const changed: number[] = [];
  for (const item of shelf.all()) {
    if (!isWaiting(item.state)) continue;
    const next = adopted(item, owner);
    const { number } = item;
    // Lines of before messages said where they belong are of where the source is.
    const stamp = owner.to !== null && item.to === undefined;
    if (stamp && owner.to !== null) shelf.belongs(number, owner.to);
    if (next.state === item.state && next.note === item.note && !stamp) continue;
    shelf.mark(number, next.state, next.note);
    // What left without a word of where the log stood cannot be told from one whose key is forgotten.
    if (item.state === 'sending' && next.state === 'queued' && !item.left) {
      shelf.left(number, { epoch: null, head: 0, at: item.at });
    }
    changed.push(number);
  }
  void shelf.record(changed);
}

function adopted(item: OutboxItem, { keys, to }: NewOwner): Pick<OutboxItem, 'state' | 'note'> {
  const { state, note, left } = item;
  if (to !== null && item.to !== undefined && item.to !== to) {
    if (state === 'held' || (state === 'queued' && !left)) {
      const there = `${shown(item.to)}, and this source goes to ${shown(to)} now`;
      return { state: 'held', note: `Written for ${there}: it goes there only if you send it.` };
    }
    // It stays unknown wherever the source goes next: nothing is said of today's address.
    return {
      state: 'unknown',
      note: `It may have reached ${shown(item.to)}. Sent again, it goes where this source goes then.`,
    };
  }
  if (state === 'held') return { state: 'queued', note: '' };
  if (state === 'unknown' || (state === 'queued' && !left)) return { state, note };
  return keys ? { state: 'queued', note } : { state: 'unknown', note: cut };
}

/** Without the query: what of it counts is kept as a number, because a token may be in it. */
function shown(to: string): string {
  return to
    .split(' ')
    .map((one) => one.split('?')[0])
    .join(' and ')
    .slice(0, 300);
}
