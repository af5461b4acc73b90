import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./graphql-server.ts', import.meta.url));

/** graphql-ws's own server, which can be killed and started again on the same port. */
export interface GraphqlServer {
  /** Of its subscriptions: `ws://127.0.0.1:PORT/graphql` */
  readonly url: string;
  /** Publishes so many numbers from `from` on; how many subscriptions were told. */
  publish(from: number, count: number): Promise<number>;
  /** Ends every subscription in good order. */
  complete(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export async function startGraphqlServer(): Promise<GraphqlServer> {
  let port = 0;
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const started = spawn(process.execPath, ['--import', 'tsx', script, String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = started;
    port = await new Promise<number>((resolve, reject) => {
      started.stdout.on('data', (chunk: Buffer) => resolve(Number(/listening (\d+)/.exec(String(chunk))?.[1])));
      started.once('exit', (code) => reject(new Error(`graphql-ws's server ended with ${code}.`)));
    });
  }

  async function post(path: string): Promise<string> {
    return (await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST' })).text();
  }

  await start();
  return {
    url: `ws://127.0.0.1:${port}/graphql`,
    publish: async (from, count) => Number(await post(`/publish?from=${from}&count=${count}`)),
    async complete() {
      await post('/complete');
    },
    async kill() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    start,
  };
}
