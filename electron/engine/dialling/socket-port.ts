import type { ClientRequest, IncomingMessage } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';
import type { PhaseTimings } from '../../../shared/evidence';
import { type BodyStart, collectBodyStart } from '../core/body-start';
import type { Clock } from '../core/clock';
import {
  type HttpHead,
  messageTooLargeCode,
  type NetworkFailure,
  type SocketExchange,
  type SocketPort,
  type SocketRequest,
  type SocketSink,
} from '../core/network';
import { type Dial, type Dialled, failureOf, targetOf } from './dial';
import { maxRedirects, redirectOf } from './redirect';

/** Largest message taken, bytes. */
const maxPayload = 16 * 1024 * 1024;
/** How long a close handshake may take, ms. */
const closeTimeout = 3000;

/** WebSocket over `ws`. No compression (it costs memory per connection), no redirects or timeouts of the library's own. */
export function createSocketPort(deps: { readonly dial: Dial; readonly clock: Clock }): SocketPort {
  return { open: (request, sink) => openSocket(deps.dial, deps.clock, request, sink) };
}

function openSocket(dial: Dial, clock: Clock, first: SocketRequest, sink: SocketSink): SocketExchange {
  const controller = new AbortController();
  let request = first;
  let redirects = 0;
  let over = false;
  let paused = false;
  let dialled: Dialled | null = null;
  let earlier = 0;
  let socket: WebSocket | null = null;
  let body: BodyStart | null = null;

  /** The one end. Everything below is let go of first, so that nothing can follow. */
  function finish(tell: () => void): void {
    if (over) return;
    over = true;
    letGo();
    tell();
  }

  function letGo(): void {
    controller.abort();
    body?.drop();
    earlier += dialled?.bytesRead() ?? 0;
    dialled?.socket.destroy();
    dialled = null;
    socket?.terminate();
    socket = null;
  }

  const fail = (failure: NetworkFailure) => finish(() => sink.onError(failure));

  async function attempt(): Promise<void> {
    try {
      const url = new URL(request.url);
      const connection = await dial(targetOf(url, 'websocket'), controller.signal);
      if (over) connection.socket.destroy();
      else upgrade(connection);
    } catch (error) {
      if (!over) fail(failureOf(error, 'handshake', 'BAD_REQUEST'));
    }
  }

  function upgrade(connection: Dialled): void {
    dialled = connection;
    let head: HttpHead = { status: 101, headers: [] };
    let socketError: Error | null = null;
    let opened = false;
    const askedAt = clock.now();
    const timings = (): PhaseTimings => ({ ...connection.timings, answerMs: clock.now() - askedAt });
    connection.socket.on('error', (error) => {
      socketError ??= error;
    });
    // `closeTimeout` is newer than the types.
    const options: ClientOptions & { readonly closeTimeout: number } = {
      createConnection: () => connection.socket,
      headers: headersOf(request),
      perMessageDeflate: false,
      followRedirects: false,
      maxPayload,
      closeTimeout,
    };
    const own = new WebSocket(request.url, [...request.subprotocols], options);
    socket = own;
    own.on('upgrade', (response: IncomingMessage) => {
      head = headOf(response);
    });
    own.on('open', () => {
      if (over) return;
      opened = true;
      if (paused) own.pause();
      sink.onOpen(head, timings(), own.protocol);
    });
    own.on('message', (data: Buffer, isBinary: boolean) => {
      if (!over) sink.onMessage(isBinary ? data : data.toString('utf8'));
    });
    own.on('ping', () => over || sink.onPing());
    own.on('pong', () => over || sink.onPong());
    own.on('unexpected-response', (upgradeRequest: ClientRequest, response: IncomingMessage) => {
      if (over || own !== socket) return;
      refused(connection, upgradeRequest, response, timings());
    });
    own.on('error', (error) => {
      // A socket that was redirected away from reports its end like any other.
      if (own === socket) fail(messageFailure(socketError ?? error, opened));
    });
    own.on('close', (code, reason) => {
      if (own !== socket) return;
      // 1006 says only that nothing was said. What the operating system said is worth more.
      if (code === 1006 && socketError) fail(messageFailure(socketError, opened));
      else finish(() => sink.onClose(code, reason.toString('utf8')));
    });
  }

  function refused(
    connection: Dialled,
    upgradeRequest: ClientRequest,
    response: IncomingMessage,
    timings: PhaseTimings,
  ): void {
    const head = headOf(response);
    const next = redirects < maxRedirects ? redirectOf(request, head) : null;
    if (next) {
      redirects += 1;
      request = { ...request, ...next };
      earlier += connection.bytesRead();
      dialled = null;
      socket = null;
      upgradeRequest.destroy();
      connection.socket.destroy();
      void attempt();
      return;
    }
    body = collectBodyStart(clock, (bodyStart) => finish(() => sink.onRefused(head, bodyStart, timings)));
    response.on('data', (chunk: Buffer) => body?.add(chunk));
    response.on('end', () => body?.end());
    response.on('error', () => body?.end());
    response.on('close', () => body?.end());
  }

  queueMicrotask(() => {
    if (!over) void attempt();
  });

  const whenOpen = () => (socket?.readyState === WebSocket.OPEN ? socket : null);

  return {
    bytesRead: () => earlier + (dialled?.bytesRead() ?? 0),
    bytesQueued: () => socket?.bufferedAmount ?? 0,
    send(text, flushed) {
      whenOpen()?.send(text, (error) => error || over || flushed());
    },
    ping(flushed) {
      whenOpen()?.ping(undefined, undefined, (error: Error) => error || over || flushed());
    },
    pause() {
      paused = true;
      whenOpen()?.pause();
    },
    resume() {
      paused = false;
      whenOpen()?.resume();
    },
    close(code, reason) {
      if (over) return;
      const open = whenOpen();
      if (open) {
        open.resume(); // the peer's close frame must be read
        open.close(code, reason);
      } else queueMicrotask(() => finish(() => sink.onClose(1006, '')));
    },
    destroy() {
      finish(() => {});
    },
  };
}

function messageFailure(error: Error, opened: boolean): NetworkFailure {
  const failure = failureOf(error, opened ? 'body' : 'handshake', 'WEBSOCKET_ERROR');
  return failure.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? { ...failure, code: messageTooLargeCode } : failure;
}

function headersOf(request: SocketRequest): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of request.headers) headers[name] = value;
  return headers;
}

function headOf(response: IncomingMessage): HttpHead {
  const headers: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < response.rawHeaders.length; at += 2) {
    headers.push([(response.rawHeaders[at] ?? '').toLowerCase(), response.rawHeaders[at + 1] ?? '']);
  }
  return { status: response.statusCode ?? 0, headers };
}
