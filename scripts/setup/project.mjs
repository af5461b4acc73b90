/** Where things are: the checkout, its tools, and the cache shared between checkouts. */
import { readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** The cache shared between checkouts of one user, so that a fresh clone need not fetch everything again. */
export function cacheFolder() {
  if (process.env.WIREWATCH_CACHE) return process.env.WIREWATCH_CACHE;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'wirewatch');
  if (process.platform === 'win32' && process.env.LOCALAPPDATA) return join(process.env.LOCALAPPDATA, 'wirewatch');
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'wirewatch');
}

/**
 * What to start for the word a script uses: `tsx file` is Node with the TypeScript loader (one process instead of the
 * two of the tsx command), other words are commands of the installed packages, run by this very Node.
 *
 * @param {string} word
 * @param {readonly string[]} args
 * @returns {{ command: string, args: string[] }}
 */
export function tool(word, args) {
  if (word === 'node') return { command: process.execPath, args: [...args] };
  if (word === 'tsx') return { command: process.execPath, args: ['--import', 'tsx', ...args] };
  const bin = join(root, 'node_modules', '.bin', word);
  if (process.platform === 'win32') return { command: `${bin}.cmd`, args: [...args] };
  return { command: process.execPath, args: [realpathSync(bin), ...args] };
}

/**
 * npm, the one that started this script where there was one.
 *
 * @param {readonly string[]} args
 * @returns {{ command: string, args: string[] }}
 */
export function npm(args) {
  const path = process.env.npm_execpath;
  if (path?.endsWith('.js')) return { command: process.execPath, args: [path, ...args] };
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [...args] };
}

/** The environment for what the scripts start: the packages' commands and the system's servers are found. */
export function baseEnvironment() {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH ?? ''];
  if (process.platform !== 'win32') path.push('/usr/sbin', '/sbin');
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, PATH: path.join(delimiter) };
  // Set by editors built on Electron; it would turn the application into a plain Node.
  delete env.ELECTRON_RUN_AS_NODE;
  return env;
}

/**
 * @param {string} path
 * @returns {unknown} the parsed JSON, or undefined when the file is missing or damaged
 */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
