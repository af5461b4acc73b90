import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../../shared/alert';
import type { JournalView } from '../../../shared/ipc';
import { rule } from '../../engine/alerts/testing/samples';
import type { AlertMark } from '../../engine/core/alerts';
import { createFakeEngine, type FakeEngine } from '../../engine/relay/testing/fake-engine';
import { createFakeClock, type FakeClock } from '../../engine/simulation/fake-clock';
import { openSettings, type SettingsStore } from '../settings/settings';
import { type AlertDesk, createAlertDesk } from './alert-desk';

const silent = { info() {}, warn() {}, once() {} };

const alertOf = (id: string, change: Partial<Alert> = {}): Alert => ({
  id,
  rule: 'r',
  source: 'a',
  name: 'Hot',
  severity: 'warning',
  text: 'cpu.percent is 97, above 90.',
  raisedAt: Number(id.replace(/\D/g, '')) || 1,
  endedAt: null,
  acknowledgedAt: null,
  ordinal: 1,
  count: 1,
  notice: 'due',
  beforeRestart: false,
  mayRepeat: false,
  ...change,
});

let folder: string;
let clock: FakeClock;
let engine: FakeEngine;
let settings: SettingsStore;
let desk: AlertDesk;
/** What the journal holds, and whether it can be written. */
let stored: readonly Alert[];
let writable: boolean;
let sent: AlertMark[];
let seen: [readonly string[] | null, number][];
let notified: string[];
let told: Alert[];

function open(): void {
  const write = async (act: () => void) => {
    if (!writable) throw new Error('The disk is full.');
    act();
  };
  desk = createAlertDesk({
    clock,
    engine: {
      ...engine,
      journal: {
        ...engine.journal,
        openAlerts: async () => stored,
        alertPage: async () => stored,
        markSent: (marks) => write(() => sent.push(...marks)),
        acknowledge: (ids, at) => write(() => seen.push([ids, at])),
      },
    },
    settings,
    isSource: (id) => id === 'a',
    notify: ({ id }) => notified.push(id),
    log: silent,
  });
  desk.onChange((changed) => told.push(...changed));
}

const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

const raise = (alert: Alert, isStored = true, raised = true) =>
  engine.emit.alerts({ kind: 'changed', source: 'a', changes: [{ alert, raised }], stored: isStored });

const view = (kind: 'ok' | 'paused') =>
  engine.emit.journal(kind === 'ok' ? { kind, behind: 0 } : ({ kind, since: 0, text: 'full' } satisfies JournalView));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wirewatch-alerts-'));
  clock = createFakeClock({ wall: 1000 });
  engine = createFakeEngine();
  settings = await openSettings(folder);
  [stored, writable, sent, seen, notified, told] = [[], true, [], [], [], []];
});

afterEach(() => {
  desk.close();
  return rm(folder, { recursive: true, force: true });
});

describe('an alert that is raised', () => {
  it('is acted on once it is stored, then marked as sent', async () => {
    open();
    raise(alertOf('a1'));
    expect(notified).toEqual(['a1']);
    await settle();
    expect(sent).toEqual([{ id: 'a1', beforeRestart: false, mayRepeat: false }]);
    expect(desk.open()).toMatchObject([{ id: 'a1', notice: 'sent' }]);
    raise(alertOf('a1', { endedAt: 5, count: 3 }), true, false);
    expect(notified).toEqual(['a1']);
    expect(told.at(-1)).toMatchObject({ notice: 'sent', endedAt: 5, count: 3 });
  });

  it('is acted on from memory while nothing can be stored, and says that it may repeat', async () => {
    open();
    writable = false;
    raise(alertOf('a1'), false);
    expect(notified).toEqual(['a1']);
    expect(desk.open()).toMatchObject([{ notice: 'sent', mayRepeat: true }]);
    await desk.acknowledge('a1');
    await settle();
    expect(sent).toEqual([]);
    writable = true;
    raise(alertOf('a1'), true);
    await settle();
    expect(notified).toEqual(['a1']);
    expect(sent).toEqual([{ id: 'a1', beforeRestart: false, mayRepeat: false }]);
    expect(seen.at(-1)).toEqual([['a1'], 1000]);
    expect(told.at(-1)).toMatchObject({ mayRepeat: false, acknowledgedAt: 1000 });
  });

  it('is marked later where the mark cannot be written', async () => {
    open();
    writable = false;
    raise(alertOf('a1'));
    await settle();
    writable = true;
    view('ok');
    await settle();
    expect(sent.map(({ id }) => id)).toEqual(['a1']);
  });

  it('is seen by a person, alone or with all others', async () => {
    open();
    raise(alertOf('a1'));
    raise(alertOf('a2'));
    await desk.acknowledge('a1');
    raise(alertOf('a1', { endedAt: 9 }), true, false);
    expect(desk.open().map(({ id }) => id)).toEqual(['a2']);
    await desk.acknowledge(null);
    raise(alertOf('a2', { endedAt: 9 }), true, false);
    expect(desk.open()).toEqual([]);
    expect(seen).toEqual([
      [['a1'], 1000],
      [null, 1000],
    ]);
  });

  it('goes with its source', () => {
    open();
    raise(alertOf('a1'));
    engine.emit.alerts({ kind: 'forgotten', source: 'a' });
    expect(desk.open()).toEqual([]);
    expect(told.at(-1)).toMatchObject({ id: 'a1', endedAt: 1000, acknowledgedAt: 1000 });
  });

  it('is one of a bounded number', () => {
    open();
    for (let n = 1; n <= 2500; n++) raise(alertOf(`a${n}`));
    expect(desk.open()).toHaveLength(200);
    expect(desk.open()[0]?.id).toBe('a2500');
  });
});

describe('after a restart', () => {
  it('what is due is shown as raised before it, marked, and told to nobody else', async () => {
    stored = [
      alertOf('a3', { beforeRestart: true }),
      alertOf('a2', { notice: 'sent' }),
      alertOf('b1', { source: 'removed' }),
    ];
    open();
    await settle();
    expect(notified).toEqual([]);
    expect(sent).toEqual([{ id: 'a3', beforeRestart: true, mayRepeat: false }]);
    expect(desk.open()).toMatchObject([
      { id: 'a3', notice: 'sent', beforeRestart: true },
      { id: 'a2', notice: 'sent', beforeRestart: false },
    ]);
    // It lasts still, and ends in this run.
    raise(alertOf('a3', { endedAt: 50 }), true, false);
    expect(told.at(-1)).toMatchObject({ id: 'a3', endedAt: 50, beforeRestart: true, notice: 'sent' });
  });

  it('what is raised anew is told like any other', async () => {
    open();
    await settle();
    raise(alertOf('a4'));
    expect(notified).toEqual(['a4']);
  });
});

describe('rules', () => {
  const made = rule({ kind: 'down', seconds: 30 }, { source: 'a' });

  it('are durable and in force when they are saved', async () => {
    open();
    expect(desk.rules()).toEqual([]);
    expect(await desk.save([made])).toEqual([made]);
    expect(engine.asked).toContain('rules r');
    expect((await openSettings(folder)).current().alertRules).toEqual([made]);
  });

  it('are refused when two have one name', async () => {
    open();
    await expect(desk.save([made, { ...made, name: 'Another' }])).rejects.toMatchObject({ error: { kind: 'refused' } });
    expect(desk.rules()).toEqual([]);
  });
});
