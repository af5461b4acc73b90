/** Running npm so that what goes wrong with the registry, the disk or npm's cache is said in one sentence. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, throwIfInterrupted } from './processes.mjs';
import { npm } from './project.mjs';
import { SetUpError, say } from './report.mjs';

/** In the middle of an installation npm does not heed signals; what it leaves is begun anew next time. */
const graceMs = 1_000;

/**
 * Runs npm and returns its stdout.
 *
 * @param {readonly string[]} args
 * @param {{ cwd: string, purpose: string }} context purpose such as `install the dependencies`
 * @returns {Promise<string>}
 * @throws {SetUpError} saying why it failed
 */
export async function runNpm(args, context) {
  const patience = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const call = npm([...args, ...patience, '--no-audit', '--no-fund', '--loglevel=error', '--no-progress']);
  const first = await run(call.command, call.args, { cwd: context.cwd, capture: true, graceMs });
  throwIfInterrupted();
  // npm has been seen to end well although files could not be written.
  if (first.code === 0 && !isFullDisk(first.output)) return first.output;
  if (!isBrokenCache(first.output)) throw npmFailure(first.output, context.purpose);
  say("npm's cache is broken: trying once more with an empty one");
  const empty = await mkdtemp(join(tmpdir(), 'wirewatch-npm-'));
  try {
    const second = await run(call.command, [...call.args, `--cache=${empty}`], {
      cwd: context.cwd,
      capture: true,
      graceMs,
    });
    throwIfInterrupted();
    if (second.code === 0 && !isFullDisk(second.output)) return second.output;
    throw npmFailure(second.output, context.purpose);
  } finally {
    await rm(empty, { recursive: true, force: true });
  }
}

/** @param {string} output */
function isFullDisk(output) {
  return /ENOSPC|EDQUOT|no space left/i.test(output);
}

/** @param {string} output */
function isBrokenCache(output) {
  return /EINTEGRITY|Z_DATA_ERROR|Z_BUF_ERROR|TAR_BAD_ARCHIVE|cacache|EACCES[^\n]*_cacache/.test(output);
}

/**
 * Turns npm's words into one sentence and a remedy.
 *
 * @param {string} output what npm printed
 * @param {string} purpose
 * @returns {SetUpError}
 */
export function npmFailure(output, purpose) {
  const failed = `npm could not ${purpose}`;
  if (isFullDisk(output)) {
    return new SetUpError(`${failed}: the disk is full`, 'free about 2 GB, then run the same command again.');
  }
  const network = output.match(
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|CERT_[A-Z_]+|SELF_SIGNED[A-Z_]*/,
  );
  if (network) {
    return new SetUpError(
      `${failed}: the npm registry cannot be reached (${network[0]})`,
      'check the network, or name a reachable registry with `npm config set registry URL` (behind a proxy: `npm config set proxy URL`).',
    );
  }
  if (/EINTEGRITY|_cacache/.test(output)) {
    return new SetUpError(
      `${failed}: what arrived is not what was published`,
      'run `npm cache clean --force`, then the same command again.',
    );
  }
  if (/EACCES|EPERM|EROFS/.test(output)) {
    return new SetUpError(
      `${failed}: a folder is not writable`,
      `make the checkout and ~/.npm writable for you. ${lastLine(output)}`,
    );
  }
  return new SetUpError(`${failed}: ${lastLine(output)}`, 'run `npm ci` by hand to see all it says.');
}

/** @param {string} output */
function lastLine(output) {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim())
    .filter((line) => line && !/complete log of this run|^\/.*\.log$/.test(line));
  return lines[0] ?? 'it ended without a word';
}
