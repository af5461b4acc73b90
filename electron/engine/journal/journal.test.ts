import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import { realDisk } from './disk';
import { createJournal } from './journal';
import { checkpoint, counters, entry, event, someTime, transition } from './samples';
import { openInline, openThread } from './workers';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function inline() {
  const clock = createFakeClock({ wall: someTime });
  const worker = openInline(realDisk);
  const journal = createJournal({ openWorker: () => worker, clock, folder });
  return { clock, worker, journal };
}

describe('journal', () => {
  it('gives back after a restart what it was given', async () => {
    const first = inline();
    expect(await first.journal.restore('a')).toBeNull();
    const gap = {
      id: 'g1',
      stream: 'metrics',
      epoch: 'e1',
      from: 301,
      to: 310,
      status: 'open',
      cause: 'missed',
      openedAt: someTime,
      closedAt: null,
    } as const;
    const left = [
      { id: 'h', from: 2, to: 3, openedAt: someTime, before: 4 },
      { id: 'end', from: 5, to: null, openedAt: someTime },
    ];
    // Older versions stored none of what was left.
    const older = { stream: 'other', epoch: 'n', cursor: 1, leftAt: someTime };
    const pastEpochs = [older, { stream: 'metrics', epoch: 'e0', cursor: 4, leftAt: someTime, left }];
    first.journal.append(
      entry('a', 1, 0, 1300, {
        gaps: [gap],
        checkpoint: checkpoint(1300, {
          positions: { metrics: { epoch: 'e1', seq: 1 }, other: { epoch: 'o', seq: 7 } },
          keys: { mode: 'append', keys: ['k1', 'k2'], size: 2 },
          pastEpochs,
        }),
        transitions: [transition(someTime, { kind: 'connecting', rung: 0, attempt: 1 })],
      }),
    );
    const keys = { mode: 'append', keys: ['k3'], size: 2 } as const;
    first.journal.append(entry('a', 2, 1300, 1301, { checkpoint: checkpoint(1301, { keys }) }));
    const done: number[] = [];
    first.journal.onCommitted((_, number) => done.push(number));
    await first.clock.advanceAsync(100);
    expect(done).toEqual([2]);
    await first.journal.close();
    expect(first.clock.pending()).toBe(0);

    const { journal } = inline();
    const restored = await journal.restore('a');
    expect(restored?.checkpoint).toEqual({
      resume: { positions: { metrics: { epoch: 'e1', seq: 1301 }, other: { epoch: 'o', seq: 7 } }, token: null },
      openGaps: [gap],
      recentKeys: ['k2', 'k3'],
      nextOrdinal: 1301,
      pastEpochs,
    });
    expect(restored?.counters).toEqual(counters(1301));
    expect(restored?.lastTransition?.to.kind).toBe('connecting');
    expect(restored?.lastEventAt).toBe(someTime + 1300);
    const page = await journal.page({ source: 'a', from: null, direction: 'before', limit: 200, text: '' });
    expect(page.rows).toHaveLength(200);
    expect(page.more).toBe(true);
    expect(page.rows[199]).toMatchObject({ ordinal: 1300, seq: 1301, body: event(1300).body, type: event(1300).type });
    const after = await journal.page({ source: 'a', from: 99, direction: 'after', limit: 3, text: '' });
    expect(after.rows.map((row) => row.ordinal)).toEqual([100, 101, 102]);
    await journal.close();
  });

  it('takes for a sign of life what brought bytes, not an attempt that failed', async () => {
    const first = inline();
    const failing = { transitions: [transition(someTime, { kind: 'connecting', rung: 0, attempt: 1 })] };
    first.journal.append(entry('a', 1, 0, 0, { ...failing, counters: { ...counters(0), bytes: 0 } }));
    await first.journal.flush();
    expect((await first.journal.restore('a'))?.lastSeenAt).toBeNull();
    await first.clock.advanceAsync(10_000);
    first.journal.append(entry('a', 2, 0, 5, { counters: { ...counters(5), bytes: 500 } }));
    await first.journal.flush();
    await first.clock.advanceAsync(60_000);
    first.journal.append(entry('a', 3, 5, 5, { ...failing, counters: { ...counters(5), bytes: 500 } }));
    await first.journal.close();

    const { journal } = inline();
    expect((await journal.restore('a'))?.lastSeenAt).toBe(someTime + 10_000);
    await journal.close();
  });

  it('works in a thread', async () => {
    const clock = createFakeClock({ wall: someTime });
    const journal = createJournal({
      openWorker: () => openThread(fileURLToPath(new URL('./worker.ts', import.meta.url))),
      clock,
      folder,
    });
    journal.append(entry('a', 1, 0, 1000));
    await journal.flush();
    const page = await journal.page({ source: 'a', from: null, direction: 'before', limit: 10, text: '' });
    expect(page.rows.map((row) => row.ordinal)).toEqual([990, 991, 992, 993, 994, 995, 996, 997, 998, 999]);
    await journal.close();
  });
});
