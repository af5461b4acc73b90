import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SourceConfig } from '../../shared/source';
import { rule } from './alerts/testing/samples';
import type { AlertNews } from './core/alerts';
import { createEngine, type Engine } from './engine';
import { realDisk } from './journal/disk';
import { createJournal } from './journal/journal';
import type { JournalDisk } from './journal/open';
import { openInline } from './journal/workers';
import { createFakeClock, type FakeClock } from './simulation/fake-clock';
import { createFakeGateway, type FakeGateway } from './simulation/fake-gateway';
import { createFakeHostSignals } from './simulation/fake-host';
import { createFakeNetwork } from './simulation/fake-network';
import { createSeededRandom } from './simulation/seeded-random';
import { clearWeather } from './simulation/weather';
import { readEventStreamDirectly } from './transports/event-stream-reader';

/** The engine with a real journal, on a fake network and clock. */
let folder: string;
let clock: FakeClock;
let gateway: FakeGateway;
let engine: Engine;
let news: AlertNews[];
let full: boolean;

const config: SourceConfig = {
  id: 'alpha',
  name: 'Alpha',
  url: 'http://a.example.test/v1/alpha',
  protocol: 'gateway',
  ladder: [{ transport: 'sse', url: 'http://a.example.test/v1/alpha/sse', intervalSeconds: 5 }],
  pinnedRung: null,
  paused: false,
  builtIn: false,
};

/** The gateway counts n up; this one is reached at the third event. */
const third = rule({ kind: 'metric', series: 'value:tick.n', is: 'above', threshold: 2, clear: 1, seconds: 0 });

const disk: JournalDisk = {
  ...realDisk,
  open(path, options) {
    const db = realDisk.open(path, options);
    return {
      exec: (sql) => db.exec(sql),
      close: () => db.close(),
      prepare(sql) {
        const statement = db.prepare(sql);
        return {
          run(...values) {
            if (full && /^\s*(INSERT|UPDATE|DELETE)/.test(sql))
              throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
            return statement.run(...values);
          },
          get: (...values) => statement.get(...values),
          all: (...values) => statement.all(...values),
        };
      },
    };
  },
};

async function startEngine(limits = {}): Promise<void> {
  const random = createSeededRandom(1);
  const network = createFakeNetwork({ clock, random });
  network.addHost('a.example.test', { server: gateway.server, weather: clearWeather() });
  engine = createEngine({
    clock,
    random,
    http: network.http,
    socket: network.socket,
    reader: readEventStreamDirectly,
    host: createFakeHostSignals(),
    journal: createJournal({ openWorker: () => openInline(disk), clock, folder, limits }),
    alertRules: [third],
  });
  news = [];
  engine.onAlerts((one) => news.push(one));
  await engine.addSource(config);
  await clock.advanceAsync(2000);
}

async function publish(count: number, ms = 500): Promise<void> {
  for (let n = 0; n < count; n++) gateway.publish('alpha');
  await clock.advanceAsync(ms);
}

const told = () =>
  news.map((one) =>
    one.kind === 'forgotten' ? one.kind : { stored: one.stored, ids: one.changes.map(({ alert }) => alert.id) },
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine-alerts-'));
  clock = createFakeClock({ wall: Date.UTC(2026, 0, 1) });
  gateway = createFakeGateway({ clock, random: createSeededRandom(2) });
  full = false;
});

afterEach(async () => {
  full = false;
  gateway.close();
  const closed = engine.close();
  await clock.advanceAsync(5000);
  await closed;
  rmSync(folder, { recursive: true, force: true });
});

describe('an alert', () => {
  it('is told when it is stored with the event that raised it', async () => {
    await startEngine();
    await publish(2);
    await publish(2, 20);
    expect(news).toEqual([]);
    await clock.advanceAsync(200);
    expect(told()).toEqual([{ stored: true, ids: ['r:alpha:3'] }]);
    const [alert] = await engine.journal.openAlerts(5);
    expect(alert).toMatchObject({ id: 'r:alpha:3', ordinal: 3, text: 'tick.n is 3, above 2.' });
  });

  it('is told from memory while the disk is full, and once more when it is stored', async () => {
    await startEngine();
    full = true;
    await publish(2);
    await publish(2);
    expect(told()).toEqual([{ stored: false, ids: ['r:alpha:3'] }]);
    full = false;
    await clock.advanceAsync(20_000);
    expect(told()).toEqual([
      { stored: false, ids: ['r:alpha:3'] },
      { stored: true, ids: ['r:alpha:3'] },
    ]);
    expect(await engine.journal.openAlerts(5)).toHaveLength(1);
  });

  it('raised from memory ends, and may be raised again, when its events had to be fetched again', async () => {
    await startEngine({ waitEvents: 20 });
    full = true;
    await publish(2);
    for (let n = 0; n < 10; n++) await publish(10);
    expect(told()).toEqual([{ stored: false, ids: ['r:alpha:3'] }]);
    full = false;
    await clock.advanceAsync(60_000);
    const stored = await engine.journal.alertPage(null, 10);
    expect(stored.map(({ ordinal, endedAt }) => [ordinal, endedAt === null])).toEqual([
      [103, true],
      [3, false],
    ]);
    expect(told().at(-1)).toEqual({ stored: true, ids: ['r:alpha:3', 'r:alpha:103'] });
  });

  it('ends when its rule goes, and the journal has that too', async () => {
    await startEngine();
    await publish(3);
    engine.setAlertRules([]);
    await clock.advanceAsync(200);
    expect(told()).toEqual([
      { stored: true, ids: ['r:alpha:3'] },
      { stored: true, ids: ['r:alpha:3'] },
    ]);
    expect((await engine.journal.openAlerts(5))[0]?.endedAt).not.toBeNull();
    expect((await engine.journal.restore('alpha'))?.alertStates).toEqual([]);
  });

  it('lasts across an edit of its source, and goes with it', async () => {
    await startEngine();
    await publish(2);
    await publish(1, 1);
    const edited = engine.editSource({ ...config, url: `${config.url}?x` });
    await clock.advanceAsync(3000);
    await edited;
    await publish(1);
    expect(told()).toEqual([{ stored: true, ids: ['r:alpha:3'] }]);
    const removed = engine.removeSource('alpha');
    await clock.advanceAsync(3000);
    await removed;
    expect(told().at(-1)).toBe('forgotten');
    expect(await engine.journal.openAlerts(5)).toEqual([]);
  });
});
