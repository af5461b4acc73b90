import { type ClientRequest, get, type IncomingMessage, request } from 'node:http';
import { WebSocket } from 'ws';

/**
 * A client written from docs/protocol.md and nothing else, over bare `node:http` and `ws`: it shares no code with
 * the gateway or the engine, so that the page is what is tested. It does nothing clever: no reconnecting.
 */

export type Json = Record<string, unknown>;

/** One message as it came, with the SSE fields around it where there were any. */
export interface Received {
  readonly message: Json;
  readonly at: number;
  readonly sse?: { readonly event: string; readonly id: string | null };
}

/** A push connection. */
export interface Listening {
  readonly received: Received[];
  /** Raw bytes as text, SSE only. */
  raw(): string;
  /** Waits until a message satisfies `test`; those before it stay in `received`. */
  until(test: (message: Json) => boolean, withinMs?: number): Promise<Json>;
  events(): Json[];
  seqs(): number[];
  send(message: unknown): void;
  /** Stops and goes on reading from the socket. */
  pause(): void;
  resume(): void;
  close(): void;
  /** Close code (WebSocket), or 0 at the end of an SSE answer, -1 when it was reset. */
  readonly closed: Promise<number>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly json: Json;
  /** When each chunk of the body came, ms since the request. */
  readonly chunkTimes: readonly number[];
}

interface Ask {
  readonly headers?: Record<string, string>;
  readonly method?: string;
  readonly body?: string;
  readonly onRequest?: (request: ClientRequest) => void;
}

/** One HTTP exchange on a connection of its own. */
export function ask(url: string, { headers = {}, method = 'GET', body, onRequest }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const outgoing = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      const chunkTimes: number[] = [];
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        chunkTimes.push(performance.now() - startedAt);
      });
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        let json: Json = {};
        try {
          json = JSON.parse(text) as Json;
        } catch {
          // Not every answer is JSON; the test looks at `text` then.
        }
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json, chunkTimes });
      });
    });
    outgoing.on('error', reject);
    onRequest?.(outgoing);
    outgoing.end(body);
  });
}

/** Publishes over HTTP. */
export function publish(url: string, event: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return ask(url, { method: 'POST', body: JSON.stringify(event), headers });
}

/** What both push transports share: collecting, and waiting for a message. */
function collector() {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  let ended = false;
  return {
    received,
    add(one: Received): void {
      received.push(one);
      for (const look of [...waiting]) look();
    },
    end(): void {
      ended = true;
      for (const look of [...waiting]) look();
    },
    until(test: (message: Json) => boolean, withinMs = 3_000): Promise<Json> {
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        const look = (): void => {
          const found = received.find(({ message }) => test(message));
          if (found === undefined && !ended) return;
          stop();
          if (found === undefined) reject(new Error(`The connection ended; got ${recent()}`));
          else resolve(found.message);
        };
        const timer = setTimeout(() => {
          stop();
          reject(new Error(`Not within ${withinMs} ms; got ${recent()}`));
        }, withinMs);
        waiting.add(look);
        look();
      });
    },
    events: () => received.map(({ message }) => message).filter(({ kind }) => kind === 'event'),
    seqs: () => received.flatMap(({ message }) => (message.kind === 'event' ? [Number(message.seq)] : [])),
  };

  function recent(): string {
    return JSON.stringify(received.slice(-5).map(({ message }) => message)).slice(0, 1_000);
  }
}

/** Opens a WebSocket. Rejects with the HTTP status when it is refused. */
export function openWebSocket(
  streamUrl: string,
  query = '',
  headers: Record<string, string> = {},
): Promise<Listening & { readonly socket: WebSocket }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${streamUrl.replace('http:', 'ws:')}/ws${query}`, { headers });
    const { received, add, end, until, events, seqs } = collector();
    const closed = new Promise<number>((done) => socket.on('close', done));
    socket.on('message', (data, binary) => {
      if (!binary) add({ message: JSON.parse(data.toString()) as Json, at: performance.now() });
    });
    socket.on('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        reject(new RefusedUpgrade(response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString())),
      );
    });
    socket.on('error', reject);
    socket.on('close', end);
    socket.on('open', () =>
      resolve({
        socket,
        received,
        raw: () => '',
        until,
        events,
        seqs,
        send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
        pause: () => socket.pause(),
        resume: () => socket.resume(),
        close: () => socket.close(1000),
        closed,
      }),
    );
  });
}

/** What answered instead of 101. */
export class RefusedUpgrade extends Error {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;

  constructor(status: number, headers: IncomingMessage['headers'], body: string) {
    super(`The upgrade was refused with ${status}: ${body}`);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** Opens an SSE answer and parses it by WHATWG HTML §9.2.6. Rejects when it is not a 200 event stream. */
export function openSse(streamUrl: string, query = '', headers: Record<string, string> = {}): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const outgoing = get(`${streamUrl}/sse${query}`, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        reject(new Error(`SSE was refused with ${response.statusCode}`));
        return;
      }
      const { received, add, end, until, events, seqs } = collector();
      let raw = '';
      let buffer = '';
      let event = '';
      let data: string[] = [];
      let id: string | null = null;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        raw += chunk;
        buffer += chunk;
        const lines = buffer.split('\n');
        buffer = lines.pop() ?? '';
        for (const line of lines) takeLine(line);
      });
      const closed = new Promise<number>((done) => {
        response.on('end', () => done(0));
        response.on('error', () => done(-1));
        response.on('close', () => done(-1));
      });
      response.on('close', end);

      function takeLine(line: string): void {
        if (line === '') {
          if (data.length > 0) {
            add({
              message: JSON.parse(data.join('\n')) as Json,
              at: performance.now(),
              sse: { event: event === '' ? 'message' : event, id },
            });
          }
          event = '';
          data = [];
          id = null;
          return;
        }
        const colon = line.indexOf(':');
        const field = colon === -1 ? line : line.slice(0, colon);
        const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
        if (field === 'event') event = value;
        else if (field === 'data') data.push(value);
        else if (field === 'id') id = value;
      }

      resolve({
        received,
        raw: () => raw,
        until,
        events,
        seqs,
        send: () => undefined,
        pause: () => response.pause(),
        resume: () => response.resume(),
        close: () => outgoing.destroy(),
        closed,
      });
    });
    outgoing.on('error', reject);
  });
}
