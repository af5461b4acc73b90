import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme, type Session, screen } from 'electron';
import type { Log } from '../log';
import { appPage, isOwnPage } from './app-scheme';
import { createReloader } from './reloader';
import { firstSize, visibleBounds, type WindowState, type WindowStateStore } from './window-state';

/** Backgrounds of the two themes (renderer/ui tokens, --bg-0): painted before the page is, so that nothing flashes. */
const background = { dark: '#0c0f14', light: '#f5f6f8' } as const;

export interface MainWindowDeps {
  readonly session: Session;
  readonly states: WindowStateStore;
  readonly state: WindowState;
  readonly devServer: string | null;
  readonly hidden: boolean;
  readonly log: Log;
  /** The page's process is gone: what was sent to it is lost. */
  readonly onPageGone: (window: BrowserWindow) => void;
}

/** Opens the one window: sandboxed, isolated, going nowhere. */
export function openMainWindow(deps: MainWindowDeps): BrowserWindow {
  const bounds = visibleBounds(
    deps.state.bounds,
    screen.getAllDisplays().map((display) => display.workArea),
  );
  const window = new BrowserWindow({
    ...(bounds ?? firstSize),
    minWidth: 640,
    minHeight: 480,
    title: 'Wirewatch',
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
    webPreferences: {
      preload: join(__dirname, '../preload/preload.js'),
      session: deps.session,
      contextIsolation: true,
      sandbox: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      experimentalFeatures: false,
      spellcheck: false,
    },
  });
  if (deps.state.maximized) window.maximize();
  window.once('ready-to-show', () => {
    if (!deps.hidden) window.show();
  });
  keepIn(window, deps.devServer);
  comeBackAfterCrash(window, deps);
  rememberState(window, deps.states);
  void window.loadURL(deps.devServer ?? appPage).catch((error: unknown) => {
    if (!window.isDestroyed()) deps.log.warn(`the page could not be loaded: ${String(error)}`);
  });
  return window;
}

/** Shows the window in front, from wherever it is. */
export function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** No navigation, no second window, no embedded page, no peer. */
function keepIn(window: BrowserWindow, devServer: string | null): void {
  const { webContents } = window;
  // A peer is no request, and no policy of the page's forbids it: without a proxy that lets it out it reaches nobody.
  webContents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  webContents.on('will-attach-webview', (event) => event.preventDefault());
  webContents.on('will-navigate', (event, url) => {
    // Hot reload reloads the page it is on; a built application never navigates.
    if (devServer && isOwnPage(url, devServer)) return;
    event.preventDefault();
  });
}

function comeBackAfterCrash(window: BrowserWindow, { log, onPageGone }: MainWindowDeps): void {
  const reloader = createReloader({
    now: () => performance.now(),
    after: (ms, act) => void setTimeout(act, ms),
    reload: () => {
      if (!window.isDestroyed()) window.webContents.reload();
    },
  });
  window.webContents.on('render-process-gone', (_event, details) => {
    onPageGone(window);
    if (details.reason === 'clean-exit') return;
    const wait = reloader.gone();
    log.warn(`the page's process ended (${details.reason}, ${details.exitCode}); loading it again in ${wait} ms`);
  });
}

function rememberState(window: BrowserWindow, states: WindowStateStore): void {
  let timer: NodeJS.Timeout | null = null;
  const save = () => {
    timer = null;
    if (window.isDestroyed()) return;
    void states.save({ bounds: window.getNormalBounds(), maximized: window.isMaximized() });
  };
  const soon = () => {
    timer ??= setTimeout(save, 500);
  };
  window.on('resize', soon);
  window.on('move', soon);
  window.on('maximize', soon);
  window.on('unmaximize', soon);
  window.on('close', () => {
    if (timer) clearTimeout(timer);
    save();
  });
}

/** Electron's own theme change repaints the page; the window behind it follows here. */
export function followTheme(): void {
  nativeTheme.on('updated', () => {
    const colour = nativeTheme.shouldUseDarkColors ? background.dark : background.light;
    for (const window of BrowserWindow.getAllWindows()) window.setBackgroundColor(colour);
  });
}

/** Applied to every page that ever comes to be, whoever opened it. */
export function denyForeignContents(devServer: string | null): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-frame-navigate', (details) => {
      if (!isOwnPage(details.url, devServer)) details.preventDefault();
    });
  });
}
