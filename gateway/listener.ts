import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { requireKnownHost, requireOrigin, requireToken } from './auth';
import type { AttachRequest } from './delivery/attach';
import type { Hub } from './delivery/hub';
import { bodyOf, closingNow, headersOf, type Refusal, RefusedError, statusOf } from './errors';
import type { RouteContext } from './routes/context';
import { servePoll } from './routes/poll';
import { servePublish } from './routes/publish';
import { allow, attachRequestOf, type StreamTarget, type Target, targetOf } from './routes/request';
import { sendJson, serveSnapshot, serveStream } from './routes/snapshot';
import { serveSse } from './routes/sse';
import { serveWebSocket } from './routes/websocket';
import { isPreflight, preflightHeaders, sharingHeaders } from './sharing';
import { createStrangers } from './strangers';

/** How long a clean end waits for clients to take their goodbye, ms. */
const graceMs = 1_500;

function lastEventId({ headers }: IncomingMessage): string | undefined {
  const header = headers['last-event-id'];
  return Array.isArray(header) ? header[0] : header;
}

/** What is wrong with a request that Node could not read to its end. */
function unreadable(code: string | undefined): Refusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { kind: 'headers-too-large', message: 'The headers are over 16 KiB.', fix: 'Send fewer or shorter ones.' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { kind: 'too-slow', message: 'The request did not arrive in time.', fix: 'Send it faster.' };
    default:
      return { kind: 'bad-request', message: 'This is not HTTP.', fix: 'Send a request as RFC 9112 says.' };
  }
}

/** What may stand before the routes. A gateway has one in demo mode only. */
export interface Door {
  /** Sees a connection from its beginning on. */
  opened(socket: Socket): void;
  /** Whether it answers this path itself, to whom the gateway would answer. */
  serves(path: string): boolean;
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /**
   * Resolves when a request for a stream may go on.
   * @throws RefusedError
   */
  admit(target: StreamTarget): Promise<void>;
}

/** The HTTP side of a gateway: listens, routes, refuses, closes. */
export function createListener(context: RouteContext, door: Door | null) {
  const { config, counters } = context;
  const sockets = new Set<Socket>();
  const strangers = createStrangers(config.limits.strangers, config.limits.requestMs * 3);
  let port = config.port;
  let closedPromise: Promise<void> | null = null;

  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: config.limits.bodyBytes,
    // Pongs are sent by the route: they count in the client's queue as everything does.
    autoPong: false,
  });

  const server = createServer(
    // Idle connections of plain pollers must outlive their interval, or every other poll meets a connection that is just closing.
    {
      keepAliveTimeout: Math.max(60_000, config.pollIntervalMs * 2),
      headersTimeout: config.limits.requestMs,
      requestTimeout: config.limits.requestMs * 3,
      connectionsCheckingInterval: Math.max(50, config.limits.requestMs / 4),
      // Refused here, with the body that every refusal has.
      requireHostHeader: false,
    },
    (request, response) => {
      answer(request, response).catch((error: unknown) => refuse(response, refusalOf(error)));
    },
  );
  // The one too many is closed before it costs anything.
  server.maxConnections = config.limits.connections;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.setKeepAlive(true, 30_000);
    strangers.opened(socket);
    door?.opened(socket);
  });
  server.on('upgrade', (request, socket, head) => {
    // Without a listener of its own a reset during the handshake would end the process.
    socket.on('error', () => undefined);
    upgrade(request, socket, head).catch((error: unknown) => refuseRaw(socket, refusalOf(error)));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // Half an answer may have gone out on it: another one would be read as its rest.
    const { _httpMessage: current } = socket as Duplex & { readonly _httpMessage?: ServerResponse | null };
    if (current?.headersSent || !socket.writable) socket.destroy();
    else refuseRaw(socket, unreadable(error.code));
  });
  // Whatever else a client expects (RFC 9110 §10.1.1) is passed over: the answer shows what it gets.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  webSockets.on('wsClientError', (error, socket) => {
    refuseRaw(socket, {
      kind: 'bad-handshake',
      message: `This is not a WebSocket handshake: ${error.message}.`,
      fix: 'Open it as RFC 6455 says, version 13.',
    });
  });

  function refusalOf(error: unknown): Refusal {
    if (error instanceof RefusedError) {
      counters.refused += 1;
      return error.refusal;
    }
    // A client that goes in the middle of its body is nothing to tell: anybody can do it as often as they like.
    if (!isGone(error))
      context.log({
        level: 'error',
        message: `A request failed: ${error instanceof Error ? error.stack : String(error)}`,
      });
    return { kind: 'internal', message: 'Something went wrong here.', fix: 'Try again.' };
  }

  function refuse(response: ServerResponse, refusal: Refusal): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    // A body that was not read to its end would be taken for the next request; who is not let in keeps no place.
    const ends = refusal.kind === 'too-large' || (response.req !== undefined && strangers.has(response.req.socket));
    const close = ends ? { connection: 'close' } : {};
    const body = bodyOf(refusal);
    const length = { 'content-length': Buffer.byteLength(body) };
    response.writeHead(statusOf(refusal.kind), { ...headersOf(refusal), ...length, ...close });
    response.end(body);
  }

  /** On a connection that has no answer to write to: it ends with this. */
  function refuseRaw(socket: Duplex, refusal: Refusal): void {
    if (!socket.writable) return;
    const status = statusOf(refusal.kind);
    const body = bodyOf(refusal);
    const headers = { ...headersOf(refusal), 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
    // A peer that does not read never takes it.
    socket.once('close', () => clearTimeout(timer));
    const timer = setTimeout(() => socket.destroy(), config.limits.slowMs);
  }

  /** What every request passes before its route. */
  function admit(request: IncomingMessage): {
    readonly target: Target | { readonly kind: 'door' };
    readonly query: URLSearchParams;
  } {
    if (context.isClosing()) {
      throw closingNow();
    }
    const [path = '/', search = ''] = (request.url ?? '/').split('?', 2);
    const query = new URLSearchParams(search);
    if (request.headers.host === undefined && request.httpVersion === '1.1') {
      throw new RefusedError({
        kind: 'bad-request',
        field: 'Host',
        message: 'The Host header is missing.',
        fix: 'Send it, as RFC 9112 §3.2 says.',
      });
    }
    requireKnownHost(request, config.token, config.host, config.allowedOrigins);
    requireOrigin(request, config.allowedOrigins);
    if (path !== '/healthz') requireToken(request, query, config.token);
    if (path !== '/healthz' || config.token === null) strangers.admitted(request.socket);
    return { target: door?.serves(path) ? { kind: 'door' } : targetOf(path), query };
  }

  function requireSeat(): void {
    if (context.roster.size < config.limits.clients) return;
    throw new RefusedError({
      kind: 'busy',
      message: 'No more clients are let in.',
      fix: 'Come back later.',
      retryAfter: 5,
    });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // An answer that nobody takes must not wait in memory for ever.
    response.once('prefinish', () => response.setTimeout(config.limits.slowMs, () => request.socket.destroy()));
    for (const [name, value] of sharingHeaders(request, config.allowedOrigins)) response.setHeader(name, value);
    if (isPreflight(request, config.allowedOrigins)) {
      response.writeHead(204, preflightHeaders(request));
      response.end();
      return;
    }
    const { target, query } = admit(request);
    switch (target.kind) {
      case 'health':
        allow(request, 'GET');
        // Anyone may ask this, and nobody keeps a place by it.
        if (strangers.has(request.socket)) response.setHeader('connection', 'close');
        return sendJson(
          response,
          200,
          JSON.stringify({ kind: 'health', ok: true, instance: context.instance, clients: context.roster.size }),
        );
      case 'door':
        return door?.serve(request, response);
      case 'stream':
        await door?.admit(target);
        if (response.destroyed) return;
        return answerStream(request, response, target, query);
    }
  }

  async function answerStream(
    request: IncomingMessage,
    response: ServerResponse,
    { stream, route }: StreamTarget,
    query: URLSearchParams,
  ): Promise<void> {
    if (route === 'base' && request.method === 'POST') return servePublish(context, stream, request, response);
    if (route === 'base') allow(request, 'GET', 'POST');
    else allow(request, 'GET');
    switch (route) {
      case 'ws':
        throw new RefusedError({
          kind: 'upgrade-required',
          message: 'This address speaks WebSocket.',
          fix: 'Open it with a WebSocket client.',
        });
      case 'base':
        return serveStream(await context.hub(stream, false), response);
      case 'snapshot':
        return serveSnapshot(context, await context.hub(stream, false), response);
      case 'sse':
        requireSeat();
        return attachTo(stream, query, lastEventId(request), (hub, attach) =>
          serveSse(context, hub, request, response, attach),
        );
      case 'poll':
        requireSeat();
        return attachTo(stream, query, undefined, (hub, attach) =>
          servePoll(context, hub, request, response, attach, query),
        );
    }
  }

  /** Who brings a cursor knows the stream from before a restart: it is told to come back once there is one again. */
  async function attachTo(
    stream: string,
    query: URLSearchParams,
    lastEventId: string | undefined,
    serve: (hub: Hub, attach: AttachRequest) => void | Promise<void>,
  ): Promise<void> {
    const attach = attachRequestOf(query, lastEventId);
    await serve(await context.hub(stream, attach.cursor !== null), attach);
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { target, query } = admit(request);
    if (target.kind !== 'stream' || target.route !== 'ws') {
      throw new RefusedError({
        kind: 'no-route',
        message: 'This address does not speak WebSocket.',
        fix: 'Use /v1/{stream}/ws.',
      });
    }
    await door?.admit(target);
    requireSeat();
    await attachTo(target.stream, query, undefined, (hub, attach) => {
      if (!socket.destroyed) serveWebSocket(context, webSockets, hub, request, socket, head, attach);
    });
  }

  function listen(): Promise<{ readonly port: number }> {
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, config.host, () => {
        server.removeListener('error', reject);
        ({ port } = server.address() as AddressInfo);
        resolve({ port });
      });
    });
  }

  const stopListening = () => new Promise<void>((resolve) => server.close(() => resolve()));

  async function close(): Promise<void> {
    const stopped = stopListening();
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    // Idle keep-alive connections would hold the server open for their whole timeout.
    server.closeIdleConnections();
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    await stopped;
    while (sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    clearTimeout(timer);
    clearInterval(sweep);
  }

  return {
    listen,
    /** Takes nobody new; resolves when those who are here have gone. */
    stopListening,
    close(): Promise<void> {
      closedPromise ??= close();
      return closedPromise;
    },
    closed: () => closedPromise ?? Promise.resolve(),
  };
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}
