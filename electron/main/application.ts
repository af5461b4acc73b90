import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { app, BrowserWindow, net, session, shell, webContents } from 'electron';
import { inferLadder } from '../engine/protocols/ladder';
import { createRelay } from '../engine/relay/relay';
import { createSourcePorts, type SourcePortsDeps } from '../engine/source-ports';
import { createSystemClock } from '../node/clock';
import { createHostSignals } from '../node/host-signals';
import { createSystemRandom } from '../node/random';
import { runCommand } from '../node/run-command';
import { createTrustedRoots } from '../node/trusted-roots';
import { createAlertDesk } from './alerts/alert-desk';
import { createDesktopNotifications } from './alerts/desktop';
import { createNotifier } from './alerts/notifier';
import { appInfo } from './app-info';
import { startEngine } from './engine-host';
import { fixedBearer, newGatewayToken } from './gateway/credential';
import { createFaultDesk } from './gateway/fault-desk';
import { createGatewaySupervisor } from './gateway/supervisor';
import { spawnGatewayProcess } from './gateway/utility-child';
import { createHandlers } from './ipc/handlers';
import { createPageLinks, type PageLinks } from './ipc/page-links';
import { sendUpdates } from './ipc/register';
import type { LaunchOptions } from './launch-options';
import type { Log } from './log';
import { followPower } from './power';
import { createSystemCipher } from './secrets/cipher';
import { openSecrets } from './secrets/secret-store';
import { openSettings } from './settings/settings';
import { createConsent } from './sources/consent';
import { consentDialogs } from './sources/consent-dialogs';
import { createReachDesk } from './sources/reach-desk';
import { createSourceDesk, thisMachineId } from './sources/source-desk';
import { keepThisMachine } from './sources/this-machine';
import { bringToFront } from './window/main-window';

/** Everything behind the window: engine, gateway, settings, relay. */
export interface Application {
  readonly handlers: ReturnType<typeof createHandlers>;
  readonly pages: PageLinks;
  /** To be called once when the window shows something. */
  readonly afterFirstPaint: () => void;
  /** Closes every connection, writes what is to be written, ends the gateway. Idempotent. */
  close(): Promise<void>;
}

/** Wires the application together. Resolves as soon as commands can be answered; sources connect meanwhile. */
export async function startApplication(options: LaunchOptions, log: Log): Promise<Application> {
  const folder = app.getPath('userData');
  await mkdir(folder, { recursive: true });
  const clock = createSystemClock();
  const random = createSystemRandom();
  const settings = await openSettings(folder);
  const signals = createHostSignals({ clock, online: () => net.isOnline() });
  const unfollowPower = followPower(signals);
  const token = newGatewayToken();
  const secrets = await openSecrets(folder, createSystemCipher());
  const reach: SourcePortsDeps = {
    clock,
    random,
    secrets,
    resolveProxy: (url) => session.defaultSession.resolveProxy(url),
    roots: createTrustedRoots(process.env),
    run: runCommand,
  };
  const portsOf = createSourcePorts(reach);
  const engineHost = await startEngine({
    clock,
    random,
    host: signals,
    folder: join(folder, 'journal'),
    credentialOf: ({ id, builtIn }) => (builtIn && id === thisMachineId ? fixedBearer(token) : null),
    portsOf: (config) => (config.builtIn ? null : portsOf(config)),
    alertRules: settings.current().alertRules,
  });
  const { engine } = engineHost;

  const gateway = createGatewaySupervisor({
    clock,
    spawn: spawnGatewayProcess,
    stateDir: join(folder, 'gateway'),
    token,
    demo: options.demo,
    port: settings.current().gatewayPort,
    log,
  });
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
  const pages = createPageLinks(relay);
  const consent = createConsent({ settings, ...consentDialogs });
  const sources = createSourceDesk({
    engine,
    settings,
    infer: inferLadder,
    newId: () => random.id(),
    consent,
    forgetSecrets: (names) => secrets.forget(names),
  });

  const notices = [...settings.notices, ...secrets.notices];
  const handlers = createHandlers({
    app: appInfo(options.demo, notices),
    pages,
    send: (page, batch) => {
      const contents = webContents.fromId(page);
      if (contents) sendUpdates(contents, batch);
    },
    sources,
    reach: createReachDesk({ reach, infer: inferLadder, consent }),
    consent,
    secrets,
    journal: engine.journal,
    outbox: engine.outbox,
    alerts,
    faults,
    openExternal: (url) => shell.openExternal(url),
  });

  for (const notice of notices) log.warn(notice);
  void sources.startAll();
  const unkeepThisMachine = keepThisMachine({ clock, gateway, settings, sources, log });

  let closing: Promise<void> | null = null;
  return {
    handlers,
    pages,
    afterFirstPaint: engineHost.afterFirstPaint,
    close() {
      closing ??= closeAll();
      return closing;
    },
  };

  async function closeAll() {
    unkeepThisMachine();
    relay.close();
    alerts.close();
    unfollowPower();
    signals.close();
    await Promise.allSettled([engineHost.close(), settings.settled()]);
    await gateway.close();
  }
}
