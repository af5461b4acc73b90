import type { PhaseTimings } from '../../../shared/evidence';
import type { Clock } from '../core/clock';
import {
  bodyCutCode,
  type HttpExchange,
  type HttpHead,
  type HttpPort,
  type HttpRequest,
  type HttpSink,
  type NetworkFailure,
} from '../core/network';
import { type Dial, failureOf } from './dial';
import { createLanes, type Lane, type Lanes } from './lane';
import { maxRedirects, redirectOf } from './redirect';

/** Phases of an exchange on a connection that was there already. */
const reusedTimings: PhaseTimings = { dnsMs: null, tcpMs: null, proxyMs: null, tlsMs: null, answerMs: null };

/**
 * HTTP over undici's dispatcher: no timeouts of its own (watchdogs decide), bytes counted at the socket, back-pressure
 * down to the kernel. Idle connections stay for 10 s; `close` ends them and everything in flight, silently.
 */
export function createHttpPort(deps: { readonly dial: Dial; readonly clock: Clock }): HttpPort & { close(): void } {
  const lanes = createLanes(deps.dial);
  return {
    request: (request, sink) => createExchange(lanes, deps.clock, request, sink),
    close: () => lanes.close(),
  };
}

function createExchange(lanes: Lanes, clock: Clock, first: HttpRequest, sink: HttpSink): HttpExchange {
  let request = first;
  let lane: Lane | null = null;
  let redirects = 0;
  let over = false;
  let paused = false;
  /** Bytes of earlier connections of this exchange, and what the present one had read before it. */
  let earlier = 0;
  let base = 0;

  function bytesRead(): number {
    const dialled = lane?.dialled();
    return earlier + (dialled ? dialled.bytesRead() - base : 0);
  }

  function leaveLane(): void {
    earlier = bytesRead();
    const left = lane;
    lane = null;
    left?.destroy();
  }

  function fail(failure: NetworkFailure): void {
    if (over) return;
    over = true;
    leaveLane();
    sink.onError(failure);
  }

  function start(fresh: boolean): void {
    const url = new URL(request.url);
    const own = lanes.take(url.origin, fresh);
    const reused = own.dialled() !== null;
    lane = own;
    base = own.dialled()?.bytesRead() ?? 0;
    if (paused) own.hold();
    let writtenAt: number | null = null;
    let headCame = false;
    const isMine = () => !over && lane === own;

    own.client.dispatch(
      {
        path: url.pathname + url.search,
        method: request.method,
        headers: request.headers.flat(),
        body: request.body,
      },
      {
        onConnect() {
          writtenAt = clock.now();
        },
        onHeaders(status, rawHeaders) {
          if (!isMine() || status < 200) return true;
          headCame = true;
          const head: HttpHead = { status, headers: headersOf(rawHeaders) };
          const next = request.body === null ? redirectOf(request, head) : null;
          if (next && redirects < maxRedirects) {
            redirects += 1;
            request = { ...request, ...next };
            leaveLane();
            queueMicrotask(() => over || start(false));
            return true;
          }
          const timings = reused ? reusedTimings : (own.dialled()?.timings ?? reusedTimings);
          sink.onHead(head, { ...timings, answerMs: writtenAt === null ? null : clock.now() - writtenAt });
          return true;
        },
        onData(chunk) {
          if (isMine()) sink.onBytes(chunk);
          return true;
        },
        onComplete() {
          if (!isMine()) return;
          over = true;
          earlier = bytesRead();
          lane = null;
          lanes.giveBack(own);
          sink.onEnd();
        },
        onError(error) {
          if (!isMine()) return;
          // The server closed an idle connection just as we came back to it: nobody has seen this request.
          if (reused && !headCame && request.method === 'GET') {
            leaveLane();
            queueMicrotask(() => over || start(true));
          } else fail(bodyFailure(error, headCame, writtenAt !== null));
        },
      },
    );
  }

  queueMicrotask(() => {
    if (over) return;
    try {
      start(request.method === 'POST');
    } catch (error) {
      fail(failureOf(error, 'request', 'BAD_REQUEST'));
    }
  });

  return {
    bytesRead,
    pause() {
      paused = true;
      lane?.hold();
    },
    resume() {
      paused = false;
      lane?.release();
    },
    destroy() {
      if (over) return;
      over = true;
      leaveLane();
    },
  };
}

/** Says where an exchange broke, in words that do not depend on the library. */
function bodyFailure(error: unknown, headCame: boolean, written: boolean): NetworkFailure {
  const failure = failureOf(error, headCame ? 'body' : written ? 'request' : 'tcp', 'UNKNOWN');
  const cut = /^(UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|HPE_INVALID_EOF_STATE)$/.test(failure.code);
  if (!cut) return failure;
  return headCame
    ? { ...failure, code: bodyCutCode, message: 'The connection ended before the body was whole.' }
    : { ...failure, code: 'CONNECTION_CLOSED', message: 'The server closed the connection without an answer.' };
}

function headersOf(raw: readonly Buffer[]): readonly (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    headers.push([(raw[at]?.toString('latin1') ?? '').toLowerCase(), raw[at + 1]?.toString('latin1') ?? '']);
  }
  return headers;
}
