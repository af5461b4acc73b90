import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { FromServer, Shares, Stats, ToServer, Urls } from './published';

/** The server, seen from the test. */
export interface ServerProcess {
  readonly urls: Urls;
  flood(on: boolean): void;
  ask(): Promise<Stats>;
  close(): Promise<void>;
}

/** Starts the server as a process of its own; rejects when it ends before it listens. */
export async function startServer(shares: Shares): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'server.ts'), JSON.stringify(shares)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const tell = (order: ToServer) => void child.send(order);
  const waiting: ((stats: Stats) => void)[] = [];
  const urls = await new Promise<Urls>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    child.on('message', (message: FromServer) => {
      if (message.kind === 'listening') resolve(message.urls);
      else waiting.shift()?.(message);
    });
  });
  return {
    urls,
    flood: (on) => tell({ kind: 'flood', on }),
    ask: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        tell({ kind: 'ask' });
      }),
    close: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) {
          resolve();
          return;
        }
        child.once('exit', () => resolve());
        tell({ kind: 'stop' });
      }),
  };
}
