import type { PhaseTimings } from '../../../shared/evidence';
import type { Clock, Timer } from '../core/clock';
import { bodyCutCode, type HttpExchange, type HttpRequest, type HttpSink, type NetworkFailure } from '../core/network';
import { type Random, uniform } from '../core/random';
import { type FakeConnection, type FakeHost, type Ledger, portalPage } from './fake-server';
import { createWire } from './wire';

interface Deps {
  readonly clock: Clock;
  readonly random: Random;
  readonly host: FakeHost | null;
  readonly ledger: Ledger;
}

const noTimings: PhaseTimings = { dnsMs: 0, tcpMs: 1, proxyMs: null, tlsMs: null, answerMs: 1 };
/** About what a head costs on the wire. */
const headBytes = 120;
/** What a buffering proxy collects before it passes anything on. */
const proxyBufferBytes = 4096;
/** What is longer comes whole through a slow way too: byte by byte it would take hours. */
const dripBytes = 100_000;

/** A failure at the TCP level, as an operating system would put it. */
export function tcpFailure(code: string, phase: NetworkFailure['phase']): NetworkFailure {
  return { phase, code, message: `${code} (simulated)`, certificate: null, proxy: null };
}

/** One HTTP exchange against a fake host, under that host's weather. */
export function createFakeHttpExchange(deps: Deps, request: HttpRequest, sink: HttpSink): HttpExchange {
  const { clock, random, host, ledger } = deps;
  const encoder = new TextEncoder();
  const weather = host?.weather;
  const closedListeners: (() => void)[] = [];
  let done = false;
  let serverGone = false;
  let headSent = false;
  let held = '';
  let requestTimer: Timer | null = null;
  let holdTimer: Timer | null = null;
  const isSse = request.headers.some(
    ([name, value]) => name.toLowerCase() === 'accept' && value.includes('event-stream'),
  );

  const connection: FakeConnection = {
    strike(how) {
      if (done || how === 'reserved-close' || how === 'broken-frame') return;
      loseServer();
      if (how === 'half-open') wire?.sever();
      else
        wire?.cut(() =>
          fail(tcpFailure(how === 'truncate' && headSent ? bodyCutCode : 'ECONNRESET', headSent ? 'body' : 'request')),
        );
    },
  };

  const wire = weather ? createWire({ clock, random, weather, heard: ledger.heard }) : null;
  ledger.add(connection);

  function fail(failure: NetworkFailure): void {
    finish(() => {
      ledger.told(`errno ${failure.code}`);
      sink.onError(failure);
    });
  }

  /** The server notices that its client is gone. */
  function loseServer(): void {
    if (serverGone) return;
    serverGone = true;
    holdTimer?.cancel();
    for (const listener of closedListeners) listener();
  }

  function finish(tell: () => void): void {
    if (done) return;
    done = true;
    ledger.remove(connection);
    wire?.destroy();
    requestTimer?.cancel();
    loseServer();
    tell();
  }

  function sendHead(status: number, headers: readonly (readonly [string, string])[]): void {
    if (headSent || serverGone) return;
    headSent = true;
    const lower = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
    const tell = (): void => {
      ledger.told(`status ${status}`);
      sink.onHead({ status, headers: lower }, noTimings);
    };
    wire?.put(headBytes, tell, weather?.handshakeMs ?? 0);
  }

  function sendBytes(text: string): void {
    const chunk = encoder.encode(text);
    if (weather?.drip && chunk.length < dripBytes) {
      for (let at = 0; at < chunk.length; at += 1) {
        const piece = chunk.slice(at, at + 1);
        wire?.put(1, () => sink.onBytes(piece), 1);
      }
    } else if (chunk.length > 0) wire?.put(chunk.length, () => sink.onBytes(chunk));
  }

  function write(text: string): void {
    if (serverGone) return;
    if (isSse && weather?.sse === 'buffer') {
      held += text;
      if (held.length < proxyBufferBytes) return;
      sendBytes(held);
      held = '';
      return;
    }
    sendBytes(held + text);
    held = '';
  }

  function end(): void {
    if (serverGone) return;
    if (held !== '') sendBytes(held);
    held = '';
    const tell = (): void => {
      ledger.told('end');
      sink.onEnd();
    };
    wire?.put(0, () => finish(tell));
    loseServer();
  }

  function answer(status: number, headers: readonly (readonly [string, string])[], body: string): void {
    sendHead(status, headers);
    sendBytes(body);
    end();
  }

  /** The request has crossed the network; who answers? */
  function arrive(): void {
    requestTimer = null;
    if (!host || !weather) {
      fail(tcpFailure('ENOTFOUND', 'dns'));
    } else if (weather.failure) {
      fail(weather.failure);
    } else if (weather.blackHole) {
      requestTimer = clock.after(200, arrive);
    } else if (weather.refuse) {
      fail(tcpFailure('ECONNREFUSED', 'tcp'));
    } else if (weather.captive) {
      answer(200, [['content-type', 'text/html']], portalPage);
    } else if (weather.answer) {
      answer(weather.answer.status, weather.answer.headers, weather.answer.body ?? '');
    } else if (isSse && weather.sse === 'refuse') {
      answer(403, [['content-type', 'text/plain']], 'no streaming here');
    } else serve(host);
  }

  /** The request reaches the server; a proxy on the way may limit how long an answer is held. */
  function serve({ server, weather }: FakeHost): void {
    if (weather.cutHoldMs !== null && request.url.includes('wait=') && !request.url.includes('wait=0')) {
      holdTimer = clock.after(weather.cutHoldMs, () => {
        if (headSent) connection.strike('reset');
        else answer(504, [['content-type', 'text/plain']], 'gateway timeout');
      });
    }
    server.exchange({
      request,
      head: sendHead,
      write,
      end,
      onClosed: (listener) => closedListeners.push(listener),
    });
  }

  const latency = weather ? uniform(random, weather.latencyMs[0], weather.latencyMs[1]) : 1;
  requestTimer = clock.after(latency, arrive);

  return {
    bytesRead: () => wire?.bytesRead() ?? 0,
    pause: () => wire?.pause(),
    resume: () => wire?.resume(),
    destroy: () => finish(() => {}),
  };
}
