import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { reachSchema } from '../../../shared/reach';
import { createSystemClock } from '../../node/clock';
import { createHostSignals } from '../../node/host-signals';
import { createSystemRandom } from '../../node/random';
import { createDialler } from '../dialling/dialler';
import { createHttpPort } from '../dialling/http-port';
import { createSocketPort } from '../dialling/socket-port';
import { createStreamPort } from '../dialling/stream-port';
import { createEngine } from '../engine';
import { createVolatileJournal } from '../journal/volatile';
import { readThroughEventSource } from '../transports/eventsource-reader';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A feed that lets everyone in and closes with a code of its own. */
async function startClosing(code: number) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  let asked = 0;
  server.on('connection', (socket) => {
    asked += 1;
    socket.send('{"n":1}');
    socket.close(code, 'account suspended');
  });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  closers.push(() => server.close());
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

async function watch(url: string, reach: unknown) {
  const clock = createSystemClock();
  const host = createHostSignals({ clock, online: () => true });
  const dial = createDialler({ clock });
  const http = createHttpPort({ dial, clock });
  const engine = createEngine({
    clock,
    random: createSystemRandom(),
    http,
    socket: createSocketPort({ dial, clock }),
    stream: createStreamPort({ dial, clock }),
    reader: readThroughEventSource,
    host,
    journal: createVolatileJournal(),
  });
  closers.push(async () => {
    await engine.close();
    http.close();
    host.close();
  });
  await engine.addSource({
    id: 's',
    name: 'Closing',
    url,
    protocol: 'json',
    ladder: [{ transport: 'websocket', url, intervalSeconds: 5 }],
    pinnedRung: null,
    paused: false,
    builtIn: false,
    reach: reachSchema.parse(reach),
  });
  return () => engine.view('s');
}

describe('close codes of a source that mean stop', () => {
  it('end the asking until somebody looks, others are retried', async () => {
    const feed = await startClosing(4403);
    const view = await watch(feed.url, { stopCodes: [4401, 4403] });
    await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 5000);
    expect(view()?.reason).toMatchObject({
      code: 'policy-closed',
      text: 'The server refuses to serve us (close code 4403: account suspended).',
    });
    expect(feed.asked()).toBe(1);

    const other = await startClosing(4400);
    const patient = await watch(other.url, { stopCodes: [4401, 4403] });
    await vi.waitFor(() => expect(other.asked()).toBeGreaterThan(1), 10_000);
    expect(patient()?.state.kind).not.toBe('stopped');
  });
});
