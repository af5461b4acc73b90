import { type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import { cut, flood, type Heard, mostInterim, type Speaker, type SpokenRequest } from './speaker';

/** Bytes that may be on their way unread: a fast feed over a long line is not held up by the window of 64 KB. */
const windowBytes = 1024 * 1024;

/** Code of an error where the server wants this asked over HTTP/1.1 (RFC 9113 §7). */
export const wantsHttp1Code = 'HTTP2_HTTP_1_1_REQUIRED';

/** Headers that belong to a connection of HTTP/1.1 and may not be in a request of HTTP/2 (RFC 9113 §8.2.2). */
const connectionBound: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Origins a server may name for one connection (RFC 8336): Node keeps every one of them, and nothing here goes by them. */
const mostOrigins = 128;

/**
 * HTTP/2 by Node itself: undici's of this generation cuts the answer under way when the server only says that it will
 * take no more, and never tells of a stream that was cancelled. `onGone`: no more can be asked here.
 */
export function speakHttp2(origin: string, socket: Socket, onGone: () => void): Speaker {
  const session = connect(origin, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: windowBytes },
  });
  session.setLocalWindowSize(windowBytes);
  let running: ClientHttp2Stream | null = null;
  let leaving = false;
  let held = false;
  let destroyed = false;
  /** What ended the session says more than what its streams are told. */
  let problem: Error | null = null;
  session.on('error', (error) => {
    problem ??= error;
  });
  // What is under way is answered still; Node closes the session after it. Idle, it has gone.
  session.on('goaway', (code) => {
    leaving = true;
    problem ??= named(code);
    if (!running) onGone();
  });
  session.on('close', onGone);
  let origins = 0;
  session.on('origin', (named) => {
    origins += named.length;
    if (origins > mostOrigins) end(flood('origins'));
  });
  function end(error: Error): void {
    if (session.destroyed) return;
    problem ??= error;
    session.destroy(error);
  }

  return {
    ask(request, heard) {
      let stream: ClientHttp2Stream;
      try {
        stream = session.request(headersFor(origin, request), { endStream: request.body === null });
      } catch (error) {
        // The session closed between two requests.
        queueMicrotask(() => destroyed || heard.onError(problem ?? (isClosedSession(error) ? cut() : error)));
        return;
      }
      running = stream;
      heard.onWritten();
      listen(stream, heard, {
        ended() {
          running = null;
          if (leaving) onGone();
        },
        silent: () => destroyed,
        why: () => problem,
        held: () => held,
        end,
      });
      if (request.body !== null) stream.end(request.body);
    },
    hold() {
      held = true;
      running?.pause();
    },
    release() {
      held = false;
      running?.resume();
    },
    destroy() {
      destroyed = true;
      session.destroy();
    },
  };
}

interface StreamFacts {
  ended(): void;
  silent(): boolean;
  why(): Error | null;
  held(): boolean;
  /** Ends the connection for what the server does on it. */
  end(error: Error): void;
}

/** An answer is judged when its stream has closed: only then is it known whether it was whole. */
function listen(stream: ClientHttp2Stream, heard: Heard, facts: StreamFacts): void {
  let ended = false;
  let failure: Error | null = null;
  let bytes = 0;
  let promised: number | null = null;
  let interim = 0;
  stream.on('headers', () => {
    interim += 1;
    if (interim > mostInterim) facts.end(flood('interim answers'));
  });
  stream.on('response', (headers) => {
    if (facts.silent()) return;
    const length = headers['content-length'];
    promised = length === undefined ? null : Number(length);
    heard.onHead(Number(headers[constants.HTTP2_HEADER_STATUS] ?? 0), '', pairsOf(headers));
    if (facts.silent()) return;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (!facts.silent()) heard.onData(chunk);
    });
    if (facts.held()) stream.pause();
  });
  stream.on('end', () => {
    ended = true;
  });
  stream.on('error', (error: Error) => {
    failure = error;
  });
  stream.on('close', () => {
    if (facts.silent()) return;
    const { rstCode } = stream;
    const whole = ended && rstCode === constants.NGHTTP2_NO_ERROR && (promised === null || bytes >= promised);
    facts.ended();
    if (whole) heard.onEnd();
    else heard.onError(facts.why() ?? named(rstCode) ?? failure ?? cut());
  });
}

/** Error codes of RFC 9113 §7, by their number. */
const errorNames = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

/** The error a code stands for; null where it says only that the stream has gone. */
function named(code: number | undefined): Error | null {
  if (code === undefined || code === constants.NGHTTP2_NO_ERROR || code === constants.NGHTTP2_CANCEL) return null;
  const word = errorNames[code] ?? `ERROR_${code}`;
  return Object.assign(new Error(`the server ended it with ${word}`), { code: `HTTP2_${word}` });
}

function isClosedSession(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /GOAWAY|INVALID_SESSION|SESSION/.test(String(error.code));
}

function headersFor(origin: string, { path, method, headers }: SpokenRequest): Record<string, string | string[]> {
  const url = new URL(origin);
  const host = headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
  const sent: Record<string, string | string[]> = {
    ':method': method,
    ':scheme': url.protocol.slice(0, -1),
    ':authority': host ?? url.host,
    ':path': path,
  };
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (connectionBound.has(key)) continue;
    const before = sent[key];
    sent[key] = before === undefined ? value : [...[before].flat(), value];
  }
  return sent;
}

function pairsOf(headers: IncomingHttpHeaders): readonly (readonly [string, string])[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(':') || value === undefined ? [] : [value].flat().map((one) => [name, one] as const),
  );
}
