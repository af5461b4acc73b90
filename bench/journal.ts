import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeliveredEvent } from '../electron/engine/core/delivery';
import type { FullJournal } from '../electron/engine/journal/journal';
import { createJournal } from '../electron/engine/journal/journal';
import { checkpoint, counters, event } from '../electron/engine/journal/samples';
import { openThread } from '../electron/engine/journal/workers';
import { createSystemClock } from '../electron/node/clock';
import type { Bench, BenchContext, BenchResult } from './bench';
import { percentile, round } from './bench';

const clock = createSystemClock();

const perEntry = 256;

/** Received just now, so that retention leaves it alone. */
const base = Date.now();
const recent = (n: number): DeliveredEvent => event(n, { receivedAt: base + n / 100, sentAt: base + n / 100 - 5 });

/** Words of the made-up events, from everywhere to nowhere. */
const searches = [
  'served',
  '"timed out"',
  'upstre*',
  '"upstream timed out" web-7',
  'host=web-13',
  'nosuchword',
  '4093',
  'type:cpu "timed out"',
  'percent=42.5',
  'request=1013904223',
];

export const journalBench: Bench = {
  name: 'journal',
  about: 'insert until durable, page, search over a journal of a million events',
  run,
};

async function run({ option, say }: BenchContext): Promise<BenchResult> {
  const count = option('events', 1_000_000);
  const folder = mkdtempSync(join(tmpdir(), 'bench-journal-'));
  const open = (): FullJournal =>
    createJournal({
      openWorker: () => openThread(fileURLToPath(new URL('../electron/engine/journal/worker.ts', import.meta.url))),
      clock,
      folder,
    });
  let journal = open();
  try {
    const bodyBytes = event(1).bytes;
    await journal.restore('bench');
    const { insertMs, mainMs } = await insert(journal, count);
    const insertEps = (count / insertMs) * 1000;
    say(`inserted ${count} events in ${Math.round(insertMs)} ms, ${Math.round(mainMs)} ms of it on the main thread`);

    const rawPages = await pages(journal, count, 200);
    const packMs = await settle(journal, folder);
    say(`packed in ${Math.round(packMs)} ms of idle time`);
    const packedPages = await pages(journal, count, 500);
    const found = await search(journal, say);

    await journal.close();
    const started = performance.now();
    journal = open();
    await journal.restore('bench');
    const openMs = performance.now() - started;
    return {
      figures: {
        insert_eps: Math.round(insertEps),
        main_us_per_event: round((mainMs * 1000) / count, 2),
        page_p95_ms: round(Math.max(percentile(rawPages, 0.95), percentile(packedPages, 0.95)), 2),
        search_p95_ms: round(percentile(found, 0.95), 1),
        search_worst_ms: round(Math.max(...found), 1),
        restore_ms: round(openMs),
        events: count,
        body_bytes: bodyBytes,
        file_mb: Math.round(sizeOf(folder) / 1e6),
      },
      notes: [
        `${count} events of ${bodyBytes} bytes of JSON, one source, entries of ${perEntry}`,
        'insert: from the first append until the last is durable, with back-pressure',
        `page: 200 rows at random places, before and after packing; search: ${searches.length} queries, first 200 rows each`,
        'restore: opening the file and finding a source again, worker start included',
      ],
    };
  } finally {
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function insert(
  journal: FullJournal,
  count: number,
): Promise<{ readonly insertMs: number; readonly mainMs: number }> {
  let insertMs = 0;
  let mainMs = 0;
  let number = 0;
  let go: (() => void) | null = null;
  const off = journal.onPressure((pressure) => {
    if (pressure === 'go') go?.();
  });
  // Made in portions beforehand, so that making them is not measured.
  const portion = 100_000;
  for (let done = 0; done < count; done += portion) {
    const entries: DeliveredEvent[][] = [];
    const end = Math.min(count, done + portion);
    for (let at = done; at < end; at += perEntry) {
      entries.push(Array.from({ length: Math.min(perEntry, end - at) }, (_, index) => recent(at + index)));
    }
    const started = performance.now();
    for (const events of entries) {
      const next = (events[events.length - 1]?.ordinal ?? 0) + 1;
      const before = performance.now();
      const pressure = journal.append({
        source: 'bench',
        number: ++number,
        events,
        gaps: [],
        checkpoint: checkpoint(next),
        rollups: [],
        transitions: [],
        counters: counters(next),
      });
      mainMs += performance.now() - before;
      if (pressure === 'wait') {
        await new Promise<void>((resolve) => {
          go = resolve;
        });
        go = null;
      }
    }
    await journal.flush();
    insertMs += performance.now() - started;
  }
  off();
  return { insertMs, mainMs };
}

async function pages(journal: FullJournal, count: number, times: number): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let turn = 0; turn < times; turn++) {
    const from = turn % 10 === 0 ? null : Math.floor((count * ((turn * 7919) % 1009)) / 1009);
    const started = performance.now();
    const page = await journal.page({
      source: 'bench',
      from,
      direction: turn % 3 === 0 ? 'after' : 'before',
      limit: 200,
      text: '',
    });
    taken.push(performance.now() - started);
    if (page.rows.length === 0 && from !== null && from > 200 && from < count - 200) throw new Error('an empty page');
  }
  return taken;
}

async function search(journal: FullJournal, say: (line: string) => void): Promise<readonly number[]> {
  const taken: number[] = [];
  for (const text of searches) {
    const mine: number[] = [];
    let rows = 0;
    for (let turn = 0; turn < 5; turn++) {
      const started = performance.now();
      const page = await journal.page({ source: 'bench', from: null, direction: 'before', limit: 200, text });
      mine.push(performance.now() - started);
      rows = page.rows.length;
    }
    say(`  search ${text.padEnd(28)} ${String(rows).padStart(4)} rows  ${round(percentile(mine, 0.5))} ms`);
    taken.push(...mine);
  }
  return taken;
}

/** Waits until upkeep has nothing left to do: the file no longer changes. */
async function settle(_journal: FullJournal, folder: string): Promise<number> {
  const started = performance.now();
  let last = '';
  let quietSince = performance.now();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = ['journal.db', 'journal.db-wal'].map((name) => stamp(join(folder, name))).join();
    if (now !== last) {
      last = now;
      quietSince = performance.now();
    } else if (performance.now() - quietSince > 1_000) return quietSince - started;
    if (performance.now() - started > 180_000) throw new Error('upkeep does not come to rest');
  }
}

function stamp(path: string): string {
  const { size, mtimeMs } = statSync(path);
  return `${size} ${mtimeMs}`;
}

function sizeOf(folder: string): number {
  return statSync(join(folder, 'journal.db')).size;
}
