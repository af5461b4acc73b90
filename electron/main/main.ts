import { join } from 'node:path';
import { app, BrowserWindow, dialog, session } from 'electron';
import { openThread } from '../engine/journal/workers';
import type { Application } from './application';
import { registerCommands } from './ipc/register';
import { readLaunchOptions } from './launch-options';
import { createLog, standardError } from './log';
import { closeNetwork, registerAppScheme, serveApp } from './window/app-scheme';
import { bringToFront, denyForeignContents, followTheme, openMainWindow } from './window/main-window';
import { holdMenu, setMenu } from './window/menu';
import { openWindowState, type WindowStateStore } from './window/window-state';

/** A page that is not asked for holds the rest up no longer than this, ms. */
const pagePatienceMs = 100;

/** Longest time an orderly end may take before the process goes anyway, ms. */
const closeWithinMs = 8000;
const log = createLog(standardError());
const options = readLaunchOptions(process.argv, process.env, app.isPackaged);
keepRunning();
if (options.userData) app.setPath('userData', options.userData);

if (app.requestSingleInstanceLock()) start();
else {
  log.info('Wirewatch is running already; its window was brought to the front.');
  app.exit(0);
}

function start(): void {
  if (options.noSandbox) {
    log.warn('the browser sandbox is off (--no-sandbox). That is only right as root on a test machine.');
  }
  // Chromium looks names up for a page before it asks for anything: no policy of the page's forbids that.
  app.commandLine.appendSwitch('blink-settings', 'dnsPrefetchingEnabled=false');
  registerAppScheme();
  denyForeignContents(options.devServer);
  holdMenu();
  const ready = app.whenReady();
  // The journal's thread needs a while to come up, and no core of ours: it does while Chromium starts.
  const journalThread = openThread(join(__dirname, 'journal-worker.js'));
  // What is behind the window is not even loaded before the window has its page: its process starts meanwhile.
  const pageServed = deferred();
  const application = pageServed.promise.then(async () => {
    const { startApplication } = await import('./application');
    setMenu(app.isPackaged);
    followTheme();
    return startApplication(options, log, journalThread);
  });
  application.catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    log.warn(`Wirewatch could not start: ${why}`);
    // Who started it from a menu sees no terminal. The box waits to be read, the page behind it is empty.
    if (!options.hidden) dialog.showErrorBox('Wirewatch could not start', couldNotStart(why));
    app.exit(1);
  });

  // Commands may come before the application is wired: they wait, the page does not.
  registerCommands(async (caller, name, args) => (await application).dispatch(caller, name, args));

  const states = openWindowState(app.getPath('userData'));
  const window = ready.then(() => {
    refusePermissions();
    closeNetwork(session.defaultSession, options.devServer);
    serveApp(session.defaultSession, join(__dirname, '../renderer'), pageServed.resolve);
    setTimeout(pageServed.resolve, options.devServer ? 0 : pagePatienceMs);
    return openWindow(states, application);
  });

  app.on('second-instance', () => void window.then(() => showWindow(states, application)));
  app.on('activate', () => void window.then(() => showWindow(states, application)));
  app.on('window-all-closed', () => app.quit());
  endInOrder(application);
}

/** What a person reads in the box, with where to look. */
function couldNotStart(why: string): string {
  const folder = app.getPath('userData');
  return `${why}\n\nIts data is in ${folder}. Check that the folder can be written and that its disk is not full, then start again.`;
}

function openWindow(states: WindowStateStore, application: Promise<Application>): BrowserWindow {
  const window = openMainWindow({
    session: session.defaultSession,
    states,
    state: states.load(),
    devServer: options.devServer,
    hidden: options.hidden,
    log,
    onPageGone: ({ webContents }) => void application.then(({ pages }) => pages.detach(webContents.id)),
  });
  const page = window.webContents.id;
  const tellHidden = () => {
    const hidden = !window.isVisible() || window.isMinimized();
    void application.then(({ pages }) => pages.setHidden(page, hidden));
  };
  window.on('show', tellHidden);
  window.on('hide', tellHidden);
  window.on('minimize', tellHidden);
  window.on('restore', tellHidden);
  window.on('closed', () => void application.then(({ pages }) => pages.close(page)));
  tellHidden();
  window.once('ready-to-show', () => void application.then(({ afterFirstPaint }) => afterFirstPaint()));
  return window;
}

function showWindow(states: WindowStateStore, application: Promise<Application>): void {
  const [window] = BrowserWindow.getAllWindows();
  if (window) bringToFront(window);
  else openWindow(states, application);
}

/** Quitting waits for connections, journal and gateway, but never for ever. */
function endInOrder(application: Promise<Application>): void {
  let closed = false;
  app.on('before-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    const deadline = setTimeout(() => {
      log.warn(`closing took more than ${closeWithinMs / 1000} s; leaving now`);
      app.exit(1);
    }, closeWithinMs);
    void application
      .then((running) => running.close())
      .catch((error: unknown) => log.warn(`closing: ${String(error)}`))
      .finally(() => {
        clearTimeout(deadline);
        closed = true;
        app.quit();
      });
  });
}

/** A fault of ours must not end the watch, nor stop it behind a dialog nobody clicks: it is said, and the rest goes on. */
function keepRunning(): void {
  const say = (error: unknown) => {
    log.warn(`unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };
  process.on('uncaughtException', say);
  process.on('unhandledRejection', say);
}

function refusePermissions(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.setDevicePermissionHandler(() => false);
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
