import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../engine/simulation/fake-clock';
import { createBuiltInPorts, type SourcePorts } from '../../engine/source/ports';
import { createSystemClock } from '../../node/clock';
import { createLog } from '../log';
import { keepThisMachine } from '../sources/this-machine';
import type { ToGateway } from './messages';
import { type ChildSink, createGatewaySupervisor, type GatewaySupervisor } from './supervisor';

/** Somebody else listens where the gateway was before; what it is sent is all that it learns. */
interface Listening {
  readonly server: Server;
  readonly port: number;
  heard: string;
  connections: number;
}

const token = 'token-of-this-run';
const servers: Server[] = [];
const sockets = new Set<Socket>();
let clock: FakeClock;
let sinks: ChildSink[];
let gateway: GatewaySupervisor;
let ports: SourcePorts;
let thief: Listening;

async function listening(): Promise<Listening> {
  const server = createServer((socket) => {
    sockets.add(socket);
    found.connections += 1;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      found.heard += chunk.toString('latin1');
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    });
  });
  servers.push(server);
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    }),
  );
  const found: Listening = { server, port, heard: '', connections: 0 };
  return found;
}

beforeEach(async () => {
  thief = await listening();
  clock = createFakeClock();
  sinks = [];
  gateway = createGatewaySupervisor({
    clock,
    spawn: (sink) => {
      sinks.push(sink);
      const post = ({ kind }: ToGateway) => {
        if (kind === 'stop') sink.onExit(0);
      };
      return { post, kill: () => sink.onExit(null) };
    },
    stateDir: '/state',
    token,
    demo: false,
    port: thief.port,
    log: createLog(() => {}),
  });
  ports = createBuiltInPorts(createSystemClock(), token, gateway.listensOn);
});

afterEach(async () => {
  ports.close();
  await gateway.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** Asks over HTTP and over WebSocket, as the transports do; the errors' codes, or `answered`. */
function ask(port: number, host = '127.0.0.1'): Promise<readonly string[]> {
  const overHttp = new Promise<string>((resolve) => {
    const url = `http://${host}:${port}/v1/host/poll`;
    const sink = { onHead: () => resolve('answered'), onBytes: () => {}, onEnd: () => {} };
    ports.http.request(
      { method: 'GET', url, headers: [], body: null },
      { ...sink, onError: ({ code }) => resolve(code) },
    );
  });
  const overWebSocket = new Promise<string>((resolve) => {
    const answered = () => resolve('answered');
    ports.socket.open(
      { url: `ws://${host}:${port}/v1/host/ws`, headers: [], subprotocols: [] },
      {
        onOpen: answered,
        onMessage: () => {},
        onPing: () => {},
        onPong: () => {},
        onRefused: answered,
        onClose: answered,
        onError: ({ code }) => resolve(code),
      },
    );
  });
  return Promise.all([overHttp, overWebSocket]);
}

const nothing = ['ECONNREFUSED', 'ECONNREFUSED'];

describe('hostile 13: who took the port that the gateway had is never shown the token of this run', () => {
  it('not before its process has started, nor while it does not answer, nor when it cannot bind', async () => {
    expect(await ask(thief.port)).toEqual(nothing);
    gateway.start().catch(() => {});
    expect(await ask(thief.port)).toEqual(nothing);
    sinks[0]?.onMessage({ kind: 'failed', code: 'EADDRINUSE', message: 'taken' });
    expect(await ask(thief.port)).toEqual(nothing);
    sinks[0]?.onExit(1);
    expect(await ask(thief.port)).toEqual(nothing);
    expect(thief).toMatchObject({ heard: '', connections: 0 });
  });

  it('only where its process says that it listens, and no longer than the process is there', async () => {
    const own = await listening();
    gateway.start().catch(() => {});
    sinks[0]?.onMessage({ kind: 'listening', port: own.port });
    expect(await ask(own.port)).toEqual(['answered', 'answered']);
    expect(own.heard).toContain(`Bearer ${token}`);
    const { connections } = own;
    expect(await ask(thief.port)).toEqual(nothing);
    expect(await ask(own.port, 'localhost')).toEqual(nothing);
    sinks[0]?.onExit(139);
    // From now on it is anybody's.
    expect(await ask(own.port)).toEqual(nothing);
    clock.advance(200);
    expect(sinks).toHaveLength(2);
    expect(await ask(own.port)).toEqual(nothing);
    await gateway.hold();
    expect(await ask(own.port)).toEqual(nothing);
    expect(own.connections).toBe(connections);
    expect(thief).toMatchObject({ heard: '', connections: 0 });
  });

  it('the source is shown with its last address after a while, and dials nothing there', async () => {
    const pointed: string[] = [];
    const end = keepThisMachine({
      clock,
      gateway,
      settings: { current: () => ({ gatewayPort: thief.port }), change: async () => {} } as never,
      sources: { setThisMachine: async (url: string) => void pointed.push(url) } as never,
      log: createLog(() => {}),
    });
    clock.advance(3000);
    await expect.poll(() => pointed).toEqual([`http://127.0.0.1:${thief.port}/v1/host`]);
    expect(await ask(thief.port)).toEqual(nothing);
    expect(thief).toMatchObject({ heard: '', connections: 0 });
    end();
  });
});
