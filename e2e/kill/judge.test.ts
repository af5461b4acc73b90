import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeliveredEvent } from '../../electron/engine/core/delivery';
import type { JournalEntry } from '../../electron/engine/core/journal';
import { realDisk } from '../../electron/engine/journal/disk';
import { createJournal } from '../../electron/engine/journal/journal';
import { openInline } from '../../electron/engine/journal/workers';
import { createFakeClock } from '../../electron/engine/simulation/fake-clock';
import type { Alert } from '../../shared/alert';
import { openStored, type Verdict } from './judge';
import { bodyOf } from './published';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wirewatch-judge-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const body = (seq: number) => JSON.stringify(bodyOf('a', seq));

function delivered(seqs: readonly number[]): DeliveredEvent[] {
  return seqs.map((seq, index) => ({
    stream: 'a',
    position: { epoch: 'e', seq },
    id: null,
    type: 'order',
    sentAt: null,
    receivedAt: 1000 + index,
    body: body(seq),
    bytes: Buffer.byteLength(body(seq)),
    value: null,
    ordinal: index + 1,
    late: false,
  }));
}

/** A journal that holds these events, as the engine writes them, judged against ten that were published. */
async function judge(seqs: readonly number[], change: Partial<JournalEntry> = {}): Promise<Verdict> {
  const journal = createJournal({ openWorker: () => openInline(realDisk), clock: createFakeClock(), folder });
  const events = delivered(seqs);
  const sums = { events: events.length, bytes: events.reduce((sum, event) => sum + event.bytes, 0) };
  journal.append({
    source: 'a',
    number: 1,
    events,
    gaps: [],
    checkpoint: null,
    transitions: [],
    rollups: (['events', 'bytes'] as const).map((series) => {
      const sum = sums[series];
      return { series, start: 0, count: events.length, sum, min: 1, max: 1, last: 1 };
    }),
    counters: {
      delivered: events.length,
      repeated: 0,
      late: 0,
      lost: 0,
      gapsOpen: 0,
      undecodable: 0,
      reconnects: 0,
      bytes: 0,
    },
    ...change,
  });
  await journal.close();
  const stored = openStored(join(folder, 'journal.db'));
  const verdict = stored.judge('a', 'a', 10);
  stored.close();
  return verdict;
}

const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

describe('the judge of the kill test', () => {
  it('has nothing to say of a journal that holds what was published', async () => {
    expect(await judge(ten)).toEqual({
      published: 10,
      stored: 10,
      lost: 0,
      repeated: 0,
      alerts: { demanded: 0, lost: 0, repeated: 0 },
      faults: [],
    });
  });

  it('counts what is missing at the end, at the beginning and in between', async () => {
    expect((await judge([2, 3, 5, 6, 7, 8])).lost).toBe(4);
  });

  it('counts everything as lost where nothing is stored', async () => {
    expect((await judge([])).lost).toBe(10);
  });

  it('counts what is there twice, and does not let it make up for what is missing', async () => {
    expect(await judge([1, 2, 3, 3, 4, 5, 6, 7, 8, 10])).toMatchObject({ lost: 1, repeated: 1 });
  });

  it.each([
    ['out of order', [1, 3, 2, 4, 5, 6, 7, 8, 9, 10], {}, /out of order: 3 → 2/],
    ['with rollups that miss some', ten, { rollups: [] }, /1 s buckets of events sum up to 0, stored 10/],
    [
      'with a gap nobody filled',
      ten,
      {
        gaps: [
          {
            id: 'g',
            stream: 'a',
            epoch: 'e',
            from: 3,
            to: 4,
            status: 'lost',
            cause: 'retention',
            openedAt: 0,
            closedAt: 0,
          },
        ],
      },
      /a gap is lost: 3–4 \(retention\)/,
    ],
  ] as const)('finds fault with one %s', async (_what, seqs, change, said) => {
    expect((await judge(seqs, change)).faults.join('\n')).toMatch(said);
  });

  it('knows what alerts its events demand, and counts those that are missing, too many or wrong', async () => {
    const alert = (rule: string, change: Partial<Alert> = {}): Alert => ({
      id: `${rule}:a:1`,
      rule,
      source: 'a',
      name: rule,
      severity: 'warning',
      text: '',
      raisedAt: 1000,
      endedAt: null,
      acknowledgedAt: null,
      ordinal: 1,
      count: 1,
      notice: 'due',
      beforeRestart: false,
      mayRepeat: false,
      ...change,
    });
    const recorded = (...alerts: readonly Alert[]): Partial<JournalEntry> => ({
      alerts: { changes: alerts.map((one) => ({ alert: one, raised: true })), states: [] },
    });
    const rules = ['shifted', 'round'];
    // The event after which the number is high, and which is a round one.
    const judged = async (...alerts: readonly Alert[]) => {
      const { alerts: found, faults } = await judge([40_000], recorded(...alerts));
      await rm(join(folder, 'journal.db'));
      return { ...found, faults: faults.filter((fault) => /alert/.test(fault)) };
    };
    const right = rules.map((rule) => alert(rule));
    expect(await judged()).toMatchObject({ demanded: 2, lost: 2, repeated: 0 });
    expect(await judged(...right)).toEqual({
      demanded: 2,
      lost: 0,
      repeated: 0,
      faults: ['nobody was told of 2 alerts'],
    });
    expect(await judged(...right, alert('round', { id: 'again' }))).toMatchObject({ lost: 0, repeated: 1 });
    expect(await judged(...right, alert('long'))).toMatchObject({ lost: 0, repeated: 1 });
    expect((await judged(alert('shifted'), alert('round', { count: 2 }))).faults).toContain(
      'alert of round at event 1 is counted 2 times, not 1',
    );
  });
});
