import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertRule } from '../../shared/alert';
import type { EventRow } from '../../shared/event';
import type { SourceConfig } from '../../shared/source';
import { createEngine, type Engine } from './engine';
import { realDisk } from './journal/disk';
import { createJournal, type FullJournal } from './journal/journal';
import { createFailingDisk } from './journal/testing/failing-disk';
import { createMortalWorkers, type MortalWorkers } from './journal/testing/mortal-workers';
import { openInline } from './journal/workers';
import { createFakeClock, type FakeClock } from './simulation/fake-clock';
import { createFakeGateway, type FakeGateway } from './simulation/fake-gateway';
import { createFakeHostSignals } from './simulation/fake-host';
import { createFakeNetwork } from './simulation/fake-network';
import { createSeededRandom } from './simulation/seeded-random';
import { clearWeather } from './simulation/weather';
import { readEventStreamDirectly } from './transports/event-stream-reader';

/** The engine with a real journal on a real file whose disk fills up, or whose worker dies, at bad moments. */
let folder: string;
let clock: FakeClock;
let gateway: FakeGateway;
let disk: ReturnType<typeof createFailingDisk>;
let workers: MortalWorkers;
let journal: FullJournal;
let engine: Engine;
let seed: number;

const config: SourceConfig = {
  id: 'alpha',
  name: 'Alpha',
  url: 'http://a.example.test/v1/alpha',
  protocol: 'gateway',
  ladder: [{ transport: 'websocket', url: 'ws://a.example.test/v1/alpha/ws', intervalSeconds: 5 }],
  pinnedRung: null,
  paused: false,
  builtIn: false,
};

async function startEngine(limits = { waitEvents: 20 }, listen = () => {}): Promise<void> {
  const random = createSeededRandom(++seed);
  const network = createFakeNetwork({ clock, random });
  network.addHost('a.example.test', { server: gateway.server, weather: clearWeather() });
  workers = createMortalWorkers(() => openInline(disk.disk));
  journal = createJournal({ openWorker: workers.open, clock, folder, limits });
  engine = createEngine({
    clock,
    random,
    http: network.http,
    socket: network.socket,
    stream: network.stream,
    reader: readEventStreamDirectly,
    host: createFakeHostSignals(),
    journal,
  });
  listen();
  void engine.addSource(config);
  await clock.advanceAsync(2000);
}

async function closeEngine(): Promise<void> {
  const closed = engine.close();
  await clock.advanceAsync(5000);
  await closed;
}

/** Publishes one event every `everyMs`, so that some are always on their way when something happens. */
async function publish(count: number, everyMs = 10): Promise<void> {
  for (let n = 0; n < count; n++) {
    gateway.publish('alpha');
    await clock.advanceAsync(everyMs);
  }
}

/** Everything stored, page by page, as lists ask for it; and the rows that a page of one row a time finds. */
async function stored(limit = 7): Promise<readonly EventRow[]> {
  const rows: EventRow[] = [];
  for (let from: number | null = null; ; ) {
    const page = await journal.page({ source: 'alpha', from, direction: 'before', limit, text: '' });
    rows.unshift(...page.rows);
    from = page.rows[0]?.ordinal ?? null;
    if (!page.more) return rows;
  }
}

/** Every number that was published stands in the file once, pages find all of it, and what is counted is what is there. */
async function expectAllOnce(): Promise<void> {
  await journal.flush();
  const rows = await stored();
  const numbers = rows.map(({ seq }) => seq ?? 0).sort((a, b) => a - b);
  expect(numbers).toEqual(gateway.published('alpha').map(({ seq }) => seq));
  expect((await journal.stored('alpha')).events).toBe(rows.length);
  expect(new Set(rows.map(({ ordinal }) => ordinal)).size).toBe(rows.length);
  const restored = await journal.restore('alpha');
  expect(restored?.checkpoint?.openGaps).toEqual([]);
  expect(restored?.counters).toMatchObject({ delivered: rows.length, lost: 0, gapsOpen: 0 });
  expect(engine.view('alpha')?.counters.delivered).toBe(rows.length);
}

beforeEach(() => {
  seed = 0;
  folder = mkdtempSync(join(tmpdir(), 'engine-journal-'));
  clock = createFakeClock({ wall: Date.UTC(2026, 0, 1) });
  gateway = createFakeGateway({ clock, random: createSeededRandom(2) });
  disk = createFailingDisk(realDisk);
});

afterEach(async () => {
  disk.heal();
  gateway.close();
  await closeEngine();
  rmSync(folder, { recursive: true, force: true });
});

describe('promise 3: the journal pauses and comes back', () => {
  it('stores once what was collected and not handed over when it came back', async () => {
    await startEngine();
    await publish(10);
    disk.fail(13, 'database or disk is full');
    await publish(80);
    expect(journal.view().kind).toBe('paused');
    disk.heal();
    await publish(2500);
    await clock.advanceAsync(5000);
    expect(journal.view().kind).toBe('ok');
    await expectAllOnce();
  });

  it('leaves rows or a gap for every numbering of a pause in which it began anew twice', async () => {
    await startEngine({ waitEvents: 20 });
    await publish(10);
    disk.fail(13, 'database or disk is full');
    await publish(40);
    for (let n = 0; n < 2; n++) {
      gateway.restart();
      await publish(5);
      await clock.advanceAsync(20_000);
      await publish(25);
    }
    disk.heal();
    await clock.advanceAsync(60_000);
    await publish(3);
    await clock.advanceAsync(3_000);
    expect(journal.view().kind).toBe('ok');
    const rows = await stored();
    const { gaps } = await journal.page({ source: 'alpha', from: null, direction: 'before', limit: 500, text: '' });
    const published = gateway.published('alpha') as readonly { readonly epoch: string; readonly seq: number }[];
    const missing = published.filter(
      ({ epoch, seq }) =>
        !rows.some((row) => row.epoch === epoch && row.seq === seq) &&
        !gaps.some((gap) => gap.epoch === epoch && gap.from <= seq && (gap.to ?? seq) >= seq),
    );
    expect(missing).toEqual([]);
    // Of the numbering that is in force nothing is lost: it was asked for.
    expect(rows.filter(({ epoch }) => epoch === gateway.epoch()).length).toBe(33);
    expect(gaps.filter(({ epoch, status }) => epoch === gateway.epoch() && status !== 'filled')).toEqual([]);
    expect(engine.view('alpha')?.counters.lost).toBe(0);
  });

  it('counts what is fetched again once in what is shown, and once in what is stored', async () => {
    let shown = 0;
    await startEngine({ waitEvents: 20 }, () => {
      engine.setWatched(['alpha']);
      engine.onPoints((_, points) => {
        for (const { series, bucket } of points) if (series === 'events') shown += bucket.sum;
      });
    });
    await publish(10);
    disk.fail(13, 'database or disk is full');
    await publish(80);
    await clock.advanceAsync(3000);
    expect(shown).toBe(90);
    disk.heal();
    await clock.advanceAsync(30_000);
    await publish(5);
    await clock.advanceAsync(3000);
    await expectAllOnce();
    expect(shown).toBe(95);
    const range = { from: clock.wall() - 3_600_000, to: clock.wall() + 1000, points: 100 };
    const [events] = await journal.history({ source: 'alpha', series: ['events'], ...range });
    expect(events?.buckets.reduce((sum, bucket) => sum + bucket.sum, 0)).toBe(95);
  });

  it('tells gaps again that were born during the pause, so that a restart asks for them', async () => {
    await startEngine();
    await publish(10);
    disk.fail(13, 'database or disk is full');
    await publish(40);
    gateway.faults.deaf = true;
    gateway.faults.lose = true;
    await publish(60);
    gateway.faults.lose = false;
    await publish(5);
    disk.heal();
    await clock.advanceAsync(20_000);
    expect(journal.view().kind).toBe('ok');
    await closeEngine();
    gateway.faults.deaf = false;
    await startEngine();
    await clock.advanceAsync(60_000);
    await expectAllOnce();
  });

  it('fetches again what filled a gap during the pause: the counter and the file say the same', async () => {
    await startEngine();
    await publish(10);
    gateway.faults.deaf = true;
    gateway.faults.lose = true;
    await publish(40);
    gateway.faults.lose = false;
    await publish(1);
    await clock.advanceAsync(12_000);
    expect((await journal.restore('alpha'))?.checkpoint?.openGaps).not.toEqual([]);
    disk.fail(13, 'database or disk is full');
    await publish(60);
    gateway.faults.deaf = false;
    await clock.advanceAsync(60_000);
    expect(engine.view('alpha')?.counters.gapsOpen).toBe(0);
    disk.heal();
    await clock.advanceAsync(60_000);
    await expectAllOnce();
  });

  it.each([
    ['while it has room in memory', 15, 1000],
    ['after it had to drop what came', 80, 20],
  ])('survives an edit of the source %s', async (_when, events, waitEvents) => {
    await startEngine({ waitEvents });
    await publish(10);
    disk.fail(13, 'database or disk is full');
    await publish(events);
    const edited = engine.editSource({ ...config, ladder: [{ ...sse, intervalSeconds: 7 }] });
    await clock.advanceAsync(3000);
    await edited;
    await publish(30);
    disk.heal();
    await publish(30);
    await clock.advanceAsync(60_000);
    await expectAllOnce();
    await closeEngine();
    await startEngine({ waitEvents });
    await publish(10);
    await clock.advanceAsync(3000);
    await expectAllOnce();
  });
});

describe('promise 3: what is not stored yet is in the list', () => {
  const newest = { source: 'alpha', from: null, direction: 'before', limit: 100, text: '' } as const;
  const numbers = (rows: readonly EventRow[]): (number | null)[] => rows.map(({ seq }) => seq);

  it('of a source of which nothing could ever be stored, and after the disk had room', async () => {
    await startEngine({ waitEvents: 1_000 });
    disk.fail(13, 'database or disk is full');
    await publish(5, 300);
    expect(engine.view('alpha')).toMatchObject({ notYetStored: 5, counters: { delivered: 5 } });
    const { rows, more } = await journal.page(newest);
    expect([numbers(rows), more]).toEqual([[1, 2, 3, 4, 5], false]);
    expect((await journal.event('alpha', rows[4]?.ordinal ?? 0)).whole).toBe(rows[4]?.body);
    disk.heal();
    await clock.advanceAsync(30_000);
    expect(engine.view('alpha')?.notYetStored).toBe(0);
    expect(await journal.page(newest)).toEqual({ rows, gaps: [], more: false });
    await expectAllOnce();
  });

  it('also of what the journal could not keep, until it is fetched again', async () => {
    await startEngine({ waitEvents: 20 });
    await publish(10, 100);
    disk.fail(13, 'database or disk is full');
    await publish(60, 100);
    expect(engine.view('alpha')?.notYetStored).toBe(60);
    expect(numbers((await journal.page(newest)).rows)).toEqual(Array.from({ length: 70 }, (_, n) => n + 1));
    disk.heal();
    await clock.advanceAsync(60_000);
    expect(engine.view('alpha')?.notYetStored).toBe(0);
    await expectAllOnce();
  });

  it('promise 10: with the gaps among it', async () => {
    await startEngine({ waitEvents: 1_000 });
    await publish(3, 300);
    disk.fail(13, 'database or disk is full');
    gateway.faults.deaf = true;
    gateway.faults.lose = true;
    await publish(4);
    gateway.faults.lose = false;
    await publish(2);
    await clock.advanceAsync(12_000);
    const { rows, gaps } = await journal.page(newest);
    const missing = gateway.published('alpha').filter(({ seq }) => !numbers(rows).includes(seq));
    expect(missing.length).toBeGreaterThan(0);
    const named = missing.filter(({ seq }) => gaps.some(({ from, to }) => from <= seq && seq <= (to ?? seq)));
    expect(named).toEqual(missing);
    expect((await journal.restore('alpha'))?.checkpoint?.openGaps).toEqual(gaps);
  });
});

const gapRule: AlertRule = {
  id: 'gaps',
  name: 'Gaps',
  enabled: true,
  severity: 'warning',
  source: null,
  condition: { kind: 'gap' },
};

const sse = { transport: 'sse', url: 'http://a.example.test/v1/alpha/sse', intervalSeconds: 5 } as const;

describe('promise 1: what went with a damaged file', () => {
  it('is told to the window, the alerts and the counter, once, also after an edit and a restart', async () => {
    const told: string[] = [];
    const raised: string[] = [];
    const listen = (): void => {
      engine.setAlertRules([gapRule]);
      engine.onGaps((_, gaps) => told.push(...gaps.map(({ cause, status }) => `${cause} ${status}`)));
      engine.onAlerts((news) => {
        if (news.kind === 'changed') raised.push(...news.changes.map(({ alert }) => alert.text));
      });
    };
    writeFileSync(join(folder, 'journal.db'), Buffer.alloc(20_000, 'not a database '));
    await startEngine({ waitEvents: 1_000 }, listen);
    await publish(10);
    expect(told).toEqual(['journal-damaged lost']);
    expect(engine.view('alpha')?.counters.lostUnknown).toBe(1);
    const edited = engine.editSource({ ...config, ladder: [{ ...sse, intervalSeconds: 7 }] });
    await clock.advanceAsync(3000);
    await edited;
    await publish(10);
    expect(told).toEqual(['journal-damaged lost']);
    expect(new Set(raised)).toEqual(new Set([expect.stringContaining('damaged and set aside')]));
    expect(engine.view('alpha')?.counters.lostUnknown).toBe(1);
    await closeEngine();
    await startEngine({ waitEvents: 1_000 }, listen);
    await publish(1);
    expect(told).toEqual(['journal-damaged lost']);
    expect(engine.view('alpha')?.counters.lostUnknown).toBe(1);
  });
});

describe('promise 1: a journal whose worker died', () => {
  it('says so, starts another one, and loses and doubles nothing', async () => {
    await startEngine();
    await publish(100);
    workers.die('out of memory');
    expect(journal.view()).toMatchObject({ kind: 'paused', text: expect.stringContaining('out of memory') });
    await publish(100);
    await clock.advanceAsync(5000);
    expect(journal.view().kind).toBe('ok');
    await publish(100);
    await clock.advanceAsync(60_000);
    await expectAllOnce();
  });

  it('begins no source anew while it is dead', async () => {
    await startEngine();
    await publish(10);
    await closeEngine();
    await publish(10);
    disk.refuseToOpen(true);
    await startEngine();
    await publish(10);
    expect(journal.view().kind).toBe('paused');
    disk.refuseToOpen(false);
    await clock.advanceAsync(30_000);
    await publish(10);
    await clock.advanceAsync(5000);
    await expectAllOnce();
  });
});
