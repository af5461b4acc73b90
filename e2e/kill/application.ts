import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openPage, type PageLink } from './devtools';

const root = join(__dirname, '../..');
/** Longest time an application may take to show its page, or to quit, ms. */
const patienceMs = 60_000;

/** The built application, running. */
export interface Application {
  /** The page, once there is one; rejects when the application ended first. */
  page(): Promise<PageLink>;
  /** `kill -9` of its main process; resolves when it is gone. Answers the processes it leaves for the system to end. */
  kill(): Promise<readonly number[]>;
  /** Quits in order; answers its exit code (null: it had to be killed). */
  quit(): Promise<number | null>;
  /** What it wrote to standard error. */
  log(): string;
}

/** Starts the built application on a folder of settings and journal. */
export function startApplication(userData: string): Application {
  const executable = process.env.ELECTRON_EXEC_PATH;
  if (!executable) throw new Error('ELECTRON_EXEC_PATH is not set: run npm run test:kill, which sets it.');
  const switches = (process.env.WIREWATCH_ELECTRON_ARGS ?? '').split(' ').filter(Boolean);
  const child = spawn(executable, [...switches, '--remote-debugging-port=0', root, `--user-data-dir=${userData}`], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString('utf8');
  });
  let link: PageLink | null = null;
  const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));

  return {
    async page() {
      const deadline = performance.now() + patienceMs;
      while (isRunning(child) && performance.now() < deadline) {
        const port = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(log)?.[1];
        link = port === undefined ? null : await openPage(Number(port));
        // Until its address is loaded, a page has no bridge, or nothing that could run at all.
        const bridge = await link?.evaluate('typeof window.wirewatch').catch(() => null);
        if (link && bridge === 'object') return link;
        link?.close();
        await wait(50);
      }
      throw new Error(`The application showed no page:\n${log}`);
    },
    async kill() {
      const family = await descendants(child.pid ?? 0);
      if (isRunning(child)) child.kill('SIGKILL');
      await gone;
      link?.close();
      return family;
    },
    async quit() {
      link?.close();
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      const code = await gone;
      clearTimeout(late);
      return code;
    },
    log: () => log,
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** Every process below one (Linux; none elsewhere). */
async function descendants(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text.split(' ').filter(Boolean).map(Number);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

/** Those of these processes that still run; a zombie does not. */
export async function stillRunning(pids: readonly number[]): Promise<readonly number[]> {
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => stats[index] !== '' && !/\) [ZX] /.test(stats[index] ?? ''));
}
