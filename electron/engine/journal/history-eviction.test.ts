import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Gap } from '../../../shared/gap';
import type { RollupIncrement } from '../core/journal';
import { createFakeClock } from '../simulation/fake-clock';
import type { Database } from './database';
import { realDisk } from './disk';
import { createHistoryEviction, type HistoryLimits, historyLimits } from './history-eviction';
import { createJournal } from './journal';
import { entry, someTime, transition } from './samples';
import { openInline } from './workers';

let folder = '';
let db: Database | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});

afterEach(() => {
  db?.close();
  db = null;
  rmSync(folder, { recursive: true, force: true });
});

const day = 86_400_000;

function gap(n: number, openedAt: number, status: Gap['status'] = 'lost'): Gap {
  const closedAt = status === 'open' ? null : openedAt + 1;
  return { id: `g${n}`, stream: `s${n}`, epoch: 'e', from: n, to: n, status, cause: 'missed', openedAt, closedAt };
}

const measured = (series: RollupIncrement['series'], start: number): RollupIncrement => ({
  series,
  start,
  count: 1,
  sum: 1,
  min: 1,
  max: 1,
  last: 1,
});

/** A file with what two years of a source leave, one gap, one transition and one new series a day. */
async function oldFile(): Promise<void> {
  const clock = createFakeClock({ wall: someTime });
  const journal = createJournal({ openWorker: () => openInline(realDisk), clock, folder });
  for (let n = 0; n < 730; n++) {
    const at = someTime - (729 - n) * day;
    const gaps = [gap(n, at, n === 3 ? 'open' : 'lost')];
    const transitions = [transition(at, { kind: 'connecting', rung: 0, attempt: n })];
    const rollups = [measured('events', at), measured(`value:${n}`, at)];
    journal.append(entry('a', n + 1, n, n + 1, { gaps, transitions, rollups }));
  }
  await journal.flush();
  await journal.close();
}

/** Evicts until there is nothing left to do; answers how many steps that took. */
function evict(limits: Partial<HistoryLimits> = {}): { readonly steps: number; readonly seriesGone: number } {
  db ??= realDisk.open(join(folder, 'journal.db'), { readOnly: false });
  let seriesGone = 0;
  const eviction = createHistoryEviction(db, {
    retention: { ageMs: 30 * day, bytes: 1e9 },
    limits: { ...historyLimits, ...limits },
    transaction: (work) => work(),
    seriesGone: () => {
      seriesGone += 1;
    },
  });
  eviction.begin();
  let steps = 0;
  while (eviction.step(someTime)) if (++steps > 10_000) throw new Error('eviction without end');
  return { steps, seriesGone };
}

function column(sql: string): readonly unknown[] {
  return (db?.prepare(sql).all() ?? []).map(({ x }) => x);
}

it('promise 12: gaps and transitions go with their time, the open gap and the last transition before it stay', async () => {
  await oldFile();
  evict();
  const gaps = column('SELECT id AS x FROM gaps ORDER BY opened_at');
  expect(gaps).toEqual(['g3', ...Array.from({ length: 31 }, (_, n) => `g${699 + n}`)]);
  const transitions = column('SELECT at AS x FROM transitions ORDER BY id');
  expect(transitions).toHaveLength(185);
  expect(transitions[0]).toBe(someTime - 184 * day);
  expect(evict().steps).toBe(1);
});

it('promise 12: no more of them are kept than a number, a little at a step', async () => {
  await oldFile();
  const { steps } = evict({ gaps: 10, transitions: 20, rows: 7 });
  expect(steps).toBeGreaterThan(90);
  expect(column('SELECT id AS x FROM gaps ORDER BY opened_at')).toEqual([
    'g3',
    ...Array.from({ length: 10 }, (_, n) => `g${720 + n}`),
  ]);
  expect(column('SELECT at AS x FROM transitions')).toHaveLength(20);
});

it('promise 12: names of series do not gather: those that nothing came for go, with their numbers', async () => {
  await oldFile();
  const { seriesGone } = evict({ series: 100, rows: 3 });
  expect(seriesGone).toBe(631);
  const names = column('SELECT name AS x FROM series ORDER BY id');
  expect(names).toEqual(['events', ...Array.from({ length: 99 }, (_, n) => `value:${631 + n}`)]);
  expect(column('SELECT DISTINCT series AS x FROM rollups')).toHaveLength(100);
});
