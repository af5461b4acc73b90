import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { handleProtocols } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { Server } from 'socket.io';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { freePort } from '../transports/testing/free-port';
import { hasNchan, startNginx } from '../transports/testing/nginx';
import { foundAt as best } from './testing/found-at';

/** What real servers are taken for, whoever wrote them: fixtures of ours only say what we believe. */

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Runs a program until the test is over; it is there once its port answers anything. */
async function run(command: string, args: readonly string[], port: number): Promise<void> {
  const child: ChildProcess = spawn(command, args, { stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  closers.push(async () => {
    child.kill('SIGTERM');
    await gone;
  });
  for (let n = 0; n < 300; n += 1) {
    const up = await fetch(`http://127.0.0.1:${port}/`).then(
      (answer) => answer.arrayBuffer().then(() => true),
      (error: unknown) => !String(error instanceof Error && error.cause).includes('ECONNREFUSED'),
    );
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${command} did not start.`);
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'wirewatch-peer-'));
  closers.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const at = (path: string) => existsSync(path);

describe('what real servers are taken for', () => {
  it.skipIf(!hasNchan)('nginx with nchan: certain on each of its transports, with and without messages', async () => {
    const nginx = await startNginx(`
      location ~ ^/pub/(\\w+)$ { nchan_publisher; nchan_channel_id $1; nchan_message_buffer_length 20; }
      location ~ ^/sub/(\\w+)$ { nchan_subscriber; nchan_channel_id $1; nchan_subscriber_first_message oldest; }`);
    closers.push(nginx.close);
    const base = `127.0.0.1:${nginx.port}`;
    expect(await best(`http://${base}/sub/empty`)).toBe('nchan, nchan: certain');
    expect(await best(`ws://${base}/sub/empty`)).toBe('nchan, nchan: certain');
    for (const n of [1, 2]) await fetch(`http://${base}/pub/full`, { method: 'POST', body: `{"n":${n}}` });
    expect(await best(`http://${base}/sub/full`)).toBe('nchan, nchan: certain');
    expect(await best(`http://${base}/`)).toMatch(/^nothing: /);
  });

  it.skipIf(!at('/usr/bin/prometheus'))(
    'Prometheus: its metrics and its queries, and its page is no feed',
    async () => {
      const port = await freePort();
      const home = folder();
      writeFileSync(join(home, 'p.yml'), 'scrape_configs: []\n');
      const args = [
        `--config.file=${home}/p.yml`,
        `--storage.tsdb.path=${home}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
      ];
      await run('/usr/bin/prometheus', args, port);
      expect(await best(`http://127.0.0.1:${port}/metrics`)).toBe('Prometheus, prometheus: certain');
      expect(await best(`http://127.0.0.1:${port}/api/v1/query?query=vector(1)`)).toBe(
        'Prometheus query, json: likely',
      );
      expect(await best(`http://127.0.0.1:${port}/api/v1/alerts`)).toBe('JSON value, json: certain');
      expect(await best(`http://127.0.0.1:${port}/graph`)).toMatch(/^nothing: /);
    },
  );

  it.skipIf(!at('/usr/bin/prometheus-node-exporter'))('an exporter of a machine: certain', async () => {
    const port = await freePort();
    await run('/usr/bin/prometheus-node-exporter', [`--web.listen-address=127.0.0.1:${port}`], port);
    expect(await best(`http://127.0.0.1:${port}/metrics`)).toBe('Prometheus, prometheus: certain');
  });

  it('Socket.IO is named on its WebSocket, its polls and its refusals', async () => {
    const server = createServer();
    const io = new Server(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => io.close());
    const base = `127.0.0.1:${(server.address() as AddressInfo).port}/socket.io/`;
    expect(await best(`ws://${base}?EIO=4&transport=websocket`)).toBe('Socket.IO, socket-io: certain');
    expect(await best(`http://${base}?EIO=4&transport=polling`)).toBe('Socket.IO, socket-io: certain');
    expect(await best(`http://${base}`)).toBe('Socket.IO, socket-io: likely');
  });

  it.skipIf(!at('/usr/sbin/mosquitto'))('mosquitto: certain over WebSocket, by its scheme over TCP', async () => {
    const [tcp, websocket] = [await freePort(), await freePort()];
    const conf = join(folder(), 'm.conf');
    const listeners = `listener ${tcp} 127.0.0.1\nlistener ${websocket} 127.0.0.1\nprotocol websockets\n`;
    writeFileSync(conf, `${listeners}allow_anonymous true\npersistence false\n`);
    await run('/usr/sbin/mosquitto', ['-c', conf], websocket);
    expect(await best(`ws://127.0.0.1:${websocket}/`)).toBe('MQTT, mqtt: certain');
    expect(await best(`ws://127.0.0.1:${websocket}/mqtt`)).toBe('MQTT, mqtt: certain');
    expect(await best(`mqtt://127.0.0.1:${tcp}`)).toBe('MQTT, mqtt: likely');
  });

  it('graphql-ws: by the subprotocol that it chooses, wherever it stands', async () => {
    const server = createServer();
    const sockets = new WebSocketServer({
      server,
      handleProtocols: (offered) => handleProtocols(offered),
    });
    const schema = buildSchema('type Query { ok: Boolean } type Subscription { tick: Int }');
    useServer({ schema }, sockets);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      for (const socket of sockets.clients) socket.terminate();
      server.close();
    });
    const base = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const path of ['/graphql', '/live']) {
      expect(await best(base + path)).toMatch(/^GraphQL over WebSocket, graphql-ws: (certain|likely)$/);
    }
  });
});
