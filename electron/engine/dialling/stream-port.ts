import type { Socket } from 'node:net';
import { parseUrl } from '../../../shared/url';
import type { Clock } from '../core/clock';
import { type Dress, noDress } from '../core/credential';
import {
  credentialFailedCode,
  type NetworkFailure,
  type StreamExchange,
  type StreamPort,
  type StreamSink,
} from '../core/network';
import { type Dial, type Dialled, failureOf, streamTargetOf } from './dial';
import { asItLeaves } from './leaving';
import { createPortions, type Portions } from './portions';
import { plainRequests, type RequestProfile } from './profile';

/** How long what is queued may take to leave when a stream is ended, ms. */
const closeTimeout = 3000;

export interface StreamPortDeps {
  readonly dial: Dial;
  readonly clock: Clock;
  readonly profile?: RequestProfile;
}

/** Bytes over the source's own dialler: its proxy, its TLS. Nothing is redirected here, so that all of it is for its own origin. */
export function createStreamPort(deps: StreamPortDeps): StreamPort {
  return { open: ({ url }, sink) => openStream(deps, url, sink) };
}

function openStream(
  { dial, clock, profile = plainRequests }: StreamPortDeps,
  url: string,
  sink: StreamSink,
): StreamExchange {
  const controller = new AbortController();
  let dress: Dress = noDress;
  let dialled: Dialled | null = null;
  let socket: Socket | null = null;
  let portions: Portions | null = null;
  let earlier = 0;
  let over = false;
  let paused = false;
  let full = false;

  function finish(tell: () => void): void {
    if (over) return;
    over = true;
    controller.abort();
    earlier += dialled?.bytesRead() ?? 0;
    dialled = null;
    portions?.drop();
    socket?.destroy();
    socket = null;
    tell();
  }

  const fail = (failure: NetworkFailure) => finish(() => sink.onError(failure));

  async function begin(): Promise<void> {
    try {
      if (profile.dress) dress = await profile.dress();
    } catch (error) {
      fail({ ...failureOf(error, 'request', credentialFailedCode), code: credentialFailedCode });
      return;
    }
    if (over) return;
    try {
      const address = parseUrl(url);
      if (!address) throw new TypeError(`Not an address: ${url}`);
      const connection = await dial(streamTargetOf(address), controller.signal);
      if (over) connection.socket.destroy();
      else listen(connection);
    } catch (error) {
      fail(failureOf(error, 'handshake', 'BAD_REQUEST'));
    }
  }

  function listen(connection: Dialled): void {
    dialled = connection;
    const own = connection.socket;
    socket = own;
    const given = createPortions(clock, {
      give: (bytes) => over || sink.onBytes(bytes),
      onFull() {
        full = true;
        own.pause();
      },
      onRoom() {
        full = false;
        if (!paused) own.resume();
      },
    });
    portions = given;
    own.on('error', (error) => {
      given.flush();
      fail(failureOf(error, 'body', 'ECONNRESET'));
    });
    own.on('data', (bytes: Buffer) => given.add(bytes));
    own.on('end', () => {
      given.flush();
      finish(() => sink.onEnd());
    });
    own.on('close', () => {
      given.flush();
      finish(() => sink.onEnd());
    });
    sink.onOpen(connection.timings);
    if (over) return;
    if (paused) given.hold();
    else own.resume();
  }

  queueMicrotask(() => {
    if (!over) void begin();
  });

  return {
    bytesRead: () => earlier + (dialled?.bytesRead() ?? 0),
    bytesQueued: () => socket?.writableLength ?? 0,
    send(said, flushed, places = false) {
      const leaving = asItLeaves(said, { fill: dress.fillMessage, places, elsewhere: false });
      if (leaving !== null) socket?.write(leaving, (error) => error || over || flushed());
    },
    pause() {
      paused = true;
      portions?.hold();
      socket?.pause();
    },
    resume() {
      paused = false;
      if (!full) socket?.resume();
      portions?.release();
    },
    end() {
      if (over) return;
      const ending = socket;
      if (!ending) return queueMicrotask(() => finish(() => sink.onEnd()));
      ending.end();
      clock.after(closeTimeout, () => finish(() => sink.onEnd()));
    },
    destroy() {
      finish(() => {});
    },
  };
}
