/** A display where there is none. */
import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { baseEnvironment } from './project.mjs';
import { SetUpError, say } from './report.mjs';

/** Whether windows have nowhere to appear. Only Linux can be without. */
export function lacksDisplay() {
  return process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
}

/** How long the virtual display may take to be ready, in ms. */
const readyWithinMs = 10_000;

/**
 * Starts a virtual display (Xvfb) on a number that is free.
 *
 * It hangs on a pipe of this process: however this process ends, the display ends with it.
 *
 * @returns {Promise<{ display: string, close: () => Promise<void> }>}
 */
export async function virtualDisplay() {
  const script =
    'Xvfb -displayfd 3 -screen 0 1600x1000x24 -nolisten tcp -noreset & x=$!; exec 3>&-; cat >/dev/null; kill $x; wait $x';
  const child = spawn('sh', ['-c', script], {
    env: baseEnvironment(),
    stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
    detached: true,
  });
  child.unref();
  const gone = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', resolve);
  });
  const number = await numberOf(child);
  const display = `:${number}`;
  say(`no display here: the window is on a virtual one, ${display}`);
  return {
    display,
    async close() {
      // Counted again, or the script would end before the display has.
      child.ref();
      child.stdin?.end();
      await Promise.race([gone, setTimeout(2_000, undefined, { ref: false })]);
    },
  };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<string>}
 */
function numberOf(child) {
  const pipe = /** @type {import('node:stream').Readable} */ (child.stdio[3]);
  return new Promise((resolve, reject) => {
    const fail = () => {
      clearTimeout(timer);
      child.stdin?.destroy();
      reject(
        new SetUpError(
          'the virtual display (Xvfb) did not start',
          'run `Xvfb :99` by hand to see why, or set DISPLAY.',
        ),
      );
    };
    const timer = globalThis.setTimeout(fail, readyWithinMs);
    let text = '';
    pipe.on('data', (part) => {
      text += part;
      if (!text.includes('\n')) return;
      clearTimeout(timer);
      pipe.destroy();
      resolve(text.trim());
    });
    pipe.once('end', () => {
      if (!text.includes('\n')) fail();
    });
  });
}
