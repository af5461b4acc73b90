import { join } from 'node:path';
import type { AlertRule } from '../../shared/alert';
import type { Governor } from '../engine/connection/governor';
import type { Clock } from '../engine/core/clock';
import type { Report } from '../engine/core/listeners';
import type { HostSignals } from '../engine/core/network';
import type { Random } from '../engine/core/random';
import { createDialler } from '../engine/dialling/dialler';
import { createHttpPort } from '../engine/dialling/http-port';
import { createSocketPort } from '../engine/dialling/socket-port';
import { createStreamPort } from '../engine/dialling/stream-port';
import { createEngine, type Engine, type EngineDeps } from '../engine/engine';
import { createJournal, type FullJournal } from '../engine/journal/journal';
import type { JournalWorker } from '../engine/journal/messages';
import { openThread } from '../engine/journal/workers';
import { readThroughEventSource } from '../engine/transports/eventsource-reader';
import { openOutboxFile } from '../node/outbox-file';
import { createRecordings } from '../node/recording-thread';

export interface EngineHostDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly host: HostSignals;
  readonly journal: FullJournal;
  /** Absolute path of the file of messages to be sent. */
  readonly outboxPath: string;
  readonly portsOf: NonNullable<EngineDeps['portsOf']>;
  /** The budget of every origin, which looks at addresses share. */
  readonly governor: Governor;
  readonly alertRules: readonly AlertRule[];
  /** Where errors of listeners go. */
  readonly report: Report;
}

export interface EngineHost {
  readonly engine: Engine;
  /** Work that would have delayed the first paint. */
  afterFirstPaint(): void;
  /** Closes the engine, then what it stood on. */
  close(): Promise<void>;
}

/** Opens the journal in a folder. `started` is its first thread; should that end, others follow. */
export function openJournal(clock: Clock, folder: string, started: JournalWorker, report: Report): FullJournal {
  let first: JournalWorker | null = started;
  return createJournal({
    openWorker() {
      const worker = first ?? openThread(join(__dirname, 'journal-worker.js'));
      first = null;
      return worker;
    },
    clock,
    folder,
    report,
  });
}

/** Makes the engine with this machine's network, disk and clock. */
export async function startEngine(deps: EngineHostDeps): Promise<EngineHost> {
  const { clock, random, host, journal, portsOf, governor, alertRules, report } = deps;
  const dial = createDialler({ clock });
  const http = createHttpPort({ dial, clock });
  const outbox = await openOutboxFile(deps.outboxPath);
  const engine = createEngine({
    clock,
    random,
    http,
    socket: createSocketPort({ dial, clock }),
    stream: createStreamPort({ dial, clock }),
    reader: readThroughEventSource,
    host,
    journal,
    portsOf,
    governor,
    recordings: createRecordings(join(__dirname, 'recording-worker.js')),
    outboxStore: outbox,
    alertRules,
    report,
  });
  return {
    engine,
    afterFirstPaint: () => journal.checkLater(),
    async close() {
      await engine.close();
      await outbox.close();
      http.close();
    },
  };
}
