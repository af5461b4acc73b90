import { type AlertVerdict, createAlertJudge } from '../../electron/engine/alerts/testing/demanded';
import { realDisk } from '../../electron/engine/journal/disk';
import { createReader } from '../../electron/engine/journal/reader';
import { createStore } from '../../electron/engine/journal/store';
import type { Alert } from '../../shared/alert';
import type { EventRow } from '../../shared/event';
import type { EventPage } from '../../shared/ipc';
import { rollupSeconds } from '../../shared/meters';
import { alertRules, textOf } from './published';

/** What a journal holds of one stream, held against what the server published. */
export interface Verdict {
  readonly published: number;
  readonly stored: number;
  /** Published and not stored, whether a gap says so or not. */
  readonly lost: number;
  readonly repeated: number;
  /** Alerts that the stored events demand, those of them not recorded, and those recorded too often. */
  readonly alerts: Pick<AlertVerdict, 'demanded' | 'lost' | 'repeated'>;
  /** Anything else that is not as it must be, in words. */
  readonly faults: readonly string[];
}

/** The journal file of an application that has ended, read through the journal's own reader. */
export interface StoredJournal {
  /** `head` null: nobody knows what was published (This machine); then every hole within an epoch is a loss. */
  judge(source: string, stream: string, head: number | null): Verdict;
  close(): void;
}

/** Opens `journal.db` for reading, what waited to be settled brought into its rows as the next start would. */
export function openStored(path: string): StoredJournal {
  const killed = realDisk.open(path, { readOnly: false });
  createStore(killed).settle(0, false);
  killed.close();
  const db = realDisk.open(path, { readOnly: true });
  const reader = createReader(db);
  const alertPage = reader.alertPage({ before: null, limit: 1_000_000 });
  const alerts: readonly Alert[] = 'next' in alertPage ? finish(alertPage) : alertPage;
  const check = String(db.prepare('PRAGMA integrity_check(1)').get()?.integrity_check);

  function* rows(source: string): Generator<EventPage> {
    for (let from: number | null = 0; ; ) {
      const answer = reader.page({ source, from, direction: 'after', limit: 1000, text: '' });
      const page: EventPage = 'next' in answer ? finish(answer) : answer;
      yield page;
      from = page.rows.at(-1)?.ordinal ?? from;
      if (!page.more || page.rows.length === 0) return;
    }
  }

  /** Sum of the `events` buckets of one width. */
  const summed = db.prepare(`
    SELECT coalesce(sum(rollups.sum), 0) AS events FROM rollups JOIN series ON series.id = rollups.series
    JOIN sources ON sources.id = series.source WHERE sources.name = ? AND series.name = ? AND rollups.seconds = ?`);
  const totals = db.prepare('SELECT counters, events, evicted_events AS evicted FROM sources WHERE name = ?');
  const unfilled = db.prepare(`
    SELECT gaps.low, gaps.high, gaps.status, gaps.cause FROM gaps JOIN sources ON sources.id = gaps.source
    WHERE sources.name = ? AND gaps.status != 'filled'`);

  return {
    judge(source, stream, head) {
      const faults: string[] = [];
      if (check !== 'ok') faults.push(`the file is damaged: ${check}`);
      const seen = new Map<string, Set<number>>();
      let stored = 0;
      let repeated = 0;
      let bytes = 0;
      let last: EventRow | null = null;
      let lastSeq = 0;
      const judges = alertRules.map(createAlertJudge);
      for (const { rows: part } of rows(source)) {
        for (const row of part) {
          stored += 1;
          for (const judge of judges) judge.event(row);
          bytes += row.bytes;
          const epoch = row.epoch ?? '';
          const numbers = seen.get(epoch) ?? new Set();
          seen.set(epoch, numbers);
          // A feed without numbers gives its events ids that count.
          const seq = row.seq ?? Number(row.id ?? Number.NaN);
          if (numbers.has(seq)) repeated += 1;
          numbers.add(seq);
          if (head !== null && row.body !== textOf(stream, seq)) {
            faults.push(`event ${seq} is not what was published: ${row.body.slice(0, 100)}`);
          }
          if (last && row.ordinal !== last.ordinal + 1) faults.push(`ordinal ${last.ordinal} → ${row.ordinal}`);
          if (last && last.epoch === row.epoch && !row.late && seq < lastSeq) {
            faults.push(`out of order: ${lastSeq} → ${seq}`);
          }
          last = row;
          lastSeq = seq;
        }
      }
      let lost = 0;
      if (head !== null && seen.size > 1) faults.push(`${seen.size} epochs of a server that never restarted`);
      for (const numbers of seen.values()) {
        const ordered = [...numbers].sort((a, b) => a - b);
        const first = head === null ? (ordered[0] ?? 1) : 1;
        const end = head ?? ordered.at(-1) ?? 0;
        lost += Math.max(0, end - first + 1 - numbers.size);
      }
      if (head !== null && seen.size === 0) lost = head;
      for (const gap of unfilled.all(source)) {
        faults.push(`a gap is ${String(gap.status)}: ${String(gap.low)}–${String(gap.high)} (${String(gap.cause)})`);
      }
      for (const seconds of rollupSeconds) {
        for (const [series, expected] of [
          ['events', stored],
          ['bytes', bytes],
        ] as const) {
          const sum = Number(summed.get(source, series, seconds)?.events);
          if (sum !== expected) faults.push(`${seconds} s buckets of ${series} sum up to ${sum}, stored ${expected}`);
        }
      }
      const row = totals.get(source);
      const delivered = (JSON.parse(String(row?.counters ?? '{}')) as { delivered?: number }).delivered;
      if (delivered !== stored) faults.push(`${delivered} counted as delivered, stored ${stored}`);
      if (Number(row?.events) !== stored || Number(row?.evicted) !== 0) faults.push('the amount stored is miscounted');
      const mine = alerts.filter((alert) => alert.source === source);
      const verdicts = judges.map((judge) => judge.verdict(mine));
      for (const verdict of verdicts) faults.push(...verdict.faults);
      const untold = mine.filter(({ notice }) => notice === 'due').length;
      if (untold > 0) faults.push(`nobody was told of ${untold} alerts`);
      const sum = (of: 'demanded' | 'lost' | 'repeated') => verdicts.reduce((all, verdict) => all + verdict[of], 0);
      const raised = { demanded: sum('demanded'), lost: sum('lost'), repeated: sum('repeated') };
      return { published: head ?? stored + lost, stored, lost, repeated, alerts: raised, faults };
    },
    close: () => db.close(),
  };
}

function finish<T>(steps: Iterator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
