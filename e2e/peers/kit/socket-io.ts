import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./socket-io-server.ts', import.meta.url));

/** Socket.IO's own server, which can be killed and started again on the same port. */
export interface SocketIoServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Publishes so many numbers from `from` on; how many clients there were. */
  publish(from: number, count: number): Promise<number>;
  /** Cuts every connection without a word. */
  cut(): Promise<void>;
  /** What clients said: the name of each in its CONNECT, and every event. */
  heard(): Promise<unknown>;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** `recovery`: it keeps the state of connections for who comes back. */
export async function startSocketIoServer(recovery: boolean): Promise<SocketIoServer> {
  let port = 0;
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const told = ['--import', 'tsx', script, String(port), recovery ? 'recovery' : 'plain'];
    const started = spawn(process.execPath, told, { stdio: ['ignore', 'pipe', 'inherit'] });
    child = started;
    port = await new Promise<number>((resolve, reject) => {
      started.stdout.on('data', (chunk: Buffer) => resolve(Number(/listening (\d+)/.exec(String(chunk))?.[1])));
      started.once('exit', (code) => reject(new Error(`Socket.IO's server ended with ${code}.`)));
    });
  }

  async function post(path: string): Promise<string> {
    return (await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST' })).text();
  }

  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    publish: async (from, count) => Number(await post(`/publish?from=${from}&count=${count}`)),
    async cut() {
      await post('/cut');
    },
    heard: async () => JSON.parse(await post('/heard')) as unknown,
    async kill() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    start,
  };
}
