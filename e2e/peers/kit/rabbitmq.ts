import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@stomp/stompjs';
import { WebSocket } from 'ws';
import { freePort } from '../../../electron/engine/transports/testing/free-port';
import { rabbitmqProgram } from './installed';
import { pause } from './watch';

/** Debian's RabbitMQ with its plugins for STOMP over TCP and over WebSocket, in a folder and on ports of its own. */
export interface RabbitMq {
  readonly tcp: string;
  readonly websocket: string;
  start(): Promise<void>;
  /** Dies as by a power cut. */
  kill(): Promise<void>;
  /** Publishes bodies with STOMP's own client for JavaScript; resolves when the broker has taken the last one. */
  publish(destination: string, bodies: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Its virtual machine takes twenty seconds to begin on two idle cores, ms at most. */
const startMs = 180_000;
/** Messages published together, each portion behind the receipt of the one before. */
const portion = 200;

export async function startRabbitMq(): Promise<RabbitMq> {
  const folder = await mkdtemp(join(tmpdir(), 'wirewatch-rabbitmq-'));
  const ports: number[] = [];
  for (let left = 5; left > 0; left -= 1) ports.push(await freePort());
  const [amqp, stomp, web, distribution, names] = ports;
  const plugins = join(folder, 'plugins');
  const config = join(folder, 'rabbitmq.conf');
  await mkdir(join(folder, 'home'));
  await writeFile(plugins, '[rabbitmq_stomp,rabbitmq_web_stomp].\n');
  await writeFile(
    config,
    [
      `listeners.tcp.1 = 127.0.0.1:${amqp}`,
      `stomp.listeners.tcp.1 = 127.0.0.1:${stomp}`,
      'web_stomp.tcp.ip = 127.0.0.1',
      `web_stomp.tcp.port = ${web}`,
      '',
    ].join('\n'),
  );
  const env = {
    ...process.env,
    HOME: join(folder, 'home'),
    RABBITMQ_NODENAME: `wirewatch${stomp}@localhost`,
    RABBITMQ_CONFIG_FILE: config,
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_DIST_PORT: String(distribution),
    // The process that knows its name would be shared with others on this machine, and stay behind.
    ERL_EPMD_PORT: String(names),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  };
  const websocket = `ws://127.0.0.1:${web}/ws`;
  let child: ChildProcess | null = null;

  async function listens(port: number | undefined): Promise<boolean> {
    const socket = connect(port ?? 0, '127.0.0.1');
    const there = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    return there;
  }

  async function kill(): Promise<void> {
    const running = child;
    child = null;
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    // The script that starts it, and the virtual machine.
    process.kill(-running.pid, 'SIGKILL');
    await ended;
  }

  const rabbit: RabbitMq = {
    tcp: `stomp://127.0.0.1:${stomp}`,
    websocket,
    async start() {
      child = spawn(rabbitmqProgram ?? 'rabbitmq-server', [], { env, stdio: 'ignore', detached: true });
      const begun = performance.now();
      while (!(await listens(stomp)) || !(await listens(web))) {
        if (child.exitCode !== null || performance.now() - begun > startMs) throw new Error('RabbitMQ does not start.');
        await pause(200);
      }
    },
    kill,
    async publish(destination, bodies) {
      const client = new Client({
        connectHeaders: { login: 'guest', passcode: 'guest' },
        webSocketFactory: () => new WebSocket(websocket, ['v12.stomp']),
        reconnectDelay: 0,
        heartbeatIncoming: 0,
        heartbeatOutgoing: 0,
      });
      await new Promise<void>((resolve, reject) => {
        client.onConnect = () => resolve();
        client.onStompError = ({ headers }) => reject(new Error(headers.message));
        client.onWebSocketClose = () => reject(new Error('RabbitMQ closed the connection.'));
        client.activate();
      });
      // A flood makes version 3.10 hold its reader, which its own heartbeats do not survive.
      for (let from = 0; from < bodies.length; from += portion) {
        const part = bodies.slice(from, from + portion);
        await new Promise<void>((resolve) => {
          const receipt = `to-${from + part.length}`;
          client.watchForReceipt(receipt, () => resolve());
          part.forEach((body, index) => {
            const last = index === part.length - 1 ? { receipt } : {};
            client.publish({ destination, body, headers: { persistent: 'true', ...last } });
          });
        });
      }
      await client.deactivate();
    },
    async close() {
      await kill();
      await once(spawn('epmd', ['-port', String(names), '-kill'], { env, stdio: 'ignore' }), 'exit').catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
  await rabbit.start();
  return rabbit;
}
