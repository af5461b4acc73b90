/**
 * The processes the scripts start. Each one leads a process group of its own, so that ending it ends what it started in
 * turn, and a Ctrl+C reaches it once: from here, not a second time from the terminal.
 */
import { spawn } from 'node:child_process';

/** How long a process may take to end in good order before it is killed, in ms, unless it is given another time. */
const usualGraceMs = 10_000;
/** npm passes on the signal that the terminal has already sent: within this many ms it is the same Ctrl+C. */
const samePressMs = 500;
/** How often it is looked whether the parent is still there, in ms. */
const parentLookMs = 250;

/** What runs, with the time each may take to end. @type {Map<import('node:child_process').ChildProcess, number>} */
const running = new Map();
/** @type {{ signal: NodeJS.Signals, at: number } | undefined} */
let interrupted;
let listening = false;

/** @type {Record<string, number>} */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/**
 * @typedef {object} Outcome
 * @property {number} code exit code; 128 + signal when a signal ended it
 * @property {boolean} timedOut whether its time was up
 * @property {string} output what was captured (empty when inherited)
 */

/**
 * Starts a process and waits for its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {boolean} [options.capture] collect stdout and stderr instead of passing them through
 * @param {boolean} [options.quietStderr] with capture: drop stderr
 * @param {number} [options.timeoutMs] ended when it takes longer
 * @param {number} [options.graceMs] how long it may take to end when asked to, before it is killed
 * @param {NodeJS.WritableStream} [options.log] with capture: also written here, as it comes
 * @returns {Promise<Outcome>} rejects only when the process cannot be started
 */
export function run(command, args, options = {}) {
  listen();
  return new Promise((resolve, reject) => {
    /** @type {import('node:child_process').StdioOptions} */
    const stdio = options.capture ? ['ignore', 'pipe', 'pipe'] : 'inherit';
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio,
      detached: process.platform !== 'win32',
    });
    running.set(child, options.graceMs ?? usualGraceMs);
    /** @type {Buffer[]} */
    const parts = [];
    /** @param {Buffer} part */
    const keep = (part) => {
      parts.push(part);
      options.log?.write(part);
    };
    child.stdout?.on('data', keep);
    if (options.quietStderr) child.stderr?.resume();
    else child.stderr?.on('data', keep);
    let timedOut = false;
    const timer = options.timeoutMs
      ? setTimeout(() => {
          timedOut = true;
          void end(child, 'SIGTERM');
        }, options.timeoutMs)
      : undefined;
    child.once('error', (error) => {
      clearTimeout(timer);
      running.delete(child);
      reject(error);
    });
    // What a process leaves behind may hold its pipes open: its own exit is what counts, and the rest is ended.
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      signalGroup(child, 'SIGTERM');
      const settle = () => {
        running.delete(child);
        signalGroup(child, 'SIGKILL');
        resolve({
          code: code ?? exitCodes[signal ?? ''] ?? 128,
          timedOut,
          output: Buffer.concat(parts).toString(),
        });
      };
      const late = setTimeout(settle, 500);
      child.once('close', () => {
        clearTimeout(late);
        settle();
      });
    });
    if (interrupted) void end(child, interrupted.signal);
  });
}

/**
 * Asks a process group to end, and kills it when it has not after the grace time.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
async function end(child, signal) {
  signalGroup(child, signal);
  await new Promise((resolve) => {
    setTimeout(resolve, running.get(child) ?? usualGraceMs).unref();
    child.once('exit', resolve);
  });
  if (running.has(child)) signalGroup(child, 'SIGKILL');
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

/**
 * Ends what is running; when asked again, kills it.
 *
 * @param {NodeJS.Signals} signal
 */
function interrupt(signal) {
  const now = performance.now();
  if (interrupted && now - interrupted.at < samePressMs) return;
  const again = interrupted !== undefined;
  interrupted = { signal, at: now };
  for (const child of running.keys()) {
    if (again) signalGroup(child, 'SIGKILL');
    else void end(child, signal);
  }
}

function listen() {
  if (listening) return;
  listening = true;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => interrupt(signal));
  process.on('exit', () => {
    for (const child of running.keys()) signalGroup(child, 'SIGKILL');
  });
  if (process.env.npm_lifecycle_event && process.platform !== 'win32') followParent();
}

/**
 * npm starts a script through a shell. A signal sent to npm alone ends that shell and never arrives here: what is seen is
 * that the parent is gone.
 */
function followParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    interrupt('SIGTERM');
  }, parentLookMs);
  timer.unref();
}

/** Thrown where a Ctrl+C, or another signal, stops the work. */
export class Interrupted extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`ended by ${signal}`);
    this.name = 'Interrupted';
    this.exitCode = exitCodes[signal] ?? 1;
  }
}

/**
 * Stops the work when a signal asked for it.
 *
 * @throws {Interrupted}
 */
export function throwIfInterrupted() {
  if (interrupted) throw new Interrupted(interrupted.signal);
}
