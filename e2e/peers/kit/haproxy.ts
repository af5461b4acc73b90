import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../electron/engine/transports/testing/free-port';
import { programOf } from './installed';
import { pause } from './watch';

/** A real haproxy in the foreground, in front of one server. */
export interface Haproxy {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  close(): Promise<void>;
}

/** `timeouts`: lines such as `timeout tunnel 5s`. `backend`: `host:port`. */
export async function startHaproxy(backend: string, timeouts: readonly string[]): Promise<Haproxy> {
  const folder = mkdtempSync(join(tmpdir(), 'wirewatch-haproxy-'));
  const port = await freePort();
  writeFileSync(
    join(folder, 'haproxy.cfg'),
    `global
  maxconn 200
defaults
  mode http
  ${timeouts.join('\n  ')}
frontend in
  bind 127.0.0.1:${port}
  default_backend out
backend out
  server one ${backend}
`,
  );
  const child: ChildProcess = spawn(programOf('haproxy') ?? 'haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`haproxy did not start: ${said}`);
    await pause(30);
  }
  return {
    host: `127.0.0.1:${port}`,
    async close() {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
