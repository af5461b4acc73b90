import type { Alert } from '../../../shared/alert';
import { bootMs, type Clock, monotonicMs, wallMs } from '../core/clock';
import { realDisk } from './disk';
import { createJournal } from './journal';
import { entry, event, someTime, transition } from './samples';
import { openInline } from './workers';

/** For tests that kill: entries that can be told whole from torn, and the look at what is left of them. */

const stillClock: Clock = {
  now: () => monotonicMs(0),
  wall: () => wallMs(someTime),
  uptime: () => bootMs(0),
  after: () => ({ cancel: () => undefined }),
};

/** Events per entry. Odd, so that entries and blocks do not line up. */
export const perEntry = 37;

/** The n-th entry (from 0): its events, a count of them in a rollup, a gap, a transition and an alert of its own. */
export function wholeEntry(source: string, n: number) {
  const from = n * perEntry;
  return entry(source, n + 1, from, from + perEntry, {
    rollups: [{ series: 'events', start: someTime, count: perEntry, sum: perEntry, min: 1, max: 1, last: n }],
    transitions: [transition(someTime + n, { kind: 'connecting', rung: 0, attempt: n })],
    gaps: [
      {
        id: `g${n}`,
        stream: 'metrics',
        epoch: 'e1',
        from: from + 1,
        to: from + 1,
        status: 'filled',
        cause: 'missed',
        openedAt: someTime + n,
        closedAt: someTime + n,
        before: from,
      },
    ],
    alerts: {
      changes: [{ alert: alertOf(source, n), raised: true }],
      states: [{ rule: 'r', state: { rule: 'r', condition: 'c', since: n, lastAt: null, last: null } }],
    },
  });
}

function alertOf(source: string, n: number): Alert {
  return {
    id: `r:${source}:${n}`,
    rule: 'r',
    source,
    name: 'A rule',
    severity: 'info',
    text: `entry ${n}`,
    raisedAt: someTime + n,
    endedAt: null,
    acknowledgedAt: null,
    ordinal: n * perEntry,
    count: 1,
    notice: 'due',
    beforeRestart: false,
    mayRepeat: false,
  };
}

/**
 * Opens the journal in a folder and answers how many entries of the source are in it. Throws when any is there in part:
 * events, cursor, counters, rollups, transitions, gaps and alerts must all tell the same number.
 */
export async function entriesIn(folder: string, source: string, upkeepSteps = 0): Promise<number> {
  const worker = openInline(realDisk);
  const journal = createJournal({ openWorker: () => worker, clock: stillClock, folder });
  try {
    for (let step = 0; step < upkeepSteps; step++) worker.server.upkeep(someTime);
    const restored = await journal.restore(source);
    const { kind } = journal.view();
    if (kind !== 'ok') throw new Error(`journal is ${kind}`);
    if (restored === null || restored.checkpoint === null) return 0;
    const walked = await walk();
    const told = {
      cursor: restored.checkpoint.resume.positions.metrics?.seq,
      ordinal: restored.checkpoint.nextOrdinal,
      counters: restored.counters.delivered,
      events: walked.events,
      rollups: (
        await journal.history({
          source,
          series: ['events'],
          from: someTime,
          to: someTime + 30 * 86_400_000,
          points: 40,
        })
      )[0]?.buckets.reduce((sum, bucket) => sum + bucket.sum, 0),
      transitions: (await journal.transitions(source, 1_000_000)).length * perEntry,
      gaps: walked.gaps * perEntry,
      alerts: (await journal.alertPage(null, 1_000_000)).length * perEntry,
      rule: ((restored.alertStates[0]?.since ?? -1) + 1) * perEntry,
    };
    const different = Object.entries(told).filter(([, value]) => value !== told.cursor);
    if (different.length > 0) throw new Error(`torn: ${JSON.stringify(told)}`);
    return (told.cursor ?? 0) / perEntry;
  } finally {
    await journal.close();
  }

  async function walk(): Promise<{ readonly events: number; readonly gaps: number }> {
    const gaps = new Set<string>();
    let next = 0;
    for (;;) {
      const page = await journal.page({ source, from: next - 1, direction: 'after', limit: 1000, text: '' });
      for (const gap of page.gaps) gaps.add(gap.id);
      for (const row of page.rows) {
        if (row.ordinal !== next || row.body !== event(next).body)
          throw new Error(`row ${row.ordinal} where ${next} is due`);
        next++;
      }
      if (!page.more) return { events: next, gaps: gaps.size };
    }
  }
}
