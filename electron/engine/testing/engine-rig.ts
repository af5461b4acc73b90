import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventRow } from '../../../shared/event';
import type { Gap } from '../../../shared/gap';
import type { SourceConfig } from '../../../shared/source';
import type { JournalEntry } from '../core/journal';
import { createEngine, type Engine, type EngineDeps } from '../engine';
import { realDisk } from '../journal/disk';
import { createJournal } from '../journal/journal';
import type { JournalDisk } from '../journal/open';
import { sqlError, watchedDisk } from '../journal/testing/watched-disk';
import { openInline } from '../journal/workers';
import { createFakeClock, type FakeClock } from '../simulation/fake-clock';
import { createFakeGateway, type FakeGateway } from '../simulation/fake-gateway';
import { createFakeHostSignals } from '../simulation/fake-host';
import { createFakeNetwork } from '../simulation/fake-network';
import { createSeededRandom } from '../simulation/seeded-random';
import { clearWeather } from '../simulation/weather';
import { readEventStreamDirectly } from '../transports/event-stream-reader';

/** The source of a rig: one rung, the fake gateway's stream `alpha`. */
export const alpha: SourceConfig = {
  id: 'alpha',
  name: 'Alpha',
  url: 'http://a.example.test/v1/alpha',
  protocol: 'gateway',
  ladder: [{ transport: 'sse', url: 'http://a.example.test/v1/alpha/sse', intervalSeconds: 5 }],
  pinnedRung: null,
  paused: false,
  builtIn: false,
};

/** The engine with a real journal on a real disk, on a fake network and clock. */
export interface EngineRig {
  readonly clock: FakeClock;
  readonly gateway: FakeGateway;
  readonly engine: Engine;
  /** What was handed to the journal, whether it took it or not. */
  readonly appended: readonly JournalEntry[];
  /** Forgets what was handed to the journal so far. */
  forget(): void;
  /** The disk has no room. */
  full: boolean;
  /** Publishes to `alpha`, then lets time pass, ms. */
  publish(count: number, ms?: number): Promise<void>;
  /** Every event stored of `alpha`, oldest first, with the gaps among them. */
  stored(): Promise<{ readonly rows: readonly EventRow[]; readonly gaps: readonly Gap[] }>;
  close(): Promise<void>;
}

export function createEngineRig(limits = {}, more: Partial<EngineDeps> = {}): EngineRig {
  const folder = mkdtempSync(join(tmpdir(), 'engine-rig-'));
  const clock = createFakeClock({ wall: Date.UTC(2026, 0, 1) });
  const gateway = createFakeGateway({ clock, random: createSeededRandom(2) });
  const random = createSeededRandom(1);
  const network = createFakeNetwork({ clock, random });
  network.addHost('a.example.test', { server: gateway.server, weather: clearWeather() });
  const disk = fillable(() => rig.full);
  const journal = createJournal({ openWorker: () => openInline(disk), clock, folder, limits });
  const appended: JournalEntry[] = [];
  const engine = createEngine({
    clock,
    random,
    http: network.http,
    socket: network.socket,
    stream: network.stream,
    reader: readEventStreamDirectly,
    host: createFakeHostSignals(),
    journal: {
      ...journal,
      append(entry) {
        appended.push(entry);
        return journal.append(entry);
      },
    },
    ...more,
  });
  const rig: EngineRig = {
    clock,
    gateway,
    engine,
    appended,
    forget() {
      appended.length = 0;
    },
    full: false,
    async publish(count, ms = 500) {
      for (let n = 0; n < count; n++) gateway.publish('alpha');
      await clock.advanceAsync(ms);
    },
    async stored() {
      const page = { source: 'alpha', from: null, direction: 'before', limit: 1_000, text: '' } as const;
      const { rows, gaps } = await engine.journal.page(page);
      return { rows: [...rows].sort((a, b) => a.ordinal - b.ordinal), gaps };
    },
    async close() {
      rig.full = false;
      gateway.close();
      const closed = engine.close();
      await clock.advanceAsync(5000);
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return rig;
}

/** A disk that can be full: whatever writes fails, whatever reads works. */
function fillable(full: () => boolean): JournalDisk {
  return watchedDisk(realDisk, (sql) => {
    if (full() && /^\s*(INSERT|UPDATE|DELETE)/.test(sql)) throw sqlError('database or disk is full', 13);
  });
}
