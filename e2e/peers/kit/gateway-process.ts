import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A gateway in a process of its own: it can be stopped as a whole, and killed. */
export interface GatewayProcess {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Publishes one event; resolves when the gateway has it. */
  publish(n: number): Promise<void>;
  /** SIGSTOP: its sockets stay open, nothing of it runs. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  close(): Promise<void>;
}

/** Starts `gateway/cli.ts` on a free port with a stream called `test`. */
export async function startGatewayProcess(): Promise<GatewayProcess> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'gateway/cli.ts', '--port', '0', '--feed', 'none', '--stream', 'test'],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const found = /Gateway at (\S+)/.exec(said)?.[1];
      if (found) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`The gateway ended with ${code}: ${said}`)));
  });
  return {
    host: new URL(url).host,
    async publish(n) {
      const answer = await fetch(`${url}/v1/test`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ type: 'tick', data: { n } }),
      });
      if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
      await answer.arrayBuffer();
    },
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    async close() {
      // A stopped process takes no SIGTERM.
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await exited;
      clearTimeout(late);
    },
  };
}
