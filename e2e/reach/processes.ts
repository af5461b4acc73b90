import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A free port of this machine, for servers that cannot be told to take any. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
}

/** A folder of this run that servers may write to although they give up root. */
export function sharedFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `wirewatch-${name}-`));
  chmodSync(folder, 0o777);
  return folder;
}

export interface Daemon {
  /** Ends it at once, as `kill -9` does, with all it started. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Ends it for good and removes its folder. */
  close(): Promise<void>;
}

/** Runs a third-party server in a process group of its own; resolves when it listens on `port`. */
export async function runDaemon(
  command: string,
  args: readonly string[],
  port: number,
  folder: string,
): Promise<Daemon> {
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    child = spawn(command, [...args], { stdio: 'ignore', detached: true });
    const failed = new Promise<never>((_, reject) => {
      child?.once('error', reject);
      child?.once('exit', (code) => reject(new Error(`${command} ended with ${code}; see ${folder}`)));
    });
    failed.catch(() => {});
    await Promise.race([listening(port), failed]);
  }

  async function kill(): Promise<void> {
    const running = child;
    child = null;
    if (!running?.pid || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    process.kill(-running.pid, 'SIGKILL');
    await ended;
  }

  await start();
  return {
    kill,
    start,
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function listening(port: number): Promise<void> {
  for (let n = 0; n < 300; n += 1) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Nothing listens on port ${port}.`);
}
