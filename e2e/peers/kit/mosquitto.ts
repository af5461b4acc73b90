import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../electron/engine/transports/testing/free-port';
import { programOf } from './installed';
import { pause } from './watch';

/** Debian's mosquitto on two ports of its own: MQTT over TCP, and over WebSocket. */
export interface Mosquitto {
  readonly tcp: string;
  readonly websocket: string;
  start(): Promise<void>;
  /** Dies as by a power cut: what is not on its disk is gone. */
  kill(): Promise<void>;
  /** Ends in order, and says so to its clients. */
  stop(): Promise<void>;
  /** Writes its sessions to its disk. */
  save(): Promise<void>;
  /** Publishes bodies with mosquitto's own client, each as soon as the one before was taken. */
  publish(topic: string, bodies: readonly string[], qos?: number, retain?: boolean): Promise<void>;
  close(): Promise<void>;
}

/** `login`: the only one that it takes. */
export async function startMosquitto(login: { readonly user: string; readonly password: string } | null = null) {
  const folder = await mkdtemp(join(tmpdir(), 'wirewatch-mosquitto-'));
  const [port, webPort] = [await freePort(), await freePort()];
  const store = join(folder, 'mosquitto.db');
  const passwords = join(folder, 'passwords');
  if (login) {
    await writeFile(passwords, `${login.user}:${login.password}\n`, { mode: 0o600 });
    await finished(spawn(programOf('mosquitto_passwd') ?? 'mosquitto_passwd', ['-U', passwords], { stdio: 'ignore' }));
  }
  await writeFile(
    join(folder, 'mosquitto.conf'),
    [
      `listener ${port} 127.0.0.1`,
      `listener ${webPort} 127.0.0.1`,
      'protocol websockets',
      ...(login ? [`password_file ${passwords}`] : ['allow_anonymous true']),
      ...['persistence true', `persistence_location ${folder}/`, 'autosave_interval 0'],
      // As shipped it drops, without a word, what exceeds a thousand waiting messages.
      'max_queued_messages 0',
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      '',
    ].join('\n'),
  );
  let child: ChildProcess | null = null;

  async function answers(): Promise<boolean> {
    const socket = connect(port, '127.0.0.1');
    const there = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    return there;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    await ended;
  }

  const mosquitto: Mosquitto = {
    tcp: `mqtt://127.0.0.1:${port}`,
    websocket: `ws://127.0.0.1:${webPort}/mqtt`,
    async start() {
      child = spawn(programOf('mosquitto') ?? 'mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
      for (let tries = 0; !(await answers()); tries += 1) {
        if (tries === 300 || child.exitCode !== null) throw new Error('mosquitto does not start.');
        await pause(50);
      }
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async save() {
      const written = async () => (await stat(store).catch(() => null))?.mtimeMs ?? 0;
      const before = await written();
      await pause(20);
      child?.kill('SIGUSR1');
      for (let tries = 0; (await written()) === before; tries += 1) {
        if (tries === 200) throw new Error('mosquitto does not write its store.');
        await pause(25);
      }
      await pause(50);
    },
    async publish(topic, bodies, qos = 1, retain = false) {
      const own = spawn(
        programOf('mosquitto_pub') ?? 'mosquitto_pub',
        [
          ...['-h', '127.0.0.1', '-p', String(port), '-t', topic, '-q', String(qos), '-l'],
          ...(retain ? ['-r'] : []),
          ...(login ? ['-u', login.user, '-P', login.password] : []),
        ],
        { stdio: ['pipe', 'ignore', 'ignore'] },
      );
      own.stdin?.end(bodies.map((body) => `${body}\n`).join(''));
      await finished(own);
    },
    async close() {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
  await mosquitto.start();
  return mosquitto;
}

async function finished(child: ChildProcess): Promise<void> {
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}`);
}
