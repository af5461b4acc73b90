import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../electron/engine/transports/testing/free-port';
import { programOf } from './installed';
import { pause } from './watch';

/** Debian's Prometheus on a port of its own, scraping itself every second. */
export interface Prometheus {
  readonly url: string;
  /** An answer of its API: what stands under `data`. */
  api(path: string): Promise<unknown>;
  close(): Promise<void>;
}

export async function startPrometheus(): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'wirewatch-prometheus-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await writeFile(
    join(folder, 'prometheus.yml'),
    `global: {scrape_interval: 1s}\nscrape_configs:\n  - job_name: self\n    static_configs: [{targets: ['127.0.0.1:${port}']}]\n`,
  );
  const child = spawn(
    programOf('prometheus') ?? 'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );

  async function api(path: string): Promise<unknown> {
    const answer = (await (await fetch(`${url}/api/v1/${path}`)).json()) as { readonly data: unknown };
    return answer.data;
  }

  async function close(): Promise<void> {
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  }

  try {
    for (let tries = 0; ; tries += 1) {
      const ready = await fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (ready) return { url, api, close };
      if (tries === 300 || child.exitCode !== null) throw new Error('Prometheus does not start.');
      await pause(100);
    }
  } catch (error) {
    await close();
    throw error;
  }
}

/** What promtool says of a page; empty where it reads it. */
export function promtoolSays(page: string): string {
  const { status, stderr } = spawnSync(programOf('promtool') ?? 'promtool', ['check', 'metrics'], {
    input: page,
    encoding: 'utf8',
  });
  // 3: it reads it, and would have named things otherwise.
  return status === 0 || status === 3 ? '' : stderr;
}
