import type { PhaseTimings } from '../../../shared/evidence';
import type { Clock, Timer } from '../core/clock';
import {
  invalidCloseCode,
  type NetworkFailure,
  type SocketExchange,
  type SocketRequest,
  type SocketSink,
} from '../core/network';
import { type Random, uniform } from '../core/random';
import { isSealed } from '../core/said';
import { tcpFailure } from './fake-http';
import { type FakeConnection, type FakeHost, type Ledger, portalPage, type Strike } from './fake-server';
import { createWire } from './wire';

interface Deps {
  readonly clock: Clock;
  readonly random: Random;
  readonly host: FakeHost | null;
  readonly ledger: Ledger;
}

const timings: PhaseTimings = { dnsMs: 0, tcpMs: 1, proxyMs: null, tlsMs: null, answerMs: 1 };
const frameHeaderBytes = 4;

/** What the client's own library finds wrong, and ends the connection for. */
const brokenBy: Partial<Record<Strike, string>> = {
  'reserved-close': invalidCloseCode,
  'broken-frame': 'WS_ERR_INVALID_OPCODE',
};

/** One WebSocket against a fake host: frames, flush, bytesRead and pause, under that host's weather. */
export function createFakeSocketExchange(deps: Deps, request: SocketRequest, sink: SocketSink): SocketExchange {
  const { clock, random, host, ledger } = deps;
  const weather = host?.weather;
  const wire = weather ? createWire({ clock, random, weather, heard: ledger.heard }) : null;
  const messageListeners: ((data: string | Uint8Array) => void)[] = [];
  const closedListeners: (() => void)[] = [];
  const timers = new Set<Timer>();
  let done = false;
  let accepted = false;
  let muted = false;
  let serverGone = false;
  let queued = 0;
  /** When the last that left reaches the server, monotonic ms. */
  let reachesAt = 0;
  /** What waits for a jammed kernel. */
  let unsent: { readonly bytes: number; readonly flushed: () => void; readonly arrive: () => void }[] = [];

  const connection: FakeConnection = {
    strike(how) {
      if (done) return;
      loseServer();
      if (how === 'half-open') wire?.sever();
      else wire?.cut(() => finish(() => endOpen(how)));
    },
  };
  ledger.add(connection);

  /** A reset is an error of the socket; a FIN without a close frame is 1006. */
  function endOpen(how: Exclude<Strike, 'half-open'>): void {
    const code = brokenBy[how];
    if (code !== undefined && accepted) tellFailure(tcpFailure(code, 'body'));
    else if (how === 'truncate' && accepted) {
      ledger.told('close 1006');
      sink.onClose(1006, '');
    } else tellFailure(tcpFailure('ECONNRESET', accepted ? 'body' : 'handshake'));
  }

  function tellFailure(failure: NetworkFailure): void {
    ledger.told(`errno ${failure.code}`);
    sink.onError(failure);
  }

  function later(ms: number, callback: () => void): void {
    const timer = clock.after(ms, () => {
      timers.delete(timer);
      callback();
    });
    timers.add(timer);
  }

  function latency(): number {
    return weather ? uniform(random, weather.latencyMs[0], weather.latencyMs[1]) : 1;
  }

  function loseServer(): void {
    if (serverGone) return;
    serverGone = true;
    for (const listener of closedListeners) listener();
  }

  function finish(tell: () => void): void {
    if (done) return;
    done = true;
    ledger.remove(connection);
    wire?.destroy();
    for (const timer of timers) timer.cancel();
    timers.clear();
    loseServer();
    tell();
  }

  function refuse(status: number, headers: readonly (readonly [string, string])[], body: string): void {
    const lower = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
    wire?.put(
      120 + body.length,
      () =>
        finish(() => {
          ledger.told(`status ${status}`);
          sink.onRefused({ status, headers: lower }, body.slice(0, 512), timings);
        }),
      weather?.handshakeMs ?? 0,
    );
    loseServer();
  }

  function accept(): void {
    if (serverGone) return;
    wire?.put(
      150,
      () => {
        accepted = true;
        sink.onOpen({ status: 101, headers: [['upgrade', 'websocket']] }, timings, '');
      },
      weather?.handshakeMs ?? 0,
    );
    if (weather && weather.cutAfterOpenMs !== null) later(weather.cutAfterOpenMs, () => connection.strike('reset'));
  }

  /** A stream of which something was swallowed brings nothing more: no byte of TCP is ever left out. */
  function isMute(): boolean {
    muted ||= weather?.upgrade.kind === 'mute';
    return muted;
  }

  function deliver(said: string | Uint8Array, bytes?: number): void {
    if (serverGone || isMute()) return;
    const tell = (): void => sink.onMessage(said, bytes);
    if (weather?.drip) {
      for (let at = 0; at < said.length; at += 1) wire?.put(1, null, 1);
      wire?.put(frameHeaderBytes, tell);
    } else wire?.put(said.length + frameHeaderBytes, tell);
  }

  /** A process that stands still answers no ping. */
  function answerPing(): void {
    if (isMute()) return;
    if (host?.server.alive?.(request.url) ?? true) wire?.put(2, () => sink.onPong());
  }

  function close(code: number, reason: string): void {
    if (serverGone) return;
    const tell = (): void => {
      ledger.told(`close ${code}`);
      sink.onClose(code, reason);
    };
    wire?.put(frameHeaderBytes, () => finish(tell));
    loseServer();
  }

  function arrive(): void {
    if (!host || !weather) {
      finish(() => tellFailure(tcpFailure('ENOTFOUND', 'dns')));
    } else if (weather.failure) {
      const { failure } = weather;
      finish(() => tellFailure(failure));
    } else if (weather.blackHole || weather.upgrade.kind === 'swallow') {
      later(200, arrive);
    } else if (weather.refuse) {
      finish(() => tellFailure(tcpFailure('ECONNREFUSED', 'tcp')));
    } else if (weather.captive) {
      refuse(200, [['content-type', 'text/html']], portalPage);
    } else if (weather.answer) {
      refuse(weather.answer.status, weather.answer.headers, weather.answer.body ?? '');
    } else if (weather.upgrade.kind === 'refuse') {
      refuse(weather.upgrade.status, [['content-type', 'text/plain']], 'no upgrade');
    } else serve(host);
  }

  function serve({ server }: FakeHost): void {
    server.socket({
      request,
      accept,
      refuse,
      send: deliver,
      close,
      onMessage: (listener) => messageListeners.push(listener),
      onClosed: (listener) => closedListeners.push(listener),
    });
  }

  /** Hands bytes to the kernel; it takes them at once, unless jammed: then when the jam ends. */
  function transmit(bytes: number, flushed: () => void, delivered: () => void): void {
    queued += bytes;
    unsent.push({ bytes, flushed, arrive: delivered });
    drain();
  }

  function drain(): void {
    if (done || unsent.length === 0) return;
    if (weather?.jam) {
      later(200, drain);
      return;
    }
    const batch = unsent;
    unsent = [];
    later(0, () => {
      for (const item of batch) {
        queued -= item.bytes;
        item.flushed();
        if (done) return;
        // What leaves on one connection arrives in order.
        reachesAt = Math.max(reachesAt, clock.now() + latency());
        later(reachesAt - clock.now(), item.arrive);
      }
    });
  }

  /** The server's side answers only while it is there and the way is open. */
  function reachServer(act: () => void): () => void {
    const attempt = (): void => {
      if (serverGone) return;
      if (weather?.blackHole) later(200, attempt);
      else act();
    };
    return attempt;
  }

  later(latency(), arrive);

  return {
    bytesRead: () => wire?.bytesRead() ?? 0,
    bytesQueued: () => queued,
    send(said, flushed) {
      const leaving = isSealed(said) ? said.compose((text) => text) : said;
      const tell = (): void => {
        for (const listener of messageListeners) listener(leaving);
      };
      if (!done) transmit(leaving.length, flushed, reachServer(tell));
    },
    ping(flushed) {
      if (!done) transmit(6, flushed, reachServer(answerPing));
    },
    pause: () => wire?.pause(),
    resume: () => wire?.resume(),
    close(code, reason) {
      if (done) return;
      transmit(
        8 + reason.length,
        () => {},
        reachServer(() => close(code, reason)),
      );
      later(3000, () => finish(() => sink.onClose(1006, '')));
    },
    destroy: () => finish(() => {}),
  };
}
