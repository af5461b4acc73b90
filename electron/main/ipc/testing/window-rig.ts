import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UpdateBatch } from '../../../../shared/ipc';
import { createGovernor } from '../../../engine/connection/governor';
import { createDialler } from '../../../engine/dialling/dialler';
import { createHttpPort } from '../../../engine/dialling/http-port';
import { createSocketPort } from '../../../engine/dialling/socket-port';
import { createStreamPort } from '../../../engine/dialling/stream-port';
import { createEngine } from '../../../engine/engine';
import { createJournal } from '../../../engine/journal/journal';
import { openThread } from '../../../engine/journal/workers';
import { inferLadder } from '../../../engine/protocols/ladder';
import { shippedRecipes } from '../../../engine/protocols/recipes/shipped';
import { createRelay } from '../../../engine/relay/relay';
import { createFakeHostSignals } from '../../../engine/simulation/fake-host';
import { createSourcePorts, type SourcePortsDeps } from '../../../engine/source/ports';
import { readThroughEventSource } from '../../../engine/transports/eventsource-reader';
import { createSystemClock } from '../../../node/clock';
import { openOutboxFile } from '../../../node/outbox-file';
import { createSystemRandom } from '../../../node/random';
import { createRecordings } from '../../../node/recording-thread';
import { createAlertDesk } from '../../alerts/alert-desk';
import { createNotifier } from '../../alerts/notifier';
import { createBackupDesk } from '../../backup/backup-desk';
import { writeBackup } from '../../backup/backup-file';
import { createFaultDesk } from '../../gateway/fault-desk';
import { createLog } from '../../log';
import { createRecipeDesk } from '../../recipes/recipe-desk';
import { sealSettings } from '../../secrets/seal-settings';
import { createSealer } from '../../secrets/sealer';
import { openSecrets } from '../../secrets/secret-store';
import { openSettings } from '../../settings/settings';
import { type ConsentDeps, createConsent } from '../../sources/consent';
import { createLookDesk } from '../../sources/look-desk';
import { createReachDesk } from '../../sources/reach-desk';
import { createSourceDesk } from '../../sources/source-desk';
import { createStorageDesk } from '../../storage/storage-desk';
import { type Caller, createDispatcher } from '../dispatcher';
import { createHandlers } from '../handlers';
import { createPageLinks } from '../page-links';

const page: Caller = { id: 1, url: 'app://wirewatch/index.html', mainFrame: true };

/** What a person answers in the rig's dialogs; without: nothing is chosen, every question is a no. */
export interface RigAnswers {
  /** Text of the backup that is chosen; without, one of what the settings hold. */
  readonly backup?: () => string;
  readonly askToSend?: ConsentDeps['askToSend'];
  readonly askToRun?: ConsentDeps['askToRun'];
  readonly askToPost?: ConsentDeps['askToPost'];
  /** What the settings file holds when it starts. */
  readonly settings?: string;
  /** What a command prints. */
  readonly prints?: string;
}

/** All that left the rig: for a window, for a file that was chosen, for the desktop, and the commands that were run. */
export interface RigTold {
  readonly window: string[];
  readonly files: string[];
  readonly desktop: string[];
  readonly commands: string[];
}

/**
 * All that a window talks to, as the application puts it together: real handlers over a real engine, settings and secrets
 * on disk, the journal in its thread. Only what Electron would do is made up: dialogs are answered with nothing or no.
 */
export async function openWindowRig(answers: RigAnswers = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'window-rig-'));
  const journalFolder = join(folder, 'journal');
  mkdirSync(journalFolder);
  const clock = createSystemClock();
  const random = createSystemRandom();
  const lines: string[] = [];
  const log = createLog((line) => lines.push(line));
  const journal = createJournal({
    openWorker: () => openThread(fileURLToPath(new URL('../../../engine/journal/worker.ts', import.meta.url))),
    clock,
    folder: journalFolder,
  });
  const told: RigTold = { window: [], files: [], desktop: [], commands: [] };
  if (answers.settings !== undefined) writeFileSync(join(folder, 'settings.json'), answers.settings);
  const settings = await openSettings(folder);
  const secrets = await openSecrets(folder, {
    storage: () => 'keyring',
    allowWeak: () => {},
    encrypt: (text) => turned(Buffer.from(text)),
    decrypt: (bytes) => turned(bytes).toString(),
  });
  const sealer = createSealer(secrets, () => random.id());
  const notices = await sealSettings(settings, secrets, sealer);
  const reach: SourcePortsDeps = {
    clock,
    random,
    secrets,
    resolveProxy: async () => 'DIRECT',
    roots: { system: () => [], bundled: () => [] } as never,
    async run(command) {
      told.commands.push(command);
      return answers.prints ?? '';
    },
    begin: Promise.resolve(),
  };
  const dial = createDialler({ clock });
  const http = createHttpPort({ dial, clock });
  const outboxStore = await openOutboxFile(join(folder, 'outbox.jsonl'));
  const governor = createGovernor(clock);
  const engine = createEngine({
    clock,
    random,
    http,
    socket: createSocketPort({ dial, clock }),
    stream: createStreamPort({ dial, clock }),
    reader: readThroughEventSource,
    host: createFakeHostSignals(),
    journal,
    portsOf: createSourcePorts(reach),
    governor,
    recordings: createRecordings(fileURLToPath(new URL('../../../node/recording-worker.ts', import.meta.url))),
    outboxStore,
  });
  const faults = createFaultDesk({
    start: async () => 1,
    running: () => true,
    listensOn: () => true,
    hold: async () => {},
    release: async () => 1,
    setFaults: () => {},
    setWatched: () => {},
    dropConnections: () => {},
    restartWithNewEpoch: () => {},
    onChange: () => () => {},
    port: () => 1,
    close: async () => {},
  });
  const notify = createNotifier({
    clock,
    port: { supported: () => true, show: ({ title, body }) => void told.desktop.push(`${title}\n${body}`) },
    nameOf: (id) => engine.view(id)?.config.name ?? id,
    openWindow: () => {},
  });
  const alerts = createAlertDesk({ clock, engine, settings, isSource: () => true, notify, log });
  const relay = createRelay({ clock, engine, faults, alerts });
  const storage = createStorageDesk({ settings, journal, sources: () => engine.views().map(({ id }) => id) });
  const consent = createConsent({
    settings,
    secrets,
    chooseFile: async () => null,
    askToRun: answers.askToRun ?? (async () => false),
    askToSend: answers.askToSend ?? (async () => false),
    askToPost: answers.askToPost ?? (async () => false),
  });
  const backup = createBackupDesk({
    settings,
    engine,
    put: (id) => sources.put(id),
    wall: () => clock.wall(),
    newToken: () => 'a',
    secrets: () => [],
    open: async () => ({ name: 'b.json', text: answers.backup?.() ?? writeBackup(settings.current(), 0) }),
    async save(name, text) {
      told.files.push(text);
      return name;
    },
    consent,
    askToOpen: async () => false,
    kept: async () => {},
    sealer,
    forgetSecrets: (names) => secrets.forget(names),
  });
  /** The first source that is added is `a`. */
  let made = 0;
  const sources = createSourceDesk({
    engine,
    settings,
    infer: inferLadder,
    newId: () => (made++ === 0 ? 'a' : `a${made}`),
    wall: () => clock.wall(),
    consent,
    sealer,
    forgetSecrets: (names) => secrets.forget(names),
  });
  const looks = createLookDesk({
    ...{ reach, infer: inferLadder, consent, sealer, governor },
    newId: () => random.id(),
  });
  const updates: UpdateBatch[] = [];
  const handlers = createHandlers({
    app: { version: '', electron: '', node: '', chrome: '', platform: '', demo: true, notices },
    restored: Promise.resolve(),
    pages: createPageLinks(relay, (page) => looks.end(page)),
    send(_page, batch) {
      told.window.push(JSON.stringify(batch));
      updates.splice(0, updates.length, batch);
    },
    sources,
    reach: createReachDesk({ reach, infer: inferLadder, consent, sealer }),
    looks,
    consent,
    secrets,
    journal: engine.journal,
    search: journal,
    engine,
    outbox: engine.outbox,
    backup,
    recipes: createRecipeDesk({
      shipped: shippedRecipes,
      open: async () => null,
      openDescriptors: async () => null,
      async save(name, text) {
        told.files.push(text);
        return name;
      },
    }),
    storage,
    alerts,
    faults,
    openExternal: async () => {},
  });
  const dispatch = createDispatcher({ handlers, trusts: () => true, log });
  await sources.startAll();
  return {
    folder,
    told,
    /** As a window does that has taken in what it was sent. */
    async acknowledge() {
      const [last] = updates;
      if (last) await dispatch(page, 'window.ack', { generation: last.generation, batch: last.batch });
    },
    journal,
    settings,
    lines,
    /** As a window of ours calls it. */
    call: (name: unknown, args: unknown) => dispatch(page, name, args),
    async close() {
      relay.close();
      alerts.close();
      await engine.close();
      await outboxStore.close();
      http.close();
      await settings.settled();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Not to be read by who looks into the file. */
function turned(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ 0x5a));
}
