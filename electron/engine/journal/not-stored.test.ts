import { describe, expect, it } from 'vitest';
import type { EventRow } from '../../../shared/event';
import type { Gap } from '../../../shared/gap';
import type { EventPage } from '../../../shared/ipc';
import { noCounters } from '../../../shared/view';
import type { DeliveredEvent } from '../core/delivery';
import { eventRow } from '../core/event-row';
import type { JournalEntry, PageQuery } from '../core/journal';
import { createNotStored } from './not-stored';

const event = (ordinal: number, bytes = 10): DeliveredEvent => ({
  ordinal,
  late: false,
  stream: 's',
  position: { epoch: 'e', seq: ordinal },
  id: null,
  type: ordinal % 2 === 0 ? 'even' : 'odd',
  sentAt: null,
  receivedAt: ordinal * 1000,
  body: `{"n":${ordinal}}`,
  value: undefined,
  bytes,
});
const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
const entry = (number: number, ordinals: readonly number[], gaps: readonly Gap[] = [], bytes = 10): JournalEntry => ({
  source: 'a',
  number,
  events: ordinals.map((ordinal) => event(ordinal, bytes)),
  gaps,
  checkpoint: null,
  rollups: [],
  transitions: [],
  counters: noCounters,
});
const gap = (id: string, before: number, status: Gap['status']): Gap => ({
  id,
  stream: 's',
  epoch: '',
  from: 0,
  to: null,
  status,
  cause: 'no-replay',
  openedAt: 0,
  closedAt: null,
  before,
});

/** A file that holds the rows 1 to `upTo`. */
const file =
  (upTo: number, gaps: readonly Gap[] = []) =>
  async ({ from, direction, limit }: PageQuery): Promise<EventPage> => {
    const all = range(1, upTo).filter((n) => from === null || (direction === 'after' ? n > from : n < from));
    const rows: EventRow[] = (direction === 'after' ? all.slice(0, limit) : all.slice(all.length - limit)).map((n) =>
      eventRow(event(n)),
    );
    return { rows: limit === 0 ? [] : rows, gaps, more: all.length > limit };
  };
const query = (from: number | null, direction: 'before' | 'after', limit: number, text = ''): PageQuery => ({
  source: 'a',
  from,
  direction,
  limit,
  text,
});
const ordinals = ({ rows }: EventPage): number[] => rows.map(({ ordinal }) => ordinal);

describe('promise 3: pages of what is not stored yet', () => {
  it('continue what is stored, both ways, a page at a time', async () => {
    const held = createNotStored();
    held.add(entry(1, range(11, 13)));
    held.add(entry(2, range(14, 15)));
    expect(await held.page(query(null, 'before', 7), file(10))).toEqual({
      rows: range(9, 15).map((n) => eventRow(event(n))),
      gaps: [],
      more: true,
    });
    const newest = await held.page(query(null, 'before', 3), file(10));
    expect([ordinals(newest), newest.more]).toEqual([[13, 14, 15], true]);
    const exact = await held.page(query(null, 'before', 5), file(10));
    expect([ordinals(exact), exact.more]).toEqual([[11, 12, 13, 14, 15], true]);
    const whole = await held.page(query(null, 'before', 5), file(0));
    expect([ordinals(whole), whole.more]).toEqual([[11, 12, 13, 14, 15], false]);
    const older = await held.page(query(12, 'before', 3), file(10));
    expect([ordinals(older), older.more]).toEqual([[9, 10, 11], true]);
    const after = await held.page(query(8, 'after', 4), file(10));
    expect([ordinals(after), after.more]).toEqual([[9, 10, 11, 12], true]);
    const rest = await held.page(query(12, 'after', 4), file(10));
    expect([ordinals(rest), rest.more]).toEqual([[13, 14, 15], false]);
  });

  it('show each once, also while it is being stored, and nothing of what is stored or dropped', async () => {
    const held = createNotStored();
    held.add(entry(1, range(11, 12)));
    held.add(entry(2, range(13, 14)));
    expect(ordinals(await held.page(query(null, 'before', 9), file(13)))).toEqual(range(9, 14));
    held.committed('a', 1);
    expect(held.event('a', 12)).toBeNull();
    expect(held.event('a', 13)).toMatchObject({ ordinal: 13, whole: '{"n":13}' });
    expect(ordinals(await held.page(query(null, 'before', 3), file(12)))).toEqual([12, 13, 14]);
    held.clear('a');
    expect(ordinals(await held.page(query(null, 'before', 3), file(12)))).toEqual([10, 11, 12]);
  });

  it('are searched as what is stored is', async () => {
    const held = createNotStored();
    held.add(entry(1, range(1, 6)));
    expect(ordinals(await held.page(query(null, 'before', 9, 'type:even'), file(0)))).toEqual([2, 4, 6]);
    expect(ordinals(await held.page(query(null, 'before', 9, 'n=5'), file(0)))).toEqual([5]);
  });

  it('promise 10: have the gaps that were told since, as they are now', async () => {
    const held = createNotStored();
    held.add(entry(1, range(11, 13), [gap('new', 12, 'open'), gap('known', 4, 'lost')]));
    held.add(entry(2, [14], [gap('new', 12, 'lost')]));
    const told = async (asked: PageQuery, stored: readonly Gap[]): Promise<readonly string[]> =>
      (await held.page(asked, file(10, stored))).gaps.map(({ id, status }) => `${id} ${status}`);
    expect(await told(query(null, 'before', 9), [])).toEqual(['new lost']);
    expect(await told(query(null, 'before', 20), [gap('known', 4, 'open')])).toEqual(['known lost', 'new lost']);
    expect(await told(query(null, 'before', 2), [])).toEqual([]);
    expect(await told(query(11, 'after', 2), [])).toEqual(['new lost']);
    held.committed('a', 1);
    expect(await told(query(null, 'before', 9), [])).toEqual(['new lost']);
    held.committed('a', 2);
    expect(await told(query(null, 'before', 9), [])).toEqual([]);
  });

  it.each([
    ['count', { events: 3, bytes: 1e6, allBytes: 1e6 }],
    ['bytes', { events: 100, bytes: 3 * 215, allBytes: 1e6 }],
    ['bytes of all sources', { events: 100, bytes: 1e6, allBytes: 3 * 215 }],
  ])('say where rows are missing that are held no more: bounded by %s', async (_by, limits) => {
    const held = createNotStored(limits);
    held.add(entry(1, [11, 12]));
    held.add(entry(2, [13]));
    held.add(entry(3, [14, 15]));
    const page = await held.page(query(null, 'before', 5), file(10));
    expect([ordinals(page), page.unstored]).toEqual([[9, 10, 13, 14, 15], { after: 10, before: 13 }]);
    const newest = await held.page(query(null, 'before', 2), file(10));
    expect([ordinals(newest), newest.unstored, newest.more]).toEqual([[14, 15], undefined, true]);
    const after = await held.page(query(9, 'after', 9), file(10));
    expect([ordinals(after), after.unstored]).toEqual([[10, 13, 14, 15], { after: 10, before: 13 }]);
    const inside = await held.page(query(11, 'after', 9), file(10));
    expect([ordinals(inside), inside.unstored]).toEqual([[13, 14, 15], { after: 11, before: 13 }]);
    // What of it is stored in the meantime is a row.
    const partly = await held.page(query(null, 'before', 9), file(11));
    expect(partly.unstored).toEqual({ after: 11, before: 13 });
    held.committed('a', 1);
    expect((await held.page(query(null, 'before', 5), file(12))).unstored).toBeUndefined();
  });

  it('hostile 9: count an id of its own per event by its length', async () => {
    const held = createNotStored({ events: 100, bytes: 5_000, allBytes: 1e6 });
    const one = entry(1, range(11, 30));
    held.add({ ...one, events: one.events.map((each) => ({ ...each, id: 'i'.repeat(1_000) })) });
    expect(ordinals(await held.page(query(null, 'before', 9), file(10))).slice(-5)).toEqual([10, 27, 28, 29, 30]);
  });

  it('hold of one entry over the limit its newest events, and nothing older', async () => {
    const held = createNotStored({ events: 3, bytes: 1e6, allBytes: 1e6 });
    held.add(entry(1, [11, 12]));
    held.add(entry(2, range(13, 20)));
    const page = await held.page(query(null, 'before', 9), file(10));
    expect([ordinals(page).slice(-4), page.unstored]).toEqual([[10, 18, 19, 20], { after: 10, before: 18 }]);
    held.add(entry(3, [21], [], 2e6));
    const none = await held.page(query(null, 'before', 9), file(10));
    expect([ordinals(none).slice(-1), none.unstored]).toEqual([[10], { after: 10, before: 22 }]);
  });
});
