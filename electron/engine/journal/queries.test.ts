import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventPlace } from '../../../shared/place';
import { matchesSearch, parseSearch } from '../../../shared/search';
import type { DeliveredEvent } from '../core/delivery';
import { createFakeClock } from '../simulation/fake-clock';
import { realDisk } from './disk';
import type { EventQuery } from './event-query';
import { allEvents, eventsFrom } from './event-query';
import type { FullJournal } from './journal';
import { createJournal } from './journal';
import { checkpoint, counters, event, someTime } from './samples';
import { openInline } from './workers';

/** 3,000 events in entries of odd sizes, some late, in two streams and epochs, some without numbers; partly packed. */
const events: DeliveredEvent[] = [];
let journal: FullJournal;
let folder = '';

function make(): void {
  const next = { metrics: 1, logs: 1 };
  const held: DeliveredEvent[] = [];
  for (let n = 0; events.length < 3000; n++) {
    const stream = n % 5 === 0 ? 'logs' : 'metrics';
    const epoch = n > 2000 ? 'e2' : 'e1';
    const position = n % 97 === 0 ? null : { epoch, seq: next[stream]++ };
    const made = event(n, { stream, position, receivedAt: someTime + n * 10 });
    if (n % 50 === 17) held.push(made);
    else events.push({ ...made, ordinal: events.length });
    // What was missing comes three hundred events later.
    if (n % 300 === 299) {
      for (const one of held.splice(0)) {
        events.push({ ...one, ordinal: events.length, late: true, receivedAt: someTime + n * 10 });
      }
    }
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  make();
  const worker = openInline(realDisk);
  const clock = createFakeClock({ wall: someTime });
  journal = createJournal({ openWorker: () => worker, clock, folder });
  let number = 0;
  for (let at = 0; at < events.length; ) {
    const size = [1, 7, 64, 300, 2][number % 5] ?? 1;
    const portion = events.slice(at, at + size);
    at += size;
    const next = (portion[portion.length - 1]?.ordinal ?? 0) + 1;
    journal.append({
      source: 'a',
      number: ++number,
      events: portion,
      gaps: [],
      rollups: [],
      transitions: [],
      checkpoint: checkpoint(next),
      counters: counters(next),
    });
    await journal.flush();
    // The last third stays as it came.
    if (at < 2000) for (let step = 0; step < 3; step++) worker.server.upkeep(someTime);
  }
});

afterAll(async () => {
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
});

function matching(query: EventQuery): readonly DeliveredEvent[] {
  const terms = parseSearch(query.text);
  return events.filter(
    (one) =>
      matchesSearch({ ...one, body: String(one.body) }, terms) &&
      (query.stream === null || one.stream === query.stream) &&
      (query.epoch === null || one.position?.epoch === query.epoch) &&
      (query.type === null || one.type === query.type) &&
      (query.since === null || one.receivedAt >= query.since) &&
      (query.before === null || one.receivedAt < query.before),
  );
}

const filters = fc.record({
  text: fc.constantFrom('', 'web-3', '"timed out"', 'host=web-13', 'type:cpu served', 'nothere', 'eu'),
  type: fc.constantFrom(null, null, 'cpu', 'nope'),
  since: fc.option(fc.integer({ min: someTime, max: someTime + 30_000 })),
  before: fc.option(fc.integer({ min: someTime, max: someTime + 30_000 })),
});

describe('queries', () => {
  it('goes to a time or a number, or what comes next after it', async () => {
    const at = async (place: EventPlace) => (await journal.find({ ...eventsFrom('a', place), limit: 1 })).rows[0];
    const time = someTime + 12_345;
    const firstSince = events.reduce(
      (best, one) => (one.receivedAt >= time && one.ordinal < best ? one.ordinal : best),
      9e9,
    );
    expect((await at({ by: 'time', time }))?.ordinal).toBe(firstSince);
    expect(await at({ by: 'time', time: someTime + 1e9 })).toBeUndefined();
    const numbers = (epoch: string) =>
      events.flatMap(({ stream, position }) => (stream === 'logs' && position?.epoch === epoch ? [position.seq] : []));
    const later = Math.min(...numbers('e2'));
    const place = { by: 'seq', stream: 'logs', epoch: 'e2' } as const;
    expect((await at({ ...place, seq: later + 7 }))?.seq).toBe(later + 7);
    expect((await at({ ...place, seq: 1 }))?.seq, 'the next larger one').toBe(later);
    expect(await at({ ...place, seq: Math.max(...numbers('e2')) + 1 })).toBeUndefined();
  });

  it('pages by ordinal as a list would', async () => {
    await fc.assert(
      fc.asyncProperty(
        filters,
        fc.constantFrom(null, 'metrics', 'logs'),
        fc.option(fc.integer({ min: -5, max: 3010 })),
        fc.constantFrom('before', 'after') as fc.Arbitrary<'before' | 'after'>,
        fc.integer({ min: 1, max: 400 }),
        async (filter, stream, from, direction, limit) => {
          const query: EventQuery = { ...allEvents('a'), ...filter, stream, from, direction, limit };
          const all = matching(query).filter(
            (one) => from === null || (direction === 'after' ? one.ordinal > from : one.ordinal < from),
          );
          const expected = direction === 'after' ? all.slice(0, limit) : all.slice(-limit);
          const page = await journal.find(query);
          expect(page.rows.map((row) => row.ordinal)).toEqual(expected.map((one) => one.ordinal));
          expect(page.more).toBe(all.length > limit);
          expect(await journal.count(query)).toBe(matching(query).length);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('pages by number, late arrivals in their place', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('metrics', 'logs'),
        fc.constantFrom('e1', 'e2'),
        fc.option(fc.integer({ min: 0, max: 2500 })),
        fc.constantFrom('before', 'after') as fc.Arbitrary<'before' | 'after'>,
        fc.integer({ min: 1, max: 300 }),
        async (stream, epoch, from, direction, limit) => {
          const query: EventQuery = { ...allEvents('a'), order: 'seq', stream, epoch, from, direction, limit };
          const seqs = matching(query)
            .map((one) => one.position?.seq ?? -1)
            .filter((seq) => from === null || (direction === 'after' ? seq > from : seq < from))
            .sort((a, b) => a - b);
          const page = await journal.find(query);
          expect(page.rows.map((row) => row.seq)).toEqual(
            direction === 'after' ? seqs.slice(0, limit) : seqs.slice(-limit),
          );
          expect(page.more).toBe(seqs.length > limit);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('pages by time', async () => {
    const at = someTime + 15_000;
    const after = await journal.find({ ...allEvents('a'), order: 'time', from: at, direction: 'after', limit: 10 });
    expect(after.rows.map((row) => row.ordinal)).toEqual(
      events
        .filter((one) => one.receivedAt > at)
        .slice(0, 10)
        .map((one) => one.ordinal),
    );
    const before = await journal.find({ ...allEvents('a'), order: 'time', from: at, direction: 'before', limit: 10 });
    expect(before.rows.map((row) => row.ordinal)).toEqual(
      events
        .filter((one) => one.receivedAt < at)
        .slice(-10)
        .map((one) => one.ordinal),
    );
  });

  it('counts into a histogram what it finds', async () => {
    const query = { ...allEvents('a'), text: 'web-3' };
    const bars = await journal.histogram(query, 40);
    expect(bars).toHaveLength(40);
    expect(bars.reduce((sum, bar) => sum + bar.count, 0)).toBe(matching(query).length);
    const narrow = { ...query, since: someTime + 1_000, before: someTime + 2_000 };
    const found = await journal.histogram(narrow, 10);
    expect(found.map((bar) => bar.count)).toEqual(
      found.map((bar) => matching({ ...narrow, since: bar.start, before: bar.end }).length),
    );
  });

  it('gives one event whole and its row as a preview', async () => {
    const long = `{"text":"${'é'.repeat(40_000)}"}`;
    journal.append({
      source: 'long',
      number: 1,
      events: [
        event(0, { body: long, bytes: Buffer.byteLength(long) }),
        event(1, { body: Uint8Array.of(0, 255), bytes: 2 }),
      ],
      gaps: [],
      rollups: [],
      transitions: [],
      checkpoint: checkpoint(2),
      counters: counters(2),
    });
    await journal.flush();
    const found = await journal.event('long', 0);
    expect(found.whole).toBe(long);
    expect(found.body).toBe(long.slice(0, 16_384));
    expect(found.bytes).toBe(Buffer.byteLength(long));
    expect(await journal.event('long', 1)).toMatchObject({ encoding: 'base64', whole: 'AP8=', bytes: 2 });
    await expect(journal.event('long', 2)).rejects.toThrow('not (or no longer)');
    await expect(journal.event('nobody', 2)).rejects.toThrow();
  });

  it('brings the gaps beside the rows', async () => {
    const gap = (id: string, from: number, to: number | null, openedAt: number) =>
      ({
        id,
        stream: 'metrics',
        epoch: 'e1',
        from,
        to,
        status: 'open',
        cause: 'missed',
        openedAt,
        closedAt: null,
      }) as const;
    journal.append({
      source: 'gappy',
      number: 1,
      rollups: [],
      transitions: [],
      checkpoint: checkpoint(20),
      counters: counters(20),
      events: [1, 2, 3, 7, 8, 9].map((seq, ordinal) => event(ordinal, { position: { epoch: 'e1', seq } })),
      gaps: [gap('middle', 4, 6, 5), gap('end', 10, null, 6), gap('far', 40, 50, 7)],
    });
    await journal.flush();
    const ids = async (from: number | null, limit: number) =>
      (await journal.page({ source: 'gappy', from, direction: 'before', limit, text: '' })).gaps.map((one) => one.id);
    expect(await ids(3, 2)).toEqual(['middle']);
    expect(await ids(2, 1)).toEqual([]);
    expect(await ids(null, 3)).toEqual(['middle', 'end']);
  });

  it('brings what was lost before the first stored event, and after the last, with the page that ends there', async () => {
    const lost = (id: string, epoch: string, openedAt: number) =>
      ({
        id,
        stream: 'metrics',
        epoch,
        from: 1,
        to: null,
        status: 'lost',
        cause: 'epoch-changed',
        openedAt,
        closedAt: openedAt,
      }) as const;
    const events = [0, 1, 2, 3].map((ordinal) => event(ordinal, { position: { epoch: 'e1', seq: ordinal + 1 } }));
    const first = events[0]?.receivedAt ?? 0;
    journal.append({
      source: 'begun',
      number: 1,
      rollups: [],
      transitions: [],
      checkpoint: checkpoint(20),
      counters: counters(20),
      events,
      gaps: [lost('before', 'e0', first - 10), lost('after', 'e9', first + 1_000_000)],
    });
    await journal.flush();
    const ids = async (from: number | null, direction: 'before' | 'after', limit: number) =>
      (await journal.page({ source: 'begun', from, direction, limit, text: '' })).gaps.map((one) => one.id);
    const last = events[3]?.ordinal ?? 0;
    expect(await ids(null, 'before', 2)).toEqual(['after']);
    expect(await ids(last - 1, 'before', 9)).toEqual(['before']);
    expect(await ids(null, 'after', 2)).toEqual(['before']);
    expect(await ids(last - 1, 'after', 9)).toEqual(['after']);
    expect(await ids(null, 'before', 9)).toEqual(['before', 'after']);
  });

  it('promise 10: finds a gap between its rows, whatever the clock said when it began', async () => {
    const lost = (id: string, before: number, openedAt: number) =>
      ({
        id,
        stream: 'main',
        epoch: '',
        from: 0,
        to: null,
        status: 'lost',
        cause: 'no-replay',
        openedAt,
        closedAt: openedAt,
        before,
      }) as const;
    const events = [10, 11, 12, 13, 16, 17].map((ordinal) => event(ordinal, { stream: 'main', position: null }));
    const first = events[0]?.receivedAt ?? 0;
    journal.append({
      source: 'shifted',
      number: 1,
      rollups: [],
      transitions: [],
      checkpoint: checkpoint(20),
      counters: counters(20),
      events,
      // The clock was an hour ahead when one began, and an hour behind with another.
      gaps: [
        lost('at the beginning', 10, first + 3_600_000),
        lost('in the middle', 12, first + 3_600_000),
        // Two events between were told and found no room.
        lost('over a hole', 15, first - 3_600_000),
        lost('at the end', 18, first - 3_600_000),
      ],
    });
    await journal.flush();
    const ids = async (from: number | null, direction: 'before' | 'after', limit: number) =>
      (await journal.page({ source: 'shifted', from, direction, limit, text: '' })).gaps.map((one) => one.id);
    expect(await ids(null, 'before', 2)).toEqual(['at the end']);
    expect(await ids(16, 'before', 2)).toEqual(['in the middle', 'over a hole']);
    expect(await ids(12, 'before', 2)).toEqual(['at the beginning', 'in the middle']);
    expect(await ids(null, 'after', 2)).toEqual(['at the beginning']);
    expect(await ids(11, 'after', 2)).toEqual(['in the middle']);
    expect(await ids(13, 'after', 9)).toEqual(['over a hole', 'at the end']);
  });

  it('answers nothing about a source it does not know', async () => {
    expect(await journal.page({ source: 'nobody', from: null, direction: 'before', limit: 9, text: '' })).toEqual({
      rows: [],
      gaps: [],
      more: false,
    });
    expect(await journal.count(allEvents('nobody'))).toBe(0);
    expect(await journal.states('nobody', 0, 1)).toEqual([]);
    expect(await journal.history({ source: 'nobody', series: ['events'], from: 0, to: 1, points: 10 })).toEqual([]);
  });
});
