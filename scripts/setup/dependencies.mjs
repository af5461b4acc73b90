/** node_modules as package-lock.json wants it. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from './project.mjs';
import { runNpm } from './registry.mjs';
import { insistOnSpace, SetUpError, step } from './report.mjs';

/**
 * @typedef {{ packages?: Record<string, { version?: string, resolved?: string, optional?: boolean, devOptional?: boolean, peer?: boolean, link?: boolean }> }} Lockfile
 */

/** What node_modules takes, with room to unpack. */
const megabytesNeeded = 800;

/**
 * Installs the dependencies when the lockfile changed since the last time.
 *
 * A stamp in node_modules remembers the lockfile's hash. Without one that fits, npm's own record of what it installed is
 * compared: someone who ran `npm install` themselves does not wait a second time.
 *
 * @param {string} root
 * @returns {Promise<boolean>} whether something had to be done
 */
export async function installDependencies(root) {
  const lockPath = join(root, 'package-lock.json');
  if (!existsSync(lockPath)) {
    throw new SetUpError('package-lock.json is missing', 'this checkout is not whole: clone it again.');
  }
  const lockText = readFileSync(lockPath);
  const stamp = `${process.platform}-${process.arch} ${createHash('sha256').update(lockText).digest('hex')}`;
  const stampPath = join(root, 'node_modules', '.wirewatch-set-up');
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return false;

  const wanted = /** @type {Lockfile} */ (JSON.parse(lockText.toString()));
  const installed = /** @type {Lockfile | undefined} */ (readJson(join(root, 'node_modules', '.package-lock.json')));
  if (installed && isInstalled(wanted, installed)) {
    writeFileSync(stampPath, stamp);
    return false;
  }
  await insistOnSpace(root, megabytesNeeded, { what: 'the dependencies', elsewhere: 'clone to another disk' });
  await step('installing the dependencies with npm ci (a minute or two the first time)', () =>
    // No package needs its install script: the Electron runtime has a step of its own, the database ships its binaries.
    runNpm(['ci', '--ignore-scripts', '--include=dev'], { cwd: root, purpose: 'install the dependencies' }),
  );
  writeFileSync(stampPath, stamp);
  return true;
}

/**
 * Whether npm's record of node_modules holds every package of the lockfile in its version. Optional packages may be
 * missing: most are for other platforms.
 *
 * @param {Lockfile} wanted package-lock.json
 * @param {Lockfile} installed node_modules/.package-lock.json
 */
export function isInstalled(wanted, installed) {
  return Object.entries(wanted.packages ?? {}).every(([path, entry]) => {
    if (path === '') return true;
    const there = installed.packages?.[path];
    if (!there) return entry.optional === true || entry.devOptional === true;
    return there.version === entry.version;
  });
}
