/** The bundled application in out/, made again only when something it is made from changed. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, throwIfInterrupted } from './processes.mjs';
import { baseEnvironment, tool } from './project.mjs';
import { SetUpError, step } from './report.mjs';

const folders = ['electron', 'gateway', 'renderer', 'shared'];
const files = ['electron.vite.config.ts', 'tsconfig.json', 'package.json', 'package-lock.json'];

/**
 * Builds the application when it is missing or stale.
 *
 * @param {string} root
 * @returns {Promise<boolean>} whether it was built
 * @throws {SetUpError} with what the bundler said
 */
export async function buildApplication(root) {
  // In a folder that every build empties, so that one made by hand does not pass for this one.
  const stampPath = join(root, 'out', 'main', '.build-stamp');
  const hash = sourceHash(root);
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === hash) return false;
  await step('building the application', async () => {
    const call = tool('electron-vite', ['build', '--logLevel', 'warn']);
    const result = await run(call.command, call.args, { cwd: root, env: baseEnvironment(), capture: true });
    throwIfInterrupted();
    if (result.code !== 0)
      throw new SetUpError(`the application does not build:\n${result.output.trim()}`, 'mend what is named above.');
  });
  writeFileSync(stampPath, hash);
  return true;
}

/**
 * One hash over everything the build reads. Contents, not times: a fresh checkout has new times for old files.
 *
 * @param {string} root
 */
export function sourceHash(root) {
  const hash = createHash('sha256');
  const sources = folders.flatMap((folder) => filesBelow(root, folder)).filter((path) => !/\.test\.tsx?$/.test(path));
  for (const path of [...sources, ...files].sort()) {
    if (!existsSync(join(root, path))) continue;
    hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]} paths from the root
 */
function filesBelow(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}
