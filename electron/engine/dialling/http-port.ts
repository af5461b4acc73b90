import type { PhaseTimings } from '../../../shared/evidence';
import type { Clock } from '../core/clock';
import type { Dress } from '../core/credential';
import { noDress } from '../core/credential';
import {
  bodyCutCode,
  credentialFailedCode,
  type HttpExchange,
  type HttpPort,
  type HttpRequest,
  type HttpSink,
  type NetworkFailure,
} from '../core/network';
import { type BodyDecoder, offeredEncodings } from './decode-body';
import { type Dial, failureOf } from './dial';
import { createEncodedBody } from './encoded-body';
import { wantsHttp1Code } from './http2-speaker';
import { createLanes, type Lane, type Lanes } from './lane';
import { asItLeaves } from './leaving';
import { createPortions, type Portions } from './portions';
import { plainRequests, type RequestProfile } from './profile';
import { isProxysOwn, proxyRefusal } from './proxy-words';
import { maxRedirects, redirectOf } from './redirect';
import { dressed, moved, withCookies } from './request-dress';
import { cutCode } from './speaker';

/** Phases of an exchange on a connection that was there already. */
const reusedTimings: PhaseTimings = { dnsMs: null, tcpMs: null, proxyMs: null, tlsMs: null, answerMs: null };

export interface HttpPortDeps {
  readonly dial: Dial;
  readonly clock: Clock;
  readonly profile?: RequestProfile;
}

/**
 * HTTP/1.1 by undici, HTTP/2 by Node: no timeouts of its own (watchdogs decide), bytes counted at the socket, back-pressure
 * down to the kernel. Idle connections stay for 10 s; `close` ends them and everything in flight, silently.
 */
export function createHttpPort({ dial, clock, profile = plainRequests }: HttpPortDeps): HttpPort & { close(): void } {
  const lanes = createLanes(dial, clock);
  const running = new Set<HttpExchange>();
  return {
    request(request, sink) {
      const exchange = createExchange({ lanes, clock, profile, ended: () => running.delete(exchange) }, request, sink);
      running.add(exchange);
      return exchange;
    },
    close() {
      for (const exchange of [...running]) exchange.destroy();
      lanes.close();
    },
  };
}

interface ExchangeDeps {
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly profile: RequestProfile;
  ended(): void;
}

function createExchange(deps: ExchangeDeps, first: HttpRequest, sink: HttpSink): HttpExchange {
  const { lanes, clock, profile } = deps;
  const controller = new AbortController();
  let request = first;
  let dress: Dress = noDress;
  /** The body as it leaves. */
  let leaving: string | Uint8Array | null = null;
  let lane: Lane | null = null;
  let decoder: BodyDecoder | null = null;
  let redirects = 0;
  /** A redirect led to another origin; from there on none is the source's own again. */
  let elsewhere = false;
  let over = false;
  let paused = false;
  /** More has been read than is handed on, or than is decoded. */
  let full = false;
  let behind = false;
  /** The body of the answer, as it comes. */
  let portions: Portions | null = null;
  /** Bytes of earlier connections of this exchange, and what the present one had read before it. */
  let earlier = 0;
  let base = 0;

  function bytesRead(): number {
    return earlier + (lane ? lane.dialled.bytesRead() - base : 0);
  }

  function leaveLane(): void {
    earlier = bytesRead();
    const left = lane;
    lane = null;
    left?.destroy();
  }

  /** The one end: nothing of this exchange is left, and nothing follows. */
  function finish(): void {
    over = true;
    controller.abort();
    portions?.drop();
    decoder?.destroy();
    leaveLane();
    deps.ended();
  }

  function fail(failure: NetworkFailure): void {
    if (over) return;
    finish();
    sink.onError(failure);
  }

  function holdOrFlow(): void {
    if (paused || full || behind) lane?.hold();
    else lane?.release();
  }

  async function begin(): Promise<void> {
    try {
      if (profile.dress) dress = await profile.dress();
      if (over) return;
      request = dressed(request, profile, dress);
      const { body, places = false } = request;
      // It goes to the address that was entered, or nowhere: what has a body is never led on.
      if (body !== null) leaving = asItLeaves(body, { fill: dress.fillMessage, places, elsewhere: false });
      if (profile.compression && !request.headers.some(([name]) => name.toLowerCase() === 'accept-encoding')) {
        request = { ...request, headers: [...request.headers, ['accept-encoding', offeredEncodings]] };
      }
    } catch (error) {
      fail({ ...failureOf(error, 'request', credentialFailedCode), code: credentialFailedCode });
      return;
    }
    await start(request.method === 'POST');
  }

  async function start(fresh: boolean): Promise<void> {
    try {
      const { origin } = new URL(request.url);
      const idle = fresh ? null : lanes.idle(origin, elsewhere);
      const own = idle ?? (await lanes.open(origin, elsewhere, controller.signal));
      await profile.jar?.ready();
      if (over) own.destroy();
      else ask(own, idle !== null);
    } catch (error) {
      fail(failureOf(error, 'request', 'BAD_REQUEST'));
    }
  }

  function ask(own: Lane, reused: boolean): void {
    const url = new URL(request.url);
    const { dialled } = own;
    const absolute = dialled.via?.absolute ?? null;
    const headers = [...withCookies(request, profile)];
    if (absolute?.authorization) headers.push(['proxy-authorization', absolute.authorization]);
    lane = own;
    base = dialled.bytesRead();
    if (paused) own.hold();
    let writtenAt: number | null = null;
    let headCame = false;
    const isMine = () => !over && lane === own;
    const path = `${absolute ? url.origin : ''}${url.pathname}${url.search}`;

    own.ask(
      { path, method: request.method, headers, body: leaving },
      {
        onWritten() {
          writtenAt = clock.now();
        },
        onHead(status, statusText, headers) {
          if (!isMine()) return;
          headCame = true;
          const answer = { status, statusText, headers };
          if (absolute && dialled.via && isProxysOwn(answer)) {
            fail(proxyRefusal(dialled.via.proxy, answer));
            return;
          }
          profile.jar?.take(url, answer);
          const next = request.body === null ? redirectOf(request, answer) : null;
          if (next && redirects < maxRedirects) {
            redirects += 1;
            request = { ...request, ...moved(next, dress) };
            if (!next.sameOrigin) {
              elsewhere = true;
              dress = noDress;
            }
            leaveLane();
            void start(false);
            return;
          }
          const timings = reused ? reusedTimings : dialled.timings;
          const whole = { ...timings, answerMs: writtenAt === null ? null : clock.now() - writtenAt };
          const body = createEncodedBody(
            clock,
            { status, headers, ...(elsewhere ? { elsewhere } : {}) },
            {
              onHead: (head) => over || sink.onHead(head, whole),
              onBytes: (chunk) => over || sink.onBytes(chunk),
              onDrain() {
                behind = false;
                holdOrFlow();
              },
              onEnd: () => complete(own),
              onError: fail,
            },
          );
          // Its head may have been taken as a reason to end it.
          if (over) return body?.destroy();
          decoder = body;
          if (paused) body?.pause();
          portions = portionsOf(body);
        },
        onData(chunk) {
          if (!isMine()) return;
          portions?.add(chunk);
        },
        onEnd() {
          if (!isMine()) return;
          afterBody(() => (decoder ? decoder.end() : complete(own)));
        },
        onError(error) {
          if (!isMine()) return;
          if (isWish(error)) lanes.onlyHttp1(own.origin);
          // The server closed an idle connection just as we came back to it: nobody has seen this request. Nor has
          // anybody who wants it asked over HTTP/1.1.
          if ((reused || isWish(error)) && !headCame && request.method === 'GET') {
            leaveLane();
            void start(true);
          } else afterBody(() => fail(bodyFailure(error, headCame, writtenAt !== null)));
        },
      },
    );
  }

  function portionsOf(body: BodyDecoder | null): Portions {
    const made = createPortions(clock, {
      give(bytes) {
        if (body === null) sink.onBytes(bytes);
        else if (!body.write(bytes)) {
          behind = true;
          holdOrFlow();
        }
      },
      onFull() {
        full = true;
        holdOrFlow();
      },
      onRoom() {
        full = false;
        holdOrFlow();
      },
    });
    if (paused) made.hold();
    return made;
  }

  /** What came of the body is before its end, whichever that is. */
  function afterBody(act: () => void): void {
    if (portions) portions.end(act);
    else act();
  }

  function complete(own: Lane): void {
    if (over) return;
    over = true;
    earlier = bytesRead();
    lane = null;
    lanes.giveBack(own);
    deps.ended();
    sink.onEnd();
  }

  queueMicrotask(() => {
    if (!over) void begin();
  });

  return {
    bytesRead,
    pause() {
      paused = true;
      if (over) return;
      holdOrFlow();
      portions?.hold();
      decoder?.pause();
    },
    resume() {
      paused = false;
      if (over) return;
      holdOrFlow();
      portions?.release();
      decoder?.resume();
    },
    destroy() {
      if (!over) finish();
    },
  };
}

/** Whether the server wants to be asked over HTTP/1.1: a wish that can be met once, since no HTTP/2 is offered then. */
function isWish(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === wantsHttp1Code;
}

/** Says where an exchange broke, in words that do not depend on the library. */
function bodyFailure(error: unknown, headCame: boolean, written: boolean): NetworkFailure {
  const failure = failureOf(error, headCame ? 'body' : written ? 'request' : 'tcp', 'UNKNOWN');
  if (failure.code !== cutCode) return failure;
  return headCame
    ? { ...failure, code: bodyCutCode, message: 'The connection ended before the body was whole.' }
    : { ...failure, code: 'CONNECTION_CLOSED', message: 'The server closed the connection without an answer.' };
}
