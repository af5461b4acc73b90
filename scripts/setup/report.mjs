/**
 * What the set-up says, always on stderr, so that a command's own output stays clean on stdout.
 */
import { statfs } from 'node:fs/promises';
import { Interrupted } from './processes.mjs';
import { visibleLines } from './visible.mjs';

/** A set-up that cannot go on: one sentence saying why, one saying what to do. */
export class SetUpError extends Error {
  /**
   * @param {string} why what is wrong, one sentence
   * @param {string} remedy what the person can do, one sentence or a command
   */
  constructor(why, remedy) {
    super(why);
    this.name = 'SetUpError';
    this.remedy = remedy;
  }
}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`set-up: ${visibleLines(line)}\n`);
}

/**
 * Runs one step, saying what it does before and how long it took after.
 *
 * @template T
 * @param {string} what such as `installing the dependencies`
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(what, work) {
  say(`${what} …`);
  const began = performance.now();
  /** @param {string} how */
  const ended = (how) => say(`${what}: ${how} ${seconds(performance.now() - began)}`);
  try {
    const result = await work();
    ended('done in');
    return result;
  } catch (error) {
    ended(error instanceof Interrupted ? 'stopped after' : 'failed after');
    throw error;
  }
}

/**
 * A duration for people.
 *
 * @param {number} ms
 */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/**
 * Refuses to begin what the disk has no room for: half-written files are worse than none.
 *
 * @param {string} folder that exists
 * @param {number} megabytes
 * @param {{ what: string, elsewhere: string }} words what needs the room, and what else can be done than to make some
 */
export async function insistOnSpace(folder, megabytes, words) {
  const disk = await statfs(folder);
  if (disk.bavail * disk.bsize >= megabytes * 1024 * 1024) return;
  throw new SetUpError(
    `the disk holding ${folder} is full: ${words.what} need ${megabytes} MB there`,
    `free some space, or ${words.elsewhere}.`,
  );
}

/**
 * Prints why the set-up stopped, in at most two lines; anything that is not a {@link SetUpError} is a fault of ours and
 * keeps its stack.
 *
 * @param {unknown} error
 */
export function sayFailure(error) {
  const known = error instanceof SetUpError ? error : fullDisk(error);
  if (known) {
    say(known.message);
    say(`what to do: ${known.remedy}`);
    return;
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/**
 * @param {unknown} error
 * @returns {SetUpError | undefined}
 */
function fullDisk(error) {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return undefined;
  const path = error instanceof Error && 'path' in error ? ` (writing ${error.path})` : '';
  return new SetUpError(`the disk is full${path}`, 'free some space, then run the same command again.');
}
