import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port';

/** A real nginx in the foreground, in a folder of its own. */
export interface Nginx {
  readonly port: number;
  /** Ends it at once, as `kill -9` does: connections go without a word, and what it held in memory is gone. */
  kill(): Promise<void>;
  /** Ends it (SIGTERM: at once, in order). */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

const nchanModule = ['/usr/lib/nginx/modules/ngx_nchan_module.so', '/usr/share/nginx/modules/ngx_nchan_module.so'].find(
  existsSync,
);

/** Whether nginx is here with its push module; tests that need it are skipped where it is not. */
export const hasNchan = nchanModule !== undefined;

/** `locations`: what goes into the one `server` block. nginx cannot listen on port 0, so a free one is looked for first. */
export async function startNginx(locations: string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'wirewatch-nginx-'));
  mkdirSync(join(folder, 'tmp'));
  const port = await freePort();
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `${n}_temp_path ${folder}/tmp/${n};`);
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1;
${nchanModule ? `load_module ${nchanModule};` : ''}
events { worker_connections 512; }
http { access_log off; ${temp.join(' ')} server { listen 127.0.0.1:${port}; ${locations} } }\n`,
  );
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
      stdio: 'ignore',
    });
    for (let n = 0; n < 300; n += 1) {
      const up = await fetch(`http://127.0.0.1:${port}/`).then(
        async (answer) => {
          await answer.arrayBuffer();
          return true;
        },
        () => false,
      );
      if (up) return;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    throw new Error(`nginx did not start; see ${folder}/error.log`);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = child;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    // A master that is killed leaves its workers behind, and they go on serving.
    const workers = signal === 'SIGKILL' && running.pid !== undefined ? childrenOf(running.pid) : [];
    running.kill(signal);
    for (const worker of workers) process.kill(worker, signal);
    await ended;
  }

  await start();
  return {
    port,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    start,
    async restart() {
      await end('SIGTERM');
      await start();
    },
    async close() {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Process ids of a process's children (Linux). */
function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
