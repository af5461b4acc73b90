import type { PhaseTimings } from '../../../shared/evidence';
import type { Clock, Timer } from '../core/clock';
import type { NetworkFailure, StreamExchange, StreamSink } from '../core/network';
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

const timings: PhaseTimings = { dnsMs: 0, tcpMs: 1, proxyMs: null, tlsMs: null, answerMs: null };
/** What is sent at once comes in pieces of at most this, bytes: a packet's end is nowhere near a piece's. */
const mostOfPiece = 40;

/**
 * One bare stream against a fake host, under that host's weather: what is sent comes in pieces, and a cut may fall between any
 * two bytes. Whoever answers requests in the server's place here says so in HTTP, as such things do at any port.
 */
export function createFakeStreamExchange(
  deps: Deps,
  request: { readonly url: string },
  sink: StreamSink,
): StreamExchange {
  const { clock, random, host, ledger } = deps;
  const weather = host?.weather;
  const wire = weather ? createWire({ clock, random, weather, heard: ledger.heard }) : null;
  const bytesListeners: ((bytes: Uint8Array) => void)[] = [];
  const closedListeners: (() => void)[] = [];
  const timers = new Set<Timer>();
  let done = false;
  let open = false;
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

  function endOpen(how: Exclude<Strike, 'half-open'>): void {
    if (how === 'truncate' && open) {
      ledger.told('end');
      sink.onEnd();
    } else tellFailure(tcpFailure('ECONNRESET', open ? 'body' : 'handshake'));
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

  function send(bytes: Uint8Array): void {
    muted ||= weather?.upgrade.kind === 'mute';
    if (serverGone || muted) return;
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.slice(at, at + (weather?.drip ? 1 : Math.ceil(uniform(random, 0.1, mostOfPiece))));
      wire?.put(piece.length, () => sink.onBytes(piece), weather?.drip ? 1 : 0);
      at += piece.length;
    }
  }

  function end(): void {
    if (serverGone) return;
    wire?.put(0, () =>
      finish(() => {
        ledger.told('end');
        sink.onEnd();
      }),
    );
    loseServer();
  }

  /** Something else stands at this port, and takes what comes for a broken request. */
  function answerInHttp(status: number, body: string): void {
    send(Buffer.from(`HTTP/1.1 ${status} Not For You\r\n\r\n${body}`));
    end();
  }

  function arrive(): void {
    if (!host || !weather) finish(() => tellFailure(tcpFailure('ENOTFOUND', 'dns')));
    else if (weather.failure) {
      const { failure } = weather;
      finish(() => tellFailure(failure));
    } else if (weather.blackHole || weather.upgrade.kind === 'swallow') later(200, arrive);
    else if (weather.refuse || weather.upgrade.kind === 'refuse')
      finish(() => tellFailure(tcpFailure('ECONNREFUSED', 'tcp')));
    else accept(host);
  }

  function accept({ server, weather: now }: FakeHost): void {
    wire?.put(
      0,
      () => {
        open = true;
        sink.onOpen(timings);
      },
      now.handshakeMs,
    );
    if (now.captive) answerInHttp(200, portalPage);
    else if (now.answer) answerInHttp(now.answer.status, now.answer.body ?? '');
    else if (!server.stream) end();
    else {
      server.stream({
        request,
        send,
        end,
        onBytes: (listener) => bytesListeners.push(listener),
        onClosed: (listener) => closedListeners.push(listener),
      });
      if (now.cutAfterOpenMs !== null) later(now.cutAfterOpenMs, () => connection.strike('reset'));
    }
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

  /** The server's side hears only while it is there and the way is open. */
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
      const bytes = Buffer.from(leaving);
      const tell = (): void => {
        for (const listener of bytesListeners) listener(bytes);
      };
      if (!done) transmit(bytes.length, flushed, reachServer(tell));
    },
    pause: () => wire?.pause(),
    resume: () => wire?.resume(),
    end() {
      if (done) return;
      transmit(0, () => {}, reachServer(end));
      later(3000, () => finish(() => sink.onEnd()));
    },
    destroy: () => finish(() => {}),
  };
}
