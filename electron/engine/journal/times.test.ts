import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeliveredEvent } from '../core/delivery';
import { createFakeClock } from '../simulation/fake-clock';
import { realDisk } from './disk';
import { allEvents, type EventQuery } from './event-query';
import type { FullJournal } from './journal';
import { createJournal } from './journal';
import { checkpoint, counters, event, someTime } from './samples';
import { openInline } from './workers';

/**
 * Times that do not grow with the order of delivery, as a burst and a clock that is set make them. The first blocks are
 * packed, so that their rows are younger than those of what came after.
 */
const receivedAt: Record<string, (n: number) => number> = {
  'one moment': () => someTime,
  burst: (n) => someTime + Math.floor(n / 300),
  'set back': (n) => someTime + n * 10 - (n >= 400 && n < 900 ? 3_600_000 : 0),
  'set forth and back': (n) => someTime + n * 10 + (n >= 200 && n < 260 ? 3_600_000 : 0),
};
const sources = Object.keys(receivedAt);
const events = new Map<string, readonly DeliveredEvent[]>();
let journal: FullJournal;
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  const worker = openInline(realDisk);
  journal = createJournal({ openWorker: () => worker, clock: createFakeClock({ wall: someTime }), folder });
  for (const [source, at] of Object.entries(receivedAt)) {
    const all = Array.from({ length: 1_100 }, (_, n) => event(n, { receivedAt: at(n) }));
    events.set(source, all);
    let number = 0;
    for (let from = 0; from < all.length; ) {
      const portion = all.slice(from, from + ([64, 7, 130][number % 3] ?? 1));
      from += portion.length;
      const amounts = { checkpoint: checkpoint(from), counters: counters(from) };
      journal.append({ source, number: ++number, events: portion, gaps: [], rollups: [], transitions: [], ...amounts });
      await journal.flush();
    }
    for (let step = 0; step < 9; step++) worker.server.upkeep(someTime);
  }
});

afterAll(async () => {
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
});

const moments = fc.constantFrom(
  ...[0, 1, 2, 3, 1_990, 2_000, 2_600, 3_990, 4_000, 9_000, 10_990, 10_991].flatMap((ms) => [
    someTime + ms,
    someTime + ms - 3_600_000,
    someTime + ms + 3_600_000,
  ]),
);

describe('times', () => {
  it('finds, counts and shows over time all there is, whatever order the times have', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sources),
        fc.option(moments),
        fc.option(moments),
        fc.constantFrom('before', 'after') as fc.Arbitrary<'before' | 'after'>,
        async (source, since, before, direction) => {
          const query: EventQuery = { ...allEvents(source), since, before, direction, limit: 2_000, text: 'served' };
          const wanted = (events.get(source) ?? []).filter(
            (one) =>
              (since === null || one.receivedAt >= since) &&
              (before === null || one.receivedAt < before) &&
              String(one.body).includes('served'),
          );
          expect((await journal.find(query)).rows.map((row) => row.ordinal)).toEqual(wanted.map((one) => one.ordinal));
          expect(await journal.count(query)).toBe(wanted.length);
          const bars = await journal.histogram(query, 7);
          expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(wanted.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('pages from a time on, and up to it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sources),
        moments,
        fc.constantFrom('before', 'after') as fc.Arbitrary<'before' | 'after'>,
        async (source, from, direction) => {
          const page = await journal.find({ ...allEvents(source), order: 'time', from, direction, limit: 2_000 });
          const wanted = (events.get(source) ?? []).filter(({ receivedAt: at }) =>
            direction === 'after' ? at > from : at < from,
          );
          expect(page.rows.map((row) => row.ordinal)).toEqual(wanted.map((one) => one.ordinal));
        },
      ),
      { numRuns: 200 },
    );
  });
});
