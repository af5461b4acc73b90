import { describe, expect, it } from 'vitest';
import { bodyCutCode, type HttpSink, type NetworkFailure, type SocketSink } from '../core/network';
import type { AttachRequest, Transport, TransportEnd } from '../core/transport';
import { createFakeClock } from '../simulation/fake-clock';
import { readEventStreamDirectly } from './event-stream-reader';
import { createPollLoop } from './poll-loop';
import { createSseTransport } from './sse';
import { createWebSocketTransport } from './websocket';

const request: AttachRequest = { url: 'http://h/', headers: [], subprotocols: [], lastEventId: null };
const timings = { dnsMs: null, tcpMs: null, proxyMs: null, tlsMs: null, answerMs: null };

/** Sessions over ports that the test speaks for: what they asked, how they ended. */
function bench() {
  const clock = createFakeClock();
  const asked: HttpSink[] = [];
  const sockets: SocketSink[] = [];
  const ends: TransportEnd[] = [];
  const nothing = { bytesRead: () => 0, bytesQueued: () => 0, pause() {}, resume() {}, destroy() {} };
  const http = {
    request(_: unknown, sink: HttpSink) {
      asked.push(sink);
      return nothing;
    },
  };
  const socket = {
    open(_: unknown, sink: SocketSink) {
      sockets.push(sink);
      return { ...nothing, send() {}, ping() {}, close() {} };
    },
  };
  const open = (transport: Transport): void => {
    const options = { maxFrameBytes: 1000, pollIntervalMs: 5000, holdMs: 25_000 };
    const ignored = () => {};
    transport.open(() => request, options, {
      onOpen: ignored,
      onFrame: ignored,
      onFloor: ignored,
      onStream: ignored,
      onAnswer: ignored,
      onHeartbeat: ignored,
      onEnd: (end) => void ends.push(end),
    });
  };
  return { clock, http, socket, asked, sockets, ends, open };
}

const failure = (code: string): NetworkFailure => ({
  phase: 'body',
  code,
  message: 'It broke.',
  certificate: null,
  proxy: null,
});

describe('how a session ended is told as it was', () => {
  it.each([
    ['in order', (sink: HttpSink) => sink.onEnd(), { kind: 'ended', whole: true }],
    ['cut', (sink: HttpSink) => sink.onError(failure(bodyCutCode)), { kind: 'ended', whole: false }],
    [
      'reset',
      (sink: HttpSink) => sink.onError(failure('ECONNRESET')),
      { kind: 'failed', failure: { code: 'ECONNRESET' } },
    ],
  ] as const)('an event stream that ends %s', async (_, happens, expected) => {
    const { clock, http, asked, ends, open } = bench();
    open(createSseTransport({ http, clock, reader: readEventStreamDirectly }));
    await clock.advanceAsync(0);
    asked[0]?.onHead({ status: 200, headers: [['content-type', 'text/event-stream']] }, timings);
    if (asked[0]) happens(asked[0]);
    await clock.advanceAsync(0);
    expect(ends).toMatchObject([expected]);
  });

  it('a socket is closed with the code and the words of whoever closed it', () => {
    const { clock, socket, sockets, ends, open } = bench();
    open(createWebSocketTransport({ socket, clock }));
    sockets[0]?.onOpen({ status: 101, headers: [] }, timings, '');
    sockets[0]?.onClose(1013, 'try again later');
    expect(ends).toEqual([{ kind: 'closed', code: 1013, reason: 'try again later' }]);
  });

  it('a poll that is refused brings how long the server asks us to wait', async () => {
    const { clock, http, asked, ends, open } = bench();
    open(createPollLoop('poll', { http, clock }));
    await clock.advanceAsync(0);
    asked[0]?.onHead({ status: 503, headers: [['retry-after', '120']] }, timings);
    asked[0]?.onEnd();
    await clock.advanceAsync(0);
    expect(ends).toMatchObject([{ kind: 'refused', head: { status: 503 }, retryAfterMs: 120_000 }]);
  });
});
