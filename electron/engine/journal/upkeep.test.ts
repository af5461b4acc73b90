import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RollupIncrement } from '../core/journal';
import { createFakeClock } from '../simulation/fake-clock';
import { realDisk } from './disk';
import { createJournal, type FullJournal } from './journal';
import type { JournalDisk } from './open';
import { rollupRetention } from './rollups';
import { entry, event, someTime, transition } from './samples';
import { watchedDisk } from './testing/watched-disk';
import { openInline } from './workers';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function start(disk: JournalDisk = realDisk) {
  const clock = createFakeClock({ wall: someTime });
  const worker = openInline(disk);
  const journal = createJournal({ openWorker: () => worker, clock, folder });
  const upkeep = (at: number): number => {
    let steps = 0;
    while (worker.server.upkeep(at)) if (++steps > 10_000) throw new Error('upkeep without end');
    return steps;
  };
  return { clock, journal, upkeep };
}

/** Whoever asks how much there is finds it in its rows. */
async function settled(journal: FullJournal): Promise<void> {
  await journal.stored('a');
}

/** Rows of every table, read from the file. */
function rows(table: string): number {
  const db = realDisk.open(join(folder, 'journal.db'), { readOnly: true });
  const count = Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
  db.close();
  return count;
}

describe('upkeep', () => {
  it('packs small blocks into whole ones, in which everything is found again', async () => {
    const { journal, upkeep } = start();
    for (let n = 0; n < 200; n++) {
      journal.append(entry('a', n + 1, n * 10, n * 10 + 10));
      await journal.flush();
      await settled(journal);
    }
    expect(rows('blocks')).toBe(200);
    upkeep(someTime);
    // 2,000 events: three packed blocks of 510, and the rest as it came.
    expect(rows('filters')).toBe(3);
    expect(rows('blocks')).toBe(3 + 47);
    const page = await journal.page({ source: 'a', from: null, direction: 'before', limit: 1000, text: '' });
    expect(page.rows.map((row) => row.body)).toEqual(Array.from({ length: 1000 }, (_, n) => event(1000 + n).body));
    expect(await journal.stored('a')).toMatchObject({ events: 2000, evictedEvents: 0 });
    expect(upkeep(someTime)).toBe(0);
    await journal.close();
  });

  it('packs what an earlier run left together with what came since, and looks at no source that has too little', async () => {
    const reads: string[] = [];
    const watched = watchedDisk(realDisk, (sql) => {
      if (/packed = 0/.test(sql)) reads.push(sql.includes('GROUP BY') ? 'whole' : 'source');
    });
    const fill = async (run: ReturnType<typeof start>, source: string, from: number, to: number) => {
      for (let n = from; n < to; n++) {
        run.journal.append(entry(source, n + 1, n * 10, n * 10 + 10));
        await run.journal.flush();
        await settled(run.journal);
      }
    };
    const first = start();
    for (const source of ['a', 'b', 'c']) await fill(first, source, 0, 30);
    first.upkeep(someTime);
    expect(rows('filters')).toBe(0);
    await first.journal.close();
    const second = start(watched);
    second.upkeep(someTime);
    await fill(second, 'a', 30, 51);
    second.upkeep(someTime);
    expect(reads).toEqual(['whole']);
    await fill(second, 'a', 51, 52);
    second.upkeep(someTime);
    expect(rows('filters')).toBe(1);
    expect(reads).toEqual(['whole', 'source']);
    const page = await second.journal.page({ source: 'a', from: null, direction: 'before', limit: 1000, text: '' });
    expect(page.rows).toHaveLength(520);
    await second.journal.close();
  });

  it('packs no more of a source than eviction left, and goes on with the next', async () => {
    const { journal, upkeep } = start();
    upkeep(someTime);
    for (const source of ['a', 'b']) {
      for (let n = 0; n < 52; n++) {
        const late = source === 'b' || n > 40;
        const events = Array.from({ length: 10 }, (_, k) =>
          event(n * 10 + k, { receivedAt: late ? someTime + 50_000 : someTime }),
        );
        journal.append({ ...entry(source, n + 1, n * 10, n * 10 + 10), events });
        await journal.flush();
        await settled(journal);
      }
    }
    await journal.setRetention('a', { ageMs: 10_000, bytes: 1e9 });
    upkeep(someTime + 50_000);
    expect(rows('filters')).toBe(1);
    expect(await journal.stored('a')).toMatchObject({ events: 110, evictedEvents: 410 });
    expect(await journal.stored('b')).toMatchObject({ events: 520 });
    await journal.close();
  });

  it('evicts by age and by size, counts it, and comes to rest', async () => {
    const { journal, upkeep } = start();
    for (let n = 0; n < 20; n++) {
      journal.append({
        ...entry('a', n + 1, n * 100, n * 100 + 100),
        events: Array.from({ length: 100 }, (_, k) => event(n * 100 + k, { receivedAt: someTime + n * 1000 })),
      });
      await journal.flush();
    }
    await journal.setRetention('a', { ageMs: 10_000, bytes: 1e9 });
    upkeep(someTime + 20_000);
    expect(await journal.stored('a')).toMatchObject({ events: 1000, evictedEvents: 1000, oldestAt: someTime + 10_000 });
    const { bytes } = await journal.stored('a');
    await journal.setRetention('a', { ageMs: 1e12, bytes: bytes / 2 });
    upkeep(someTime + 40_000);
    const left = await journal.stored('a');
    expect(left.bytes).toBeLessThanOrEqual(bytes / 2);
    expect(left.events + left.evictedEvents).toBe(2000);
    const page = await journal.page({ source: 'a', from: null, direction: 'after', limit: 1000, text: '' });
    expect(page.rows).toHaveLength(left.events);
    expect(page.rows[page.rows.length - 1]?.ordinal).toBe(1999);
    await journal.close();
  });

  it('promise 22: counts as bytes of a source what the file holds of it, packed or not', async () => {
    const { journal, upkeep } = start();
    const held = (): number => {
      const db = realDisk.open(join(folder, 'journal.db'), { readOnly: true });
      const sum = db
        .prepare(
          `SELECT sum(length(head) + length(text) + coalesce(length(bits), 0)) AS n
            FROM blocks LEFT JOIN filters ON filters.block = blocks.id`,
        )
        .get()?.n;
      db.close();
      return Number(sum);
    };
    // Hardly any body: what is stored of such events is everything else.
    for (let n = 0; n < 20; n++) {
      journal.append({
        ...entry('a', n + 1, n * 100, n * 100 + 100),
        events: Array.from({ length: 100 }, (_, k) =>
          event(n * 100 + k, { id: `a-long-name-of-one-event-${n}-${k}`, body: '1', bytes: 1 }),
        ),
      });
      await journal.flush();
    }
    const raw = (await journal.stored('a')).bytes;
    expect(raw).toBe(held());
    expect(raw).toBeGreaterThan(2_000 * 25);
    upkeep(someTime);
    const packed = (await journal.stored('a')).bytes;
    expect(packed).toBe(held());
    expect(packed).toBeLessThan(raw);
    await journal.setRetention('a', { ageMs: 1e12, bytes: packed / 2 });
    upkeep(someTime + 20_000);
    const left = await journal.stored('a');
    expect(left.bytes).toBe(held());
    expect(left.bytes).toBeLessThanOrEqual(packed / 2);
    expect(left.bytes + left.evictedBytes).toBe(packed);
    await journal.close();
  });

  it('keeps each level of rollups for its own time', async () => {
    const { journal, upkeep } = start();
    const at = (start: number): RollupIncrement => ({
      series: 'events',
      start,
      count: 1,
      sum: 1,
      min: 1,
      max: 1,
      last: 1,
    });
    const old = someTime - rollupRetention[60] - 1;
    journal.append(
      entry('a', 1, 0, 1, {
        rollups: [at(old), at(someTime - 1000)],
      }),
    );
    await journal.flush();
    await settled(journal);
    expect(rows('rollups')).toBe(8);
    upkeep(someTime);
    expect(rows('rollups')).toBe(5);
    await journal.close();
  });

  it('forgets a source at once and removes its rows step by step', async () => {
    const { journal, upkeep } = start();
    for (const source of ['a', 'b']) {
      journal.append(
        entry(source, 1, 0, 5000, {
          transitions: [transition(someTime, { kind: 'connecting', rung: 0, attempt: 1 })],
          rollups: [{ series: 'events', start: someTime, count: 1, sum: 1, min: 1, max: 1, last: 1 }],
          gaps: [
            {
              id: 'g',
              stream: 's',
              epoch: 'e',
              from: 1,
              to: 2,
              status: 'open',
              cause: 'missed',
              openedAt: 1,
              closedAt: null,
            },
          ],
        }),
      );
    }
    await journal.flush();
    await journal.forget('a');
    expect(await journal.restore('a')).toBeNull();
    expect((await journal.page({ source: 'a', from: null, direction: 'before', limit: 10, text: '' })).rows).toEqual(
      [],
    );
    // The same name begins anew while the old rows are still going.
    journal.append(entry('a', 1, 0, 3));
    await journal.flush();
    upkeep(someTime);
    expect(await journal.stored('a')).toMatchObject({ events: 3 });
    expect(await journal.stored('b')).toMatchObject({ events: 5000 });
    expect([rows('transitions'), rows('gaps'), rows('rollups'), rows('series'), rows('doomed')]).toEqual([
      1, 1, 4, 1, 0,
    ]);
    const page = await journal.page({ source: 'a', from: null, direction: 'before', limit: 10, text: '' });
    expect(page.rows).toHaveLength(3);
    await journal.close();
  });
});
