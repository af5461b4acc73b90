import type { ClientRequest, IncomingMessage } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';
import type { PhaseTimings } from '../../../shared/evidence';
import { type BodyStart, collectBodyStart } from '../core/body-start';
import type { Clock } from '../core/clock';
import { type Dress, noDress } from '../core/credential';
import {
  badEncodingCode,
  credentialFailedCode,
  type HttpHead,
  messageTooLargeCode,
  type NetworkFailure,
  type SocketExchange,
  type SocketPort,
  type SocketRequest,
  type SocketSink,
} from '../core/network';
import { type Dial, type Dialled, failureOf, targetOf } from './dial';
import { bombWords } from './expansion';
import { asItLeaves } from './leaving';
import { plainRequests, type RequestProfile } from './profile';
import { maxRedirects, redirectOf } from './redirect';
import { dressed, moved, subprotocolsOf, withCookies } from './request-dress';
import { type SlicedReads, sliceReads } from './sliced-reads';
import { answerPings, bombWatch, oncePerRead } from './socket-heard';

/** Largest message taken, bytes. */
const maxPayload = 16 * 1024 * 1024;
/** How long a close handshake may take, ms. */
const closeTimeout = 3000;

export interface SocketPortDeps {
  readonly dial: Dial;
  readonly clock: Clock;
  readonly profile?: RequestProfile;
}

/**
 * WebSocket over `ws`, without redirects or timeouts of the library's own. Compression (RFC 7692) only where a source
 * wants it: it costs memory per connection.
 */
export function createSocketPort(deps: SocketPortDeps): SocketPort {
  return { open: (request, sink) => openSocket(deps, request, sink) };
}

function openSocket(deps: SocketPortDeps, first: SocketRequest, sink: SocketSink): SocketExchange {
  const { dial, clock, profile = plainRequests } = deps;
  const controller = new AbortController();
  let request = first;
  let dress: Dress = noDress;
  let redirects = 0;
  /** A redirect led to another origin; from there on none is the source's own again. */
  let elsewhere = false;
  let over = false;
  let paused = false;
  let dialled: Dialled | null = null;
  let earlier = 0;
  let socket: WebSocket | null = null;
  let reads: SlicedReads | null = null;
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
    reads?.drop();
    socket?.terminate();
    socket = null;
  }

  const fail = (failure: NetworkFailure) => finish(() => sink.onError(failure));

  async function begin(): Promise<void> {
    try {
      if (profile.dress) dress = await profile.dress();
    } catch (error) {
      if (!over) fail({ ...failureOf(error, 'request', credentialFailedCode), code: credentialFailedCode });
      return;
    }
    if (over) return;
    try {
      request = dressed(request, profile, dress);
    } catch (error) {
      fail(failureOf(error, 'handshake', 'BAD_REQUEST'));
      return;
    }
    await attempt();
  }

  async function attempt(): Promise<void> {
    try {
      const url = new URL(request.url);
      const connection = await dial(targetOf(url, 'websocket', elsewhere), controller.signal);
      connection.socket.on('error', () => {}); // heard by nobody while the jar is brought
      await profile.jar?.ready();
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
    // Asked once: the library puts the list of extensions together anew each time.
    let compressed = false;
    const askedAt = clock.now();
    const timings = (): PhaseTimings => ({ ...connection.timings, answerMs: clock.now() - askedAt });
    connection.socket.on('error', (error) => {
      socketError ??= error;
    });
    // `closeTimeout` is newer than the types.
    const options: ClientOptions & { readonly closeTimeout: number } = {
      createConnection: () => connection.socket,
      headers: headersOf(withCookies(request, profile)),
      perMessageDeflate: profile.compression,
      followRedirects: false,
      maxPayload,
      closeTimeout,
      autoPong: false,
    };
    // Some servers take a token as a subprotocol: those that were entered are for the source's own origin.
    const entered = elsewhere ? [] : (profile.subprotocols ?? []);
    const subprotocols = [...new Set(subprotocolsOf([...request.subprotocols, ...entered], dress))];
    const own = new WebSocket(request.url, subprotocols, options);
    socket = own;
    connection.socket.resume();
    own.on('upgrade', (response: IncomingMessage) => {
      head = { ...headOf(response), ...(elsewhere ? { elsewhere } : {}) };
      profile.jar?.take(new URL(request.url), head);
      reads = sliceReads(connection.socket, clock);
    });
    own.on('open', () => {
      if (over) return;
      opened = true;
      compressed = own.extensions !== '';
      if (paused) pause(own);
      profile.onSubprotocol?.(own.protocol === '' ? null : own.protocol);
      sink.onOpen(head, timings(), own.protocol);
    });
    const isBomb = bombWatch(connection);
    own.on('message', (data: Buffer, isBinary: boolean) => {
      if (over) return;
      if (compressed && isBomb(data.length)) {
        const failure = failureOf(null, 'body', badEncodingCode);
        return fail({ ...failure, message: `permessage-deflate, ${bombWords}` });
      }
      sink.onMessage(isBinary ? data : data.toString(), data.length);
    });
    const answer = answerPings(own);
    const pinged = oncePerRead(() => over || sink.onPing());
    own.on('ping', (data: Buffer) => {
      if (over) return;
      answer(data);
      pinged();
    });
    own.on(
      'pong',
      oncePerRead(() => over || sink.onPong()),
    );
    own.on('unexpected-response', (upgradeRequest: ClientRequest, response: IncomingMessage) => {
      if (over || own !== socket) return;
      refused(connection, upgradeRequest, response, timings());
    });
    own.on('error', (error) => {
      // A socket that was redirected away from reports its end like any other.
      if (own === socket) fail(messageFailure(socketError ?? error, opened, own));
    });
    own.on('close', (code, reason) => {
      if (own !== socket) return;
      // 1006 says only that nothing was said. What the operating system said is worth more.
      if (code === 1006 && socketError) fail(messageFailure(socketError, opened, own));
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
    profile.jar?.take(new URL(request.url), head);
    const next = redirects < maxRedirects ? redirectOf(request, head) : null;
    if (next) {
      redirects += 1;
      request = { ...request, ...moved(next, dress) };
      if (!next.sameOrigin) {
        elsewhere = true;
        dress = noDress;
      }
      earlier += connection.bytesRead();
      dialled = null;
      socket = null;
      upgradeRequest.destroy();
      connection.socket.destroy();
      void attempt();
      return;
    }
    body = collectBodyStart(clock, head, (bodyStart) => finish(() => sink.onRefused(head, bodyStart, timings)));
    response.on('data', (chunk: Buffer) => body?.add(chunk));
    response.on('end', () => body?.end());
    response.on('error', () => body?.end());
    response.on('close', () => body?.end());
  }

  queueMicrotask(() => {
    if (!over) void begin();
  });

  function pause(open: WebSocket): void {
    reads?.hold();
    open.pause();
  }

  function resume(open: WebSocket): void {
    open.resume();
    reads?.release();
  }

  const whenOpen = () => (socket?.readyState === WebSocket.OPEN ? socket : null);

  return {
    bytesRead: () => earlier + (dialled?.bytesRead() ?? 0),
    bytesQueued: () => socket?.bufferedAmount ?? 0,
    send(said, flushed, places = false) {
      const leaving = asItLeaves(said, { fill: dress.fillMessage, places, elsewhere });
      if (leaving !== null) whenOpen()?.send(leaving, (error) => error || over || flushed());
    },
    ping(flushed) {
      whenOpen()?.ping(undefined, undefined, (error: Error) => error || over || flushed());
    },
    pause() {
      paused = true;
      const open = whenOpen();
      if (open) pause(open);
    },
    resume() {
      paused = false;
      const open = whenOpen();
      if (open) resume(open);
    },
    close(code, reason) {
      if (over) return;
      const open = whenOpen();
      if (open) {
        resume(open); // the peer's close frame must be read
        open.close(code, reason);
      } else queueMicrotask(() => finish(() => sink.onClose(1006, '')));
    },
    destroy() {
      finish(() => {});
    },
  };
}

function messageFailure(error: Error, opened: boolean, socket: WebSocket): NetworkFailure {
  const failure = failureOf(error, opened ? 'body' : 'handshake', 'WEBSOCKET_ERROR');
  if (!/^WS_ERR_UNSUPPORTED_(MESSAGE|DATA_PAYLOAD)_LENGTH$/.test(failure.code)) return failure;
  const bytes = namedLength(socket);
  return { ...failure, code: messageTooLargeCode, ...(bytes === null ? {} : { bytes }) };
}

/**
 * The length that the head of the message just refused names. `ws` has read it and tells it nowhere: it is taken from its
 * receiver, where a whole message in one uncompressed frame is refused; of anything else the head says less than the size.
 */
function namedLength(socket: WebSocket): number | null {
  const receiver: unknown = '_receiver' in socket ? socket._receiver : null;
  if (typeof receiver !== 'object' || receiver === null) return null;
  const told = (name: string): unknown => Reflect.get(receiver, name);
  if (told('_fin') !== true || told('_fragmented') !== 0 || told('_compressed') !== false) return null;
  const length = told('_payloadLength');
  return typeof length === 'number' && length > maxPayload ? length : null;
}

function headersOf(pairs: SocketRequest['headers']): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of pairs) headers[name] = value;
  return headers;
}

function headOf(response: IncomingMessage): HttpHead {
  const headers: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < response.rawHeaders.length; at += 2) {
    headers.push([(response.rawHeaders[at] ?? '').toLowerCase(), response.rawHeaders[at + 1] ?? '']);
  }
  return { status: response.statusCode ?? 0, headers };
}
