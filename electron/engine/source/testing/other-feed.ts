import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Gap } from '../../../../shared/gap';
import type { ProtocolName } from '../../../../shared/protocols';
import { reachSchema } from '../../../../shared/reach';
import { type SourceConfig, sourceSchema } from '../../../../shared/source';
import type { TransportKind } from '../../../../shared/transport';
import { createSystemClock } from '../../../node/clock';
import { createHostSignals } from '../../../node/host-signals';
import { createSystemRandom } from '../../../node/random';
import type { Timing } from '../../connection/timing';
import type { DeliveredEvent } from '../../core/delivery';
import type { Journal } from '../../core/journal';
import type { SecretReader } from '../../core/secrets';
import { createEngine } from '../../engine';
import { createVolatileJournal } from '../../journal/volatile';
import { inferLadder } from '../../protocols/ladder';
import { readThroughEventSource } from '../../transports/eventsource-reader';
import { createSourcePorts } from '../ports';

/** Feeds that are not our gateway, each as a server of its own over real sockets, and a source that watches one. */

const closers: (() => unknown)[] = [];

/** For `afterEach`: ends everything that was begun here, newest first. */
export async function endAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export const atEnd = (close: () => unknown): void => void closers.push(close);

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A server of its own on a free port: what it was asked, and how it answers. Without `onSocket` it upgrades nothing; an
 * address there is where it leads an upgrade.
 */
export async function serve(handle: Handle, onSocket?: ((socket: WebSocket) => void) | string) {
  const asked: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request);
    handle(request, response);
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, peer, head) => {
    asked.push(request);
    if (typeof onSocket === 'string') {
      peer.end(`HTTP/1.1 307 Temporary Redirect\r\nlocation: ${onSocket}\r\ncontent-length: 0\r\n\r\n`);
    } else if (onSocket) sockets.handleUpgrade(request, peer, head, onSocket);
    else peer.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** What a source says that logs in by its first message on open. */
export const saysFirst = {
  name: 'own',
  title: 'Messages on open',
  talk: { open: [{ send: '*secret.first*', login: true }] },
};

const firstMessage: SecretReader = {
  read: (name: string) => (name === 'first' ? '{"type":"auth","access_token":"bad"}' : null),
  onChange: () => () => {},
};

/** Real ports and a real clock. */
export function portsOf(secrets = firstMessage, proxy = 'DIRECT') {
  const clock = createSystemClock();
  const make = createSourcePorts({
    clock,
    random: createSystemRandom(),
    secrets,
    resolveProxy: async () => proxy,
    roots: () => [],
    run: async () => '',
  });
  return { clock, make };
}

/** What a person gets who types an address and lets the application tell what it is. */
export function inferredConfig(typed: string) {
  const found = inferLadder(typed, 'auto');
  if (!found.ok) throw new Error('no address');
  const { protocol, ladder } = found;
  return sourceSchema.parse({ id: 's', name: 'Feed', url: typed, protocol, inferred: true, ladder });
}

export function configOf(
  protocol: ProtocolName,
  rungs: readonly (readonly [TransportKind, string])[],
  reach: unknown = {},
  recipe?: unknown,
) {
  return sourceSchema.parse({
    id: 's',
    name: 'Feed',
    url: rungs[0]?.[1],
    protocol,
    ladder: rungs.map(([transport, url]) => ({ transport, url, intervalSeconds: 1 })),
    reach: reachSchema.parse(reach),
    recipe,
  });
}

export const watch = (
  protocol: ProtocolName,
  rungs: Parameters<typeof configOf>[1],
  reach: unknown = {},
  secrets?: SecretReader,
  proxy?: string,
  recipe?: unknown,
) =>
  watchConfig(configOf(protocol, rungs, reach, recipe), {
    ...(secrets ? { secrets } : {}),
    ...(proxy ? { proxy } : {}),
  });

/** The same with a login that is its first message on open. */
export const watchSaying = (protocol: ProtocolName, rungs: Parameters<typeof configOf>[1]) =>
  watch(protocol, rungs, {}, undefined, undefined, saysFirst);
export const watchTyped = (typed: string) => watchConfig(inferredConfig(typed));

/** Watches one source with the real engine and keeps what it tells. */
export async function watchConfig(
  config: SourceConfig,
  {
    journal = createVolatileJournal(),
    timing = {},
    secrets,
    proxy,
  }: {
    readonly journal?: Journal;
    readonly timing?: Partial<Timing>;
    readonly secrets?: SecretReader;
    readonly proxy?: string;
  } = {},
) {
  const { clock, make } = portsOf(secrets, proxy);
  const ports = make(config);
  const host = createHostSignals({ clock, online: () => true });
  const engine = createEngine({
    clock,
    random: createSystemRandom(),
    http: ports.http,
    socket: ports.socket,
    stream: ports.stream,
    portsOf: () => make(config),
    reader: readThroughEventSource,
    host,
    journal,
    timing,
  });
  const events: DeliveredEvent[] = [];
  const gaps: Gap[] = [];
  const states: string[] = [];
  engine.onEvents((_source, batch) => events.push(...batch));
  engine.onGaps((_source, batch) => gaps.push(...batch));
  engine.onTransition((_source, { to }) => states.push(to.kind === 'live' ? `live ${to.resync}` : to.kind));
  closers.push(async () => {
    await engine.close();
    ports.close();
    host.close();
  });
  await engine.addSource(config);
  const bodies = () => events.map(({ body }) => body);
  return { engine, view: () => engine.view('s'), events, gaps, states, bodies };
}
