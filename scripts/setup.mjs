/**
 * Brings what a command needs, then hands it over. Every npm script comes through here, on a machine that may have
 * nothing but Node and npm: no dependency is imported before it is installed.
 *
 * Needs, besides the dependencies, which everything needs:
 *
 * - `electron`  the runtime and its system libraries; sets ELECTRON_EXEC_PATH, ELECTRON_OVERRIDE_DIST_PATH and
 *               WIREWATCH_ELECTRON_ARGS (switches for this machine, separated by spaces)
 * - `display`   a display, virtual when there is none
 * - `build`     the bundled application in out/
 * - a server    nginx, nchan, haproxy, mosquitto, rabbitmq, prometheus, redis, squid, tinyproxy, openssl, keyring,
 *               iproute2: installed when root on Debian or
 *               Ubuntu, otherwise named in WIREWATCH_NOT_RUN, and tests that want it are skipped by name
 */
import { buildApplication } from './setup/build.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { lacksDisplay, virtualDisplay } from './setup/display.mjs';
import { electronRuntime } from './setup/electron-runtime.mjs';
import { Interrupted, throwIfInterrupted } from './setup/processes.mjs';
import { baseEnvironment, root } from './setup/project.mjs';
import { sayFailure } from './setup/report.mjs';
import { systemPackages } from './setup/system-packages.mjs';

/** @typedef {import('./setup/electron-runtime.mjs').ElectronRuntime} ElectronRuntime */

/**
 * @typedef {object} SetUp
 * @property {NodeJS.ProcessEnv} env for what is started
 * @property {ElectronRuntime | undefined} electron when it was needed
 * @property {readonly string[]} electronArgs switches this machine needs
 * @property {readonly string[]} notThere wanted servers that are missing
 * @property {() => Promise<void>} close ends what the set-up started
 */

const notServers = ['electron', 'display', 'build'];

/**
 * @param {readonly string[]} needs
 * @returns {Promise<SetUp>}
 * @throws {import('./setup/report.mjs').SetUpError}
 */
export async function setUp(needs) {
  const env = baseEnvironment();
  const virtual = needs.includes('display') && lacksDisplay();
  const required = [...(needs.includes('electron') ? ['electron'] : []), ...(virtual ? ['display'] : [])];
  const servers = needs.filter((need) => !notServers.includes(need));

  await installDependencies(root);
  const notThere = await systemPackages(required, servers);
  if (notThere.length > 0) env.WIREWATCH_NOT_RUN = notThere.join(' ');

  const electron = needs.includes('electron') ? await electronRuntime(root) : undefined;
  const electronArgs = electron ? switches(virtual) : [];
  if (electron) {
    env.ELECTRON_OVERRIDE_DIST_PATH = electron.dist;
    env.ELECTRON_EXEC_PATH = electron.executable;
    env.WIREWATCH_ELECTRON_ARGS = electronArgs.join(' ');
    if (electronArgs.includes('--no-sandbox')) env.NO_SANDBOX = '1';
  }
  if (needs.includes('build')) await buildApplication(root);
  throwIfInterrupted();

  const display = virtual ? await virtualDisplay() : undefined;
  if (display) env.DISPLAY = display.display;
  return {
    env,
    electron,
    electronArgs,
    notThere,
    async close() {
      await display?.close();
    },
  };
}

/**
 * Sets up, does the work, ends what the set-up started, and leaves the exit code. What goes wrong is said in a sentence.
 *
 * @param {readonly string[]} needs
 * @param {(ready: SetUp) => Promise<number>} work returns the exit code
 */
export async function withSetUp(needs, work) {
  try {
    const ready = await setUp(needs);
    try {
      process.exitCode = await work(ready);
    } finally {
      await ready.close();
    }
  } catch (error) {
    if (error instanceof Interrupted) {
      process.exitCode = error.exitCode;
      return;
    }
    sayFailure(error);
    process.exitCode = 1;
  }
}

/**
 * @param {boolean} virtual whether the display is a virtual one
 * @returns {string[]}
 */
function switches(virtual) {
  const found = [];
  // Chromium refuses to run sandboxed as root on Linux. Nowhere else is the sandbox given up.
  if (process.platform === 'linux' && process.getuid?.() === 0) found.push('--no-sandbox');
  // On a virtual display there is no session bus and no GPU: what Chromium says about it is noise.
  if (virtual) found.push('--disable-gpu', '--log-level=3');
  if (process.platform === 'linux' && !virtual && !process.env.DISPLAY) found.push('--ozone-platform-hint=auto');
  return found;
}
