import type { Socket } from 'node:net';
import { Client } from 'undici';
import type { Clock } from '../core/clock';
import { gateOf } from './read-gate';
import { cut, flood, mostInterim, type Speaker } from './speaker';

/** HTTP/1.1 by undici. It closes an idle connection after `idleMs`, or sooner where the server says so. */
export function speakHttp1(origin: string, socket: Socket, clock: Clock, idleMs: number, onGone: () => void): Speaker {
  const gate = gateOf(socket, clock);
  let given = false;
  const client = new Client(origin, {
    // The speaker is its connection: when that has gone, undici may not open another.
    connect(_options, done) {
      if (given) return done(new Error('The connection has ended.'), null);
      given = true;
      done(null, socket);
    },
    bodyTimeout: 0,
    headersTimeout: 0,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    pipelining: 1,
  });
  client.on('disconnect', onGone);
  return {
    ask({ path, method, headers, body }, heard) {
      let interim = 0;
      client.dispatch(
        { path, method, headers: headers.flat(), body },
        {
          onConnect: () => heard.onWritten(),
          onHeaders(status, rawHeaders, _resume, statusText) {
            if (status >= 200) heard.onHead(status, statusText, headersOf(rawHeaders));
            else {
              interim += 1;
              if (interim === mostInterim) client.destroy(flood('interim answers')).catch(() => {});
            }
            return true;
          },
          onData(chunk) {
            heard.onData(chunk);
            return true;
          },
          onComplete: () => heard.onEnd(),
          onError: (error) => heard.onError(isCut(error) ? cut() : error),
        },
      );
    },
    hold: () => gate.hold(),
    release: () => gate.release(),
    destroy() {
      client.destroy().catch(() => {});
    },
  };
}

function isCut(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|HPE_INVALID_EOF_STATE)$/.test(code);
}

function headersOf(raw: readonly Buffer[]): readonly (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    headers.push([(raw[at]?.toString('latin1') ?? '').toLowerCase(), raw[at + 1]?.toString('latin1') ?? '']);
  }
  return headers;
}
