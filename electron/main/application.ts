import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { app, BrowserWindow, net, shell, webContents } from 'electron';
import { createGovernor } from '../engine/connection/governor';
import type { Clock } from '../engine/core/clock';
import type { JournalWorker } from '../engine/journal/messages';
import { inferLadder } from '../engine/protocols/ladder';
import { shippedRecipes } from '../engine/protocols/recipes/shipped';
import { createRelay } from '../engine/relay/relay';
import { createBuiltInPorts, createSourcePorts, type SourcePortsDeps } from '../engine/source/ports';
import { createSystemClock } from '../node/clock';
import { createHostSignals } from '../node/host-signals';
import { createSystemRandom } from '../node/random';
import { runCommand } from '../node/run-command';
import { createTrustedRoots } from '../node/trusted-roots';
import { createAlertDesk } from './alerts/alert-desk';
import { createDesktopNotifications } from './alerts/desktop';
import { createNotifier } from './alerts/notifier';
import { appInfo } from './app-info';
import { ask } from './ask';
import { createBackupDesk } from './backup/backup-desk';
import { backupDialogs } from './backup/backup-dialogs';
import { openJournal, startEngine } from './engine-host';
import { newGatewayToken } from './gateway/credential';
import { createFaultDesk } from './gateway/fault-desk';
import { createGatewaySupervisor } from './gateway/supervisor';
import { spawnGatewayProcess } from './gateway/utility-child';
import { createDispatcher, type Dispatch } from './ipc/dispatcher';
import { createHandlers } from './ipc/handlers';
import { createPageLinks, type PageLinks } from './ipc/page-links';
import { sendUpdates } from './ipc/register';
import type { LaunchOptions } from './launch-options';
import { type Log, reportTo } from './log';
import { followPower } from './power';
import { questions } from './questions';
import { createRecipeDesk } from './recipes/recipe-desk';
import { recipeDialogs } from './recipes/recipe-dialogs';
import { createSystemCipher } from './secrets/cipher';
import { sealSettings } from './secrets/seal-settings';
import { createSealer } from './secrets/sealer';
import { openSecrets } from './secrets/secret-store';
import { openSettings } from './settings/settings';
import { createConsent } from './sources/consent';
import { consentDialogs } from './sources/consent-dialogs';
import { createLookDesk } from './sources/look-desk';
import { createReachDesk } from './sources/reach-desk';
import { createSourceDesk, thisMachineId } from './sources/source-desk';
import { keepThisMachine } from './sources/this-machine';
import { createStorageDesk } from './storage/storage-desk';
import { createSystemProxy } from './system-proxy';
import { isOwnPage } from './window/app-scheme';
import { bringToFront } from './window/main-window';
import { createOutside } from './window/outside';

/** Work that can wait for the first paint waits no longer than this, ms. */
const paintPatienceMs = 1500;

/** A window waits no longer than this for what the journal knows of the sources, ms. */
const restorePatienceMs = 3000;

/** Everything behind the window: engine, gateway, settings, relay. */
export interface Application {
  /** Checks and carries out what a window asks. */
  readonly dispatch: Dispatch;
  readonly pages: PageLinks;
  /** To be called once when the window shows something. */
  readonly afterFirstPaint: () => void;
  /** Closes every connection, writes what is to be written, ends the gateway. Idempotent. */
  close(): Promise<void>;
}

/** Wires the application together. Resolves as soon as commands can be answered; sources connect meanwhile. */
export async function startApplication(
  options: LaunchOptions,
  log: Log,
  journalThread: JournalWorker,
): Promise<Application> {
  const folder = app.getPath('userData');
  await mkdir(join(folder, 'journal'), { recursive: true });
  const clock = createSystemClock();
  const random = createSystemRandom();
  const report = reportTo(log);
  const journal = openJournal(clock, join(folder, 'journal'), journalThread, report);
  const settings = await openSettings(folder);
  const signals = createHostSignals({ clock, online: () => net.isOnline(), report });
  const unfollowPower = followPower(signals);
  const token = newGatewayToken();
  const secrets = await openSecrets(folder, createSystemCipher(), report);
  const sealer = createSealer(secrets, () => random.id());
  const sealNotices = await sealSettings(settings, secrets, sealer);
  const painted = deferred();
  const reach: SourcePortsDeps = {
    clock,
    random,
    secrets,
    resolveProxy: createSystemProxy(),
    roots: createTrustedRoots(process.env),
    run: runCommand,
    begin: painted.promise,
    report,
  };
  const portsOf = createSourcePorts(reach);
  const gateway = createGatewaySupervisor({
    clock,
    spawn: spawnGatewayProcess,
    stateDir: join(folder, 'gateway'),
    token,
    demo: options.demo,
    port: settings.current().gatewayPort,
    log,
  });
  const governor = createGovernor(clock);
  const engineHost = await startEngine({
    clock,
    random,
    host: signals,
    journal,
    outboxPath: join(folder, 'outbox.jsonl'),
    portsOf: (config) =>
      config.builtIn && config.id === thisMachineId
        ? createBuiltInPorts(clock, token, gateway.listensOn)
        : portsOf(config),
    governor,
    alertRules: settings.current().alertRules,
    report,
  });
  const { engine } = engineHost;

  const faults = options.demo ? createFaultDesk(gateway) : null;
  const alerts = createAlertDesk({
    clock,
    engine,
    settings,
    isSource: (id) => id === thisMachineId || settings.current().sources.some((source) => source.id === id),
    notify: createNotifier({
      clock,
      port: createDesktopNotifications(),
      nameOf: (id) => engine.view(id)?.config.name ?? id,
      openWindow() {
        const [window] = BrowserWindow.getAllWindows();
        if (window) bringToFront(window);
      },
    }),
    log,
  });
  const relay = createRelay({
    clock,
    engine,
    faults,
    alerts,
    onWatched: (ids) => gateway.setWatched(ids.includes(thisMachineId)),
  });
  const pages = createPageLinks(relay, (page) => looks.end(page));
  const storage = createStorageDesk({
    settings,
    journal,
    sources: () => engine.views().map(({ id }) => id),
  });
  const consent = createConsent({ settings, secrets, ...consentDialogs });
  const backup = createBackupDesk({
    settings,
    engine,
    wall: () => clock.wall(),
    newToken: () => random.id(),
    secrets: () => {
      const { stored, run } = secrets.state();
      return [...stored, ...run];
    },
    ...backupDialogs,
    put: (id) => sources.put(id),
    consent,
    kept: (id) => storage.apply(id),
    sealer,
    forgetSecrets: (names) => secrets.forget(names),
  });
  const sources = createSourceDesk({
    engine,
    settings,
    infer: inferLadder,
    newId: () => random.id(),
    wall: () => clock.wall(),
    consent,
    sealer,
    forgetSecrets: (names) => secrets.forget(names),
  });
  const looks = createLookDesk({
    ...{ reach, infer: inferLadder, consent, sealer, governor },
    newId: () => random.id(),
  });

  // A window that attaches sooner would be told that there are no sources.
  const restored = Promise.race([sources.startAll(), pause(clock, restorePatienceMs)]);

  const notices = [...settings.notices, ...secrets.notices, ...sealNotices];
  const handlers = createHandlers({
    app: appInfo(options.demo, notices),
    restored,
    pages,
    send: (page, batch) => {
      const contents = webContents.fromId(page);
      if (contents) sendUpdates(contents, batch);
    },
    sources,
    reach: createReachDesk({ reach, infer: inferLadder, consent, sealer }),
    looks,
    consent,
    secrets,
    journal: engine.journal,
    engine,
    search: journal,
    backup,
    recipes: createRecipeDesk({ shipped: shippedRecipes, ...recipeDialogs }),
    storage,
    outbox: engine.outbox,
    alerts,
    faults,
    openExternal: createOutside({ ask: (url) => ask(questions.outside(url)), open: (url) => shell.openExternal(url) }),
  });

  for (const notice of notices) log.warn(notice);
  let unkeepThisMachine: (() => void) | null = null;
  const afterFirstPaint = () => {
    if (unkeepThisMachine || closing) return;
    beginning.cancel();
    unkeepThisMachine = keepThisMachine({ clock, gateway, settings, sources, log });
    engineHost.afterFirstPaint();
    for (const { id } of engine.views()) void storage.apply(id).catch((error: unknown) => log.warn(String(error)));
    painted.resolve();
  };
  // A window that paints nothing holds nothing up.
  const beginning = clock.after(paintPatienceMs, afterFirstPaint);
  let closing: Promise<void> | null = null;
  return {
    dispatch: createDispatcher({ handlers, trusts: (url) => isOwnPage(url, options.devServer), log }),
    pages,
    afterFirstPaint,
    close() {
      closing ??= closeAll();
      return closing;
    },
  };

  async function closeAll() {
    beginning.cancel();
    unkeepThisMachine?.();
    relay.close();
    alerts.close();
    unfollowPower();
    signals.close();
    await Promise.allSettled([engineHost.close(), settings.settled()]);
    await gateway.close();
  }
}

function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}
