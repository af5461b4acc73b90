import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../../shared/alert';
import type { AlertRuleState } from '../core/alerts';
import type { JournalEntry } from '../core/journal';
import { createFakeClock } from '../simulation/fake-clock';
import { keptAlerts } from './alert-rows';
import { realDisk } from './disk';
import { createJournal } from './journal';
import { openFile } from './open';
import { createQueue } from './queue';
import { entry, someTime } from './samples';
import { migrations, schemaVersion, versionOf } from './schema';
import { createStore } from './store';
import { openInline } from './workers';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Goes on over restarts, as a source's ordinals do. */
let ordinal = 10_000;

function start() {
  const clock = createFakeClock({ wall: someTime });
  const worker = openInline(realDisk);
  const journal = createJournal({ openWorker: () => worker, clock, folder });
  let number = 0;
  return {
    clock,
    worker,
    journal,
    async put(alerts: JournalEntry['alerts'], source = 'a') {
      number += 1;
      journal.append(entry(source, number, ordinal, ++ordinal, alerts ? { alerts } : {}));
      await journal.flush();
    },
  };
}

function alertOf(n: number, change: Partial<Alert> = {}): Alert {
  return {
    id: `r:a:${n}`,
    rule: 'r',
    source: 'a',
    name: 'Hot',
    severity: 'warning',
    text: `${n} is above 90.`,
    raisedAt: someTime + n,
    endedAt: null,
    acknowledgedAt: null,
    ordinal: n,
    count: 1,
    notice: 'due',
    beforeRestart: false,
    mayRepeat: false,
    ...change,
  };
}

const raised = (...alerts: readonly Alert[]): NonNullable<JournalEntry['alerts']> => ({
  changes: alerts.map((alert) => ({ alert, raised: true })),
  states: [],
});

const state = (since: number): AlertRuleState => ({ rule: 'r', condition: 'c', since, lastAt: null, last: null });

describe('alerts in the journal', () => {
  it('are one row each, whose end and count change while what the person did stays', async () => {
    const { journal, put } = start();
    await put(raised(alertOf(1)));
    expect(await journal.alertPage(null, 10)).toEqual([alertOf(1)]);
    await journal.markSent([{ id: 'r:a:1', beforeRestart: false, mayRepeat: true }]);
    await journal.acknowledge(['r:a:1'], someTime + 50);
    await put({ changes: [{ alert: alertOf(1, { count: 4, endedAt: someTime + 60 }), raised: false }], states: [] });
    const now = alertOf(1, {
      count: 4,
      endedAt: someTime + 60,
      acknowledgedAt: someTime + 50,
      notice: 'sent',
      mayRepeat: true,
    });
    expect(await journal.alertPage(null, 10)).toEqual([now]);
    await journal.close();
  });

  it('take what changed several times before a commit as it was last', async () => {
    const { journal } = start();
    journal.append(
      entry('a', 1, 0, 1, { alerts: { ...raised(alertOf(1)), states: [{ rule: 'r', state: state(1) }] } }),
    );
    const later = { alert: alertOf(1, { count: 2 }), raised: false };
    journal.append(entry('a', 2, 1, 2, { alerts: { changes: [later], states: [{ rule: 'r', state: state(2) }] } }));
    await journal.flush();
    expect(await journal.alertPage(null, 10)).toEqual([alertOf(1, { count: 2 })]);
    expect((await journal.restore('a'))?.alertStates).toEqual([state(2)]);
    await journal.close();
  });

  it('that were raised before they came to be in the file are news to nobody', async () => {
    const { journal, put } = start();
    await put({ changes: [{ alert: alertOf(1, { endedAt: someTime + 5 }), raised: false }], states: [] });
    expect(await journal.alertPage(null, 10)).toMatchObject([{ id: 'r:a:1', notice: 'sent' }]);
    await journal.close();
  });

  it('give rules back what they remember, each source its own', async () => {
    const first = start();
    await first.put({ changes: [], states: [{ rule: 'r', state: state(5) }] });
    await first.put({ changes: [], states: [{ rule: 'gone', state: state(5) }] });
    await first.put({ changes: [], states: [{ rule: 'gone', state: null }] });
    await first.put(undefined, 'b');
    await first.journal.close();
    const { journal } = start();
    expect((await journal.restore('a'))?.alertStates).toEqual([state(5)]);
    expect((await journal.restore('b'))?.alertStates).toEqual([]);
    await journal.close();
  });

  it('are paged newest first, those of one moment together', async () => {
    const { journal, put } = start();
    const moments = [1, 2, 3, 3, 3, 4];
    await put(raised(...moments.map((at, n) => alertOf(n, { raisedAt: someTime + at }))));
    const first = await journal.alertPage(null, 2);
    expect(first.map(({ id }) => id)).toEqual(['r:a:5', 'r:a:4', 'r:a:3', 'r:a:2']);
    const next = await journal.alertPage(first.at(-1)?.raisedAt ?? 0, 2);
    expect(next.map(({ id }) => id)).toEqual(['r:a:1', 'r:a:0']);
    expect(await journal.alertPage(someTime, 2)).toEqual([]);
    await journal.close();
  });

  it('are open while they last, were not seen or not told', async () => {
    const { journal, put } = start();
    const ended = { endedAt: someTime + 100 };
    await put(raised(alertOf(1), alertOf(2, ended), alertOf(3, ended), alertOf(4, ended)));
    await journal.markSent([1, 2, 3].map((n) => ({ id: `r:a:${n}`, beforeRestart: false, mayRepeat: false })));
    await journal.acknowledge(['r:a:1', 'r:a:3', 'r:a:4'], someTime + 200);
    expect((await journal.openAlerts(10)).map(({ id }) => id)).toEqual(['r:a:4', 'r:a:2', 'r:a:1']);
    await journal.acknowledge(null, someTime + 300);
    expect((await journal.openAlerts(10)).map(({ acknowledgedAt }) => acknowledgedAt)).toEqual([
      someTime + 200,
      someTime + 200,
    ]);
    await journal.close();
  });

  it('that are due when a run begins were raised before it', async () => {
    const first = start();
    await first.put(raised(alertOf(1), alertOf(2)));
    await first.journal.markSent([{ id: 'r:a:1', beforeRestart: false, mayRepeat: false }]);
    first.worker.terminate();
    const second = start();
    await second.put(raised(alertOf(3)));
    const open = await second.journal.openAlerts(10);
    expect(open.map(({ id, notice, beforeRestart }) => [id, notice, beforeRestart])).toEqual([
      ['r:a:3', 'due', false],
      ['r:a:2', 'due', true],
      ['r:a:1', 'sent', false],
    ]);
    await second.journal.close();
  });

  it('go with their source', async () => {
    const { journal, put } = start();
    await put({ ...raised(alertOf(1)), states: [{ rule: 'r', state: state(1) }] });
    await put(raised(alertOf(2, { id: 'r:b:2', source: 'b' })), 'b');
    await journal.forget('a');
    expect((await journal.alertPage(null, 10)).map(({ id }) => id)).toEqual(['r:b:2']);
    await put(undefined);
    expect((await journal.restore('a'))?.alertStates).toEqual([]);
    await journal.close();
  });

  it('are evicted when they are too many, but not while they last', async () => {
    const { journal, put, worker } = start();
    const all = Array.from({ length: keptAlerts + 50 }, (_, n) =>
      alertOf(n, { endedAt: n === 7 ? null : someTime + n + 1 }),
    );
    await put(raised(...all));
    while (worker.server.upkeep(someTime + 1_000_000));
    const oldest = await journal.alertPage(someTime + 53, 100);
    expect(oldest.map(({ ordinal }) => ordinal)).toEqual([52, 51, 50, 7]);
    while (worker.server.upkeep(someTime + 500 * 86_400_000));
    expect((await journal.alertPage(null, 100)).map(({ ordinal }) => ordinal)).toEqual([7]);
    await journal.close();
  });
});

describe('a file of version 1', () => {
  it('is brought forward with what is in it, a backup beside it', async () => {
    const old = openFile(realDisk, folder, someTime, migrations.slice(0, 1));
    if (old.kind !== 'ready') throw new Error(old.kind);
    expect(versionOf(old.db)).toBe(1);
    const queue = createQueue();
    queue.add(entry('a', 1, 0, 1000));
    createStore(old.db).commit(queue.take(1, someTime).group);
    old.db.close();

    const { journal, put } = start();
    const restored = await journal.restore('a');
    expect(restored?.checkpoint?.nextOrdinal).toBe(1000);
    expect(restored?.alertStates).toEqual([]);
    const page = await journal.page({ source: 'a', from: null, direction: 'before', limit: 1000, text: '' });
    expect(page.rows).toHaveLength(1000);
    await put(raised(alertOf(1)));
    expect(await journal.alertPage(null, 10)).toHaveLength(1);
    await journal.close();

    const db = realDisk.open(join(folder, 'journal.db'), { readOnly: true });
    expect(versionOf(db)).toBe(schemaVersion);
    db.close();
    const backups = readdirSync(folder).filter((name) => name.startsWith('journal.v1.'));
    expect(backups).toHaveLength(1);
    const backup = realDisk.open(join(folder, backups[0] ?? ''), { readOnly: true });
    expect(versionOf(backup)).toBe(1);
    expect(backup.prepare('SELECT sum(count) AS n FROM blocks').get()?.n).toBe(1000);
    backup.close();
  });

  it('can be read where it cannot be brought forward', () => {
    const old = openFile(realDisk, folder, someTime, migrations.slice(0, 1));
    if (old.kind !== 'ready') throw new Error(old.kind);
    const queue = createQueue();
    queue.add(entry('a', 1, 0, 10));
    const store = createStore(old.db);
    store.commit(queue.take(1, someTime).group);
    expect(store.restore('a')).toMatchObject({ checkpoint: { nextOrdinal: 10 }, alertStates: [] });
    old.db.close();
  });
});
