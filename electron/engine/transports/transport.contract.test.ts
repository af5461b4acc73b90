import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../../../gateway/testing/start-gateway';
import type { ResumePoint } from '../../../shared/position';
import type { RungConfig } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';
import { createSystemClock } from '../../node/clock';
import type { Message } from '../core/protocol';
import type { AttachRequest, Transport, TransportOptions, TransportSession } from '../core/transport';
import { createDialler } from '../dialling/dialler';
import { createHttpPort } from '../dialling/http-port';
import { createSocketPort } from '../dialling/socket-port';
import { gatewayProtocol } from '../protocols/gateway';
import { protocolOf } from '../protocols/registry';
import { readEventStreamDirectly } from './event-stream-reader';
import { readThroughEventSource } from './eventsource-reader';
import { createLongPollTransport } from './long-poll';
import { createPollTransport } from './poll';
import { createSseTransport } from './sse';
import { acceptUpgrade, type RawServer, startRawServer } from './testing/raw-server';
import { createRecorder, type Recorder } from './testing/recorder';
import { createWebSocketTransport } from './websocket';

const clock = createSystemClock();
const dial = createDialler({ clock });
const http = createHttpPort({ dial, clock });
const socket = createSocketPort({ dial, clock });

interface Case {
  readonly name: string;
  readonly transport: Transport;
  readonly path: string;
}

const websocket: Case = { name: 'websocket', transport: createWebSocketTransport({ socket, clock }), path: 'ws' };
const eventSource: Case = {
  name: 'sse through eventsource',
  transport: createSseTransport({ http, clock, reader: readThroughEventSource }),
  path: 'sse',
};
const direct: Case = {
  name: 'sse read directly',
  transport: createSseTransport({ http, clock, reader: readEventStreamDirectly }),
  path: 'sse',
};
const longPoll: Case = { name: 'long-poll', transport: createLongPollTransport({ http, clock }), path: 'poll' };
const poll: Case = { name: 'poll', transport: createPollTransport({ http, clock }), path: 'poll' };

const all = [websocket, eventSource, direct, longPoll, poll];
const overHttp = [eventSource, direct, longPoll, poll];
const streaming = [eventSource, direct];
const polling = [longPoll, poll];

const options: TransportOptions = { maxFrameBytes: 1_000_000, pollIntervalMs: 30, holdMs: 5000 };
const openSessions = new Set<TransportSession>();

function open(transport: Transport, attach: () => AttachRequest, changed: Partial<TransportOptions> = {}) {
  const recorder = createRecorder();
  const session = transport.open(attach, { ...options, ...changed }, recorder);
  openSessions.add(session);
  return { recorder, session };
}

function rungAt(kind: TransportKind, url: string): RungConfig {
  return { transport: kind, url: kind === 'websocket' ? url.replace(/^http/, 'ws') : url, intervalSeconds: 1 };
}

function plainAttach(kind: TransportKind, host: string, lastEventId: string | null = null): AttachRequest {
  const scheme = kind === 'websocket' ? 'ws' : 'http';
  return { url: `${scheme}://${host}/feed`, headers: [], subprotocols: [], lastEventId };
}

afterEach(() => {
  for (const session of openSessions) session.destroy();
  openSessions.clear();
});
afterAll(() => http.close());

describe('against the gateway', () => {
  let gateway: TestGateway;
  beforeEach(async () => {
    gateway = await startTestGateway();
  });
  afterEach(() => gateway.close());

  /** Follows a stream the way a source does: every request resumes from what was decoded so far. */
  function follow({ transport, path }: Case, resume: ResumePoint | null = null) {
    const rung = rungAt(transport.kind, `${gateway.streamUrl()}/${path}`);
    const decoder = gatewayProtocol.createDecoder(rung, resume);
    const messages: Message[] = [];
    let point = resume;
    const opened = open(transport, () => gatewayProtocol.attach(rung, point, options));
    opened.recorder.react = (frame) => {
      for (const message of decoder.decode(frame)) {
        messages.push(message);
        if (message.kind === 'more') opened.session.askNow();
        const position =
          message.kind === 'attached'
            ? { epoch: message.attachment.epoch, seq: message.attachment.from }
            : message.kind === 'event'
              ? message.event.position
              : null;
        if (position) point = { positions: { test: position }, token: null };
      }
    };
    const seqs = () => messages.flatMap((m) => (m.kind === 'event' ? [m.event.position?.seq ?? 0] : []));
    return { ...opened, messages, seqs, point: () => point };
  }

  const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, index) => from + index);

  describe.each(all)('$name', (variant) => {
    it('opens with its head and timings, then attaches', async () => {
      const { recorder, messages, session } = follow(variant);
      await recorder.until(() => messages.some(({ kind }) => kind === 'attached'));
      expect(recorder.log[0]).toBe('open');
      const [opening] = recorder.openings;
      expect(opening?.head?.status).toBe(variant.transport.kind === 'websocket' ? 101 : 200);
      expect(opening?.timings.tcpMs).toBeGreaterThanOrEqual(0);
      expect(opening?.timings.answerMs).toBeGreaterThanOrEqual(0);
      expect(recorder.openings).toHaveLength(1);
      expect(session.bytesRead()).toBeGreaterThan(100);
      expect(messages).toContainEqual({ kind: 'terms', spreadMs: 1000, heartbeatMs: 200 });
    });

    it('brings 500 events in order', async () => {
      const { recorder, messages, seqs } = follow(variant);
      await recorder.until(() => messages.some(({ kind }) => kind === 'attached'));
      await gateway.publishMany(500);
      await recorder.until(() => seqs().length >= 500);
      expect(seqs()).toEqual(upTo(500));
    });

    it('resumes from a position, behaviour 19: also when it dropped before any event', async () => {
      const first = follow(variant);
      await first.recorder.until(() => first.messages.some(({ kind }) => kind === 'attached'));
      first.session.destroy();
      await gateway.publishMany(120);
      const second = follow(variant, first.point());
      await second.recorder.until(() => second.seqs().length >= 120);
      expect(second.seqs()).toEqual(upTo(120));
      second.session.destroy();
      await gateway.publishMany(5);
      const third = follow(variant, second.point());
      await third.recorder.until(() => third.seqs().length >= 5);
      expect(third.seqs()).toEqual(upTo(125, 121));
    });

    it('hears life on a silent stream', async () => {
      const { recorder, session, messages } = follow(variant);
      await recorder.until(() => messages.some(({ kind }) => kind === 'attached'));
      const before = session.bytesRead();
      await expect.poll(() => session.bytesRead(), { timeout: 3000 }).toBeGreaterThan(before);
      expect(recorder.ends).toEqual([]);
    });

    it('ends once when the connection is dropped', async () => {
      const { recorder, messages } = follow(variant);
      await recorder.until(() => messages.some(({ kind }) => kind === 'attached'));
      gateway.faults.dropConnections();
      await gateway.close();
      await recorder.until(({ ends }) => ends.length > 0);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(recorder.ends).toHaveLength(1);
      expect(recorder.log.at(-1)).toBe('end');
    });
  });

  it('reports SSE heartbeats and the retry floor', async () => {
    for (const variant of streaming) {
      const { recorder } = follow(variant);
      await recorder.until(({ log }) => log.includes('comment'));
      expect(recorder.floors[0]).toBeGreaterThanOrEqual(300);
      expect(recorder.floors[0]).toBeLessThanOrEqual(1000);
    }
  });

  it('pings, and hears the pong', async () => {
    const { recorder, session } = follow(websocket);
    await recorder.until(({ log }) => log.includes('frame'));
    await new Promise<void>((resolve) => expect(session.ping(resolve)).toBe(true));
    await recorder.until(({ log }) => log.includes('pong'));
  });
});

describe('against servers that misbehave', () => {
  let server: RawServer;
  beforeAll(async () => {
    server = await startRawServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.http = (_request, response) => response.writeHead(500).end();
    server.upgrade = (_request, peer) => peer.destroy();
  });

  const attachTo =
    (variant: Case, lastEventId: string | null = null) =>
    () =>
      plainAttach(variant.transport.kind, server.host, lastEventId);

  function answer(status: number, headers: Record<string, string>, body: string): void {
    server.http = (_request, response) => response.writeHead(status, headers).end(body);
    server.upgrade = (_request, peer) => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      peer.end(`HTTP/1.1 ${status} Nope\r\n${lines.join('')}content-length: ${body.length}\r\n\r\n${body}`);
    };
  }

  async function endOf(variant: Case, changed: Partial<TransportOptions> = {}): Promise<Recorder> {
    const { recorder } = open(variant.transport, attachTo(variant), changed);
    await recorder.until(({ ends }) => ends.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(recorder.ends).toHaveLength(1);
    return recorder;
  }

  describe.each(all)('$name', (variant) => {
    it('behaviour 7: a refusal is evidence: status, headers, start of the body, Retry-After', async () => {
      answer(503, { 'Retry-After': '7', 'Set-Cookie': 'sid=secret' }, 'try later');
      const { ends, openings } = await endOf(variant);
      expect(openings).toEqual([]);
      expect(ends[0]).toMatchObject({
        kind: 'refused',
        head: { status: 503 },
        bodyStart: 'try later',
        retryAfterMs: 7000,
      });
      expect(JSON.stringify(ends)).not.toContain('sid=secret');
    });

    it('behaviour 7: Retry-After as an HTTP date', async () => {
      answer(429, { 'Retry-After': new Date(Date.now() + 60_000).toUTCString() }, '');
      const [end] = (await endOf(variant)).ends;
      if (end?.kind !== 'refused') throw new Error(`Ended as ${end?.kind}`);
      expect(end.retryAfterMs).toBeGreaterThan(55_000);
      expect(end.retryAfterMs).toBeLessThanOrEqual(60_000);
    });

    it('says so when HTML comes instead of a feed', async () => {
      answer(200, { 'Content-Type': 'text/html; charset=utf-8' }, '<!doctype html><title>Log in</title>');
      const [end] = (await endOf(variant)).ends;
      expect(end).toMatchObject({ kind: 'not-a-feed', contentType: 'text/html' });
      expect(end?.kind === 'not-a-feed' && end.bodyStart).toContain('Log in');
    });

    it('does not wait for the end of a refusal that never ends', async () => {
      server.http = (_request, response) => void response.writeHead(403).write('no');
      server.upgrade = (_request, peer) => void peer.write('HTTP/1.1 403 No\r\ncontent-length: 900\r\n\r\nno');
      const { ends } = await endOf(variant);
      expect(ends[0]).toMatchObject({ kind: 'refused', head: { status: 403 }, bodyStart: 'no' });
    });

    it('reports a refused connection with its errno', async () => {
      const closed = await startRawServer();
      await closed.close();
      const { recorder } = open(variant.transport, () => plainAttach(variant.transport.kind, closed.host));
      await recorder.until(({ ends }) => ends.length > 0);
      expect(recorder.ends[0]).toMatchObject({ kind: 'failed', failure: { phase: 'tcp', code: 'ECONNREFUSED' } });
    });

    it('reports a name that does not exist', async () => {
      const { recorder } = open(variant.transport, () => plainAttach(variant.transport.kind, 'nowhere.invalid'));
      await recorder.until(({ ends }) => ends.length > 0);
      expect(recorder.ends[0]).toMatchObject({ kind: 'failed', failure: { phase: 'dns' } });
    });

    it('reports an answer that never came', async () => {
      server.http = (request) => request.socket.destroy();
      const { ends } = await endOf(variant);
      expect(ends[0]?.kind).toBe('failed');
      expect(ends[0]?.kind === 'failed' && ends[0].failure.phase).toMatch(/request|handshake/);
    });

    it('follows a redirect by hand and keeps credentials from another origin', async () => {
      const other = await startRawServer();
      const heard: (string | undefined)[] = [];
      const redirect = `http://${other.host}/elsewhere`;
      answer(307, { Location: redirect }, '');
      other.http = (request, response) => {
        heard.push(request.headers.authorization);
        response.writeHead(418).end();
      };
      other.upgrade = (request, peer) => {
        heard.push(request.headers.authorization);
        peer.end('HTTP/1.1 418 No\r\ncontent-length: 0\r\n\r\n');
      };
      const { recorder } = open(variant.transport, () => ({
        ...plainAttach(variant.transport.kind, server.host),
        headers: [['authorization', 'Bearer secret']],
      }));
      await recorder.until(({ ends }) => ends.length > 0);
      expect(recorder.ends[0]).toMatchObject({ kind: 'refused', head: { status: 418 } });
      expect(heard).toEqual([undefined]);
      expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer secret');
      await other.close();
    });

    it('gives up on redirects that go in circles', async () => {
      answer(302, { Location: '/feed' }, '');
      const before = server.requests.length;
      expect((await endOf(variant)).ends[0]).toMatchObject({ kind: 'refused', head: { status: 302 } });
      expect(server.requests.length - before).toBe(6);
    });

    it('is silent after destroy at any moment', async () => {
      server.http = (_request, response) => {
        response.writeHead(200, { 'Content-Type': variant.path === 'sse' ? 'text/event-stream' : 'application/json' });
        response.write(variant.path === 'sse' ? 'data: 1\n\n' : '{"a":');
      };
      server.upgrade = (request, peer) => void peer.write(acceptUpgrade(request, peer)(Buffer.from('{}')));
      for (const wait of [0, 1, 5, 20]) {
        const { recorder, session } = open(variant.transport, attachTo(variant));
        await new Promise((resolve) => setTimeout(resolve, wait));
        session.destroy();
        const told = recorder.log.length;
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect(recorder.log.length).toBe(told);
        expect(recorder.ends).toEqual([]);
      }
      await expect.poll(() => server.sockets.size).toBe(0);
    });

    it('stops reading while paused, and the server feels it', async () => {
      const megabyte = Buffer.alloc(1_000_000, 'x').toString();
      let written = 0;
      let held: Socket | null = null;
      const flood = (peer: ServerResponse | Socket, piece: Buffer) => {
        const more = () => {
          while (written < 400 && peer.write(piece)) written += 1;
          written += 1;
        };
        peer.on('drain', () => written < 400 && more());
        more();
      };
      server.http = (_request, response) => {
        response.writeHead(200, { 'Content-Type': variant.path === 'sse' ? 'text/event-stream' : 'application/json' });
        flood(response, Buffer.from(variant.path === 'sse' ? `data: ${megabyte}\n\n` : megabyte));
      };
      server.upgrade = (request, peer) => {
        held = peer;
        flood(peer, acceptUpgrade(request, peer)(Buffer.from(megabyte)));
      };
      const { recorder, session } = open(variant.transport, attachTo(variant), { maxFrameBytes: 500_000_000 });
      await expect.poll(() => session.bytesRead()).toBeGreaterThan(1000);
      session.pause();
      await new Promise((resolve) => setTimeout(resolve, 100));
      const read = session.bytesRead();
      const sent = written;
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(session.bytesRead() - read).toBeLessThan(2_000_000);
      expect(written - sent).toBeLessThan(3);
      expect(written).toBeLessThan(100);
      session.resume();
      await expect.poll(() => session.bytesRead(), { timeout: 20_000 }).toBeGreaterThan(read + 10_000_000);
      expect(recorder.ends).toEqual([]);
      expect(held === null || variant.path === 'ws').toBe(true);
      session.destroy();
      await expect.poll(() => server.sockets.size).toBe(0);
    });

    it('behaviour 25: over the size limit there is a clear cause', async () => {
      const large = 'y'.repeat(200_000);
      server.http = (_request, response) => {
        response.writeHead(200, { 'Content-Type': variant.path === 'sse' ? 'text/event-stream' : 'application/json' });
        response.write(variant.path === 'sse' ? `data: ${large}` : large);
      };
      server.upgrade = (request, peer) => void peer.write(acceptUpgrade(request, peer)(Buffer.from(large)));
      const [end] = (await endOf(variant, { maxFrameBytes: 100_000 })).ends;
      // Only a WebSocket's head says how large the message is; of what never ended nobody knows.
      const bytes = variant.path === 'ws' ? 200_000 : null;
      expect(end).toMatchObject({ kind: 'too-large', bytes, limit: 100_000 });
      await expect.poll(() => server.sockets.size).toBe(0);
    });
  });

  describe.each(streaming)('$name', (variant) => {
    const stream = (write: (response: ServerResponse) => void | Promise<void>) => {
      server.http = (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        void write(response);
      };
    };

    it('behaviour 16: 204 means stop', async () => {
      answer(204, {}, '');
      expect((await endOf(variant)).ends[0]).toEqual({ kind: 'no-content' });
    });

    it('behaviour 23: one-byte chunks, BOM, é and CR|LF split between chunks', async () => {
      const text = '\ufeffid: 1\r\ndata: é\r\ndata: zwei 😀\r\n\r\nevent: x\rid: 2\rdata: b\r\r: c\n\ndata: last\n\n';
      stream(async (response) => {
        for (const byte of Buffer.from(text)) {
          response.write(Buffer.from([byte]));
          await new Promise(setImmediate);
        }
      });
      const { recorder } = open(variant.transport, attachTo(variant));
      await recorder.until(({ frames }) => frames.length === 3);
      expect(recorder.frames.map(({ data, event, id }) => [data, event, id])).toEqual([
        ['é\nzwei 😀', null, '1'],
        ['b', 'x', '2'],
        ['last', null, '2'],
      ]);
      expect(recorder.log.filter((what) => what === 'comment')).toHaveLength(1);
    });

    it('behaviour 20: an event cut off is discarded, its id too', async () => {
      stream((response) => void response.end('id:4\ndata:whole\n\nid:5\ndata:par'));
      const { frames, ends, log } = await endOf(variant);
      expect(frames.map(({ data, id }) => [data, id])).toEqual([['whole', '4']]);
      expect(ends[0]).toEqual({ kind: 'ended', whole: true });
      expect(log.at(-1)).toBe('end');
    });

    it('tells an end in order from a cut', async () => {
      stream((response) => {
        response.write('data: a\n\n', () => response.socket?.end());
      });
      const { frames, ends } = await endOf(variant);
      expect(frames).toHaveLength(1);
      expect(ends[0]).toEqual({ kind: 'ended', whole: false });
    });

    it('reports a reset with its errno after delivering what had come', async () => {
      stream((response) => {
        response.write('data: a\n\n', () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
      });
      const { frames, ends } = await endOf(variant);
      expect(frames).toHaveLength(1);
      expect(ends[0]).toMatchObject({ kind: 'failed', failure: { phase: 'body', code: 'ECONNRESET' } });
    });

    it('behaviour 14: only comments and pings without data: alive, nothing delivered', async () => {
      stream((response) => void response.write(': hi\n\nevent: ping\n\n:\n: again\n'));
      const { recorder } = open(variant.transport, attachTo(variant));
      // What came in one read is one sign of life.
      await recorder.until(({ log }) => log.includes('comment'));
      expect(recorder.frames).toEqual([]);
    });

    it('an id without data counts, in its place', async () => {
      stream((response) => void response.write('data: a\n\nid: 7\n\ndata: b\n\nid\n\nid: 8\n\n'));
      const { recorder } = open(variant.transport, attachTo(variant, '6'));
      await recorder.until(({ frames }) => frames.length === 5);
      expect(recorder.frames.map(({ data, id, idOnly }) => [data, id, idOnly === true])).toEqual([
        ['a', '6', false],
        ['', '7', true],
        ['b', '7', false],
        ['', '', true],
        ['', '8', true],
      ]);
    });

    it('sends Last-Event-ID, also outside ASCII, and only when there is one', async () => {
      stream((response) => void response.write(':\n'));
      for (const id of [null, '[{"topic":"a","offset":5}]', 'né😀']) {
        const { recorder } = open(variant.transport, attachTo(variant, id));
        await recorder.until(({ log }) => log.includes('comment'));
        const sent = server.requests.at(-1)?.headers['last-event-id'];
        expect(typeof sent === 'string' ? Buffer.from(sent, 'latin1').toString('utf8') : null).toBe(id);
      }
    });

    it('event names that EventSource uses itself, and many others, arrive as events', async () => {
      const names = ['error', 'open', 'message', '__proto__', ...Array.from({ length: 200 }, (_, n) => `n${n}`)];
      stream((response) => {
        response.write([...names, ...names].map((name) => `event: ${name}\ndata: ${name}\n\n`).join(''));
      });
      const { recorder } = open(variant.transport, attachTo(variant));
      await recorder.until(({ frames }) => frames.length === names.length * 2);
      expect(recorder.frames.map(({ event }) => event ?? 'message')).toEqual([...names, ...names]);
      expect(recorder.ends).toEqual([]);
    });

    it('behaviour 54: the standard’s default name, written out, is no name', async () => {
      stream(
        (response) =>
          void response.write('event: message\ndata: {"type":"edit"}\n\nevent: x\ndata: {"type":"edit"}\n\n'),
      );
      const { recorder } = open(variant.transport, attachTo(variant));
      await recorder.until(({ frames }) => frames.length === 2);
      const decoder = protocolOf({ protocol: 'json', ladder: [rungAt('sse', 'http://feed.test/')] }).createDecoder(
        rungAt('sse', 'http://feed.test/'),
      );
      const types = recorder.frames
        .flatMap((frame) => decoder.decode(frame))
        .map((m) => m.kind === 'event' && m.event.type);
      expect(types).toEqual(['edit', 'x']);
    });

    it('retry in ms is a floor, nonsense is not', async () => {
      stream((response) => void response.write('retry: 1500\nretry: soon\nretry:\ndata: x\n\n'));
      const { recorder } = open(variant.transport, attachTo(variant));
      await recorder.until(({ frames }) => frames.length === 1);
      expect(recorder.floors).toEqual([1500]);
    });

    it('makes one request per attempt, whatever happens', async () => {
      const before = server.requests.length;
      stream((response) => void response.end('retry: 1\ndata: x\n\n'));
      await endOf(variant);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(server.requests.length - before).toBe(1);
    });
  });

  describe.each(polling)('$name', (variant) => {
    it('asks again with a fresh attach, and stops at a refusal', async () => {
      let n = 0;
      server.http = (_request, response) => {
        n += 1;
        if (n === 4) response.writeHead(502).end();
        else response.writeHead(200, { 'Content-Type': 'application/json' }).end(`{"n":${n}}`);
      };
      let attached = 0;
      const { recorder } = open(variant.transport, () => {
        attached += 1;
        return { ...plainAttach(variant.transport.kind, server.host), headers: [['x-n', String(attached)]] };
      });
      await recorder.until(({ ends }) => ends.length > 0);
      expect(recorder.frames.map(({ data }) => data)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
      expect(recorder.log).toEqual(['open', 'frame', 'answer', 'frame', 'answer', 'frame', 'answer', 'end']);
      expect(server.requests.slice(-4).map(({ headers }) => headers['x-n'])).toEqual(['1', '2', '3', '4']);
    });

    it('a 304 and a 204 are answers without news', async () => {
      let n = 0;
      server.http = (_request, response) => {
        n += 1;
        response.writeHead(n % 2 === 0 ? 204 : 304).end();
      };
      const { recorder } = open(variant.transport, attachTo(variant));
      await recorder.until(({ log }) => log.filter((what) => what === 'answer').length === 3);
      expect(recorder.frames).toEqual([]);
      expect(recorder.openings).toHaveLength(1);
    });

    it('an event stream is no poll answer', async () => {
      server.http = (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
      };
      expect((await endOf(variant)).ends[0]).toMatchObject({ kind: 'not-a-feed', contentType: 'text/event-stream' });
    });

    it('a body cut off is an end that was not whole', async () => {
      server.http = (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '50' });
        response.write('{"a":1', () => response.socket?.end());
      };
      const { ends, frames } = await endOf(variant);
      expect(ends[0]).toEqual({ kind: 'ended', whole: false });
      expect(frames).toEqual([]);
    });

    it('what the server asks for is a floor', async () => {
      const times: number[] = [];
      server.http = (_request, response) => {
        times.push(performance.now());
        response.writeHead(200, { 'X-Poll-Interval': '1' }).end('{}');
      };
      const { recorder } = open(variant.transport, attachTo(variant));
      await recorder.until(({ frames }) => frames.length === 2);
      expect(recorder.floors[0]).toBe(1000);
      expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950);
    });

    it('asks at once when told to, but never in a hot loop', async () => {
      let n = 0;
      server.http = (_request, response) => {
        n += 1;
        response.writeHead(200, { 'X-Poll-Interval': '60' }).end('{}');
      };
      const { recorder, session } = open(variant.transport, attachTo(variant), { pollIntervalMs: 60_000 });
      recorder.react = () => session.askNow();
      await recorder.until(({ frames }) => frames.length === 3);
      n = 0;
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(n).toBeLessThanOrEqual(21);
      expect(n).toBeGreaterThan(3);
    });

    it('keeps é whole, and bytes that are no UTF-8 as bytes', async () => {
      const bodies = [Buffer.from('\ufeff{"é":1}'), Buffer.from([0x7b, 0xff, 0x7d])];
      let asked = 0;
      server.http = (_request, response) => response.writeHead(200).end(bodies[asked++ % 2]);
      const { recorder } = open(variant.transport, attachTo(variant));
      await recorder.until(({ frames }) => frames.length === 2);
      // A request of the test before may still have taken one of them: which comes first is not the matter.
      const received = recorder.frames.map(({ data }) => data);
      expect(received).toContainEqual('{"é":1}');
      expect(received).toContainEqual(Buffer.from([0x7b, 0xff, 0x7d]));
    });

    it('behaviour 55: an answer is read in the charset that it names, and so is the body of a refusal', async () => {
      const latin = Buffer.from('{"name":"M\xfcller"}', 'latin1');
      const types = [
        'application/json; charset=ISO-8859-1',
        'application/json;Charset="utf-16le"',
        'text/plain; charset=klingon',
      ];
      const bodies = [latin, Buffer.from('{"name":"Müller"}', 'utf16le'), Buffer.from('{"name":"Müller"}')];
      let asked = 0;
      server.http = (_request, response) => {
        const at = asked++ % 4;
        if (at === 3) response.writeHead(403, { 'Content-Type': types[0] }).end(latin);
        else response.writeHead(200, { 'Content-Type': types[at] }).end(bodies[at]);
      };
      const { recorder } = open(variant.transport, attachTo(variant));
      await recorder.until(({ ends }) => ends.length > 0);
      expect(recorder.frames.map(({ data }) => data)).toEqual(Array(3).fill('{"name":"Müller"}'));
      expect(recorder.ends[0]).toMatchObject({ kind: 'refused', bodyStart: '{"name":"Müller"}' });
    });

    it('comes back to the same connection', async () => {
      server.http = (_request, response) => response.writeHead(200).end('{}');
      const peers = new Set<unknown>();
      const { recorder } = open(variant.transport, attachTo(variant));
      recorder.react = () => peers.add(server.requests.at(-1)?.socket.remotePort);
      await recorder.until(({ frames }) => frames.length === 4);
      expect(peers.size).toBe(1);
    });
  });

  it('a long-poll holds no blanks, and a server that never holds is asked four times a second at most', async () => {
    let n = 0;
    server.http = (_request, response) => {
      n += 1;
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.write('   ');
      setTimeout(() => response.end('  {"n":1} '), 10);
    };
    const { recorder } = open(longPoll.transport, attachTo(longPoll));
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(recorder.frames[0]?.data).toBe('{"n":1} ');
    expect(n).toBeLessThanOrEqual(5);
    expect(recorder.roundTrips[0]).toBeNull();
  });

  describe('websocket', () => {
    it('behaviour 25: not JSON, empty, 3 MB, binary: each a frame, none an end', async () => {
      server.upgrade = (request, peer) => {
        const frame = acceptUpgrade(request, peer);
        peer.write(frame(Buffer.from('not json')));
        peer.write(frame(Buffer.alloc(0)));
        peer.write(frame(Buffer.alloc(3_000_000, 'z')));
        peer.write(frame(Buffer.from([0, 255, 1]), 2));
      };
      const { recorder } = open(websocket.transport, attachTo(websocket), { maxFrameBytes: 16_777_216 });
      await recorder.until(({ frames }) => frames.length === 4);
      expect(recorder.frames.map(({ bytes }) => bytes)).toEqual([8, 0, 3_000_000, 3]);
      expect(recorder.frames[3]?.data).toEqual(Buffer.from([0, 255, 1]));
      expect(recorder.ends).toEqual([]);
    });

    it('promise 22: a message over 16 MiB is refused by its head, and its size is what the head says', async () => {
      const limit = 16_777_216;
      const endAfter = async (...heads: readonly number[][]) => {
        server.upgrade = (request, peer) => {
          acceptUpgrade(request, peer);
          for (const head of heads) peer.write(Buffer.from(head));
        };
        return (await endOf(websocket, { maxFrameBytes: limit })).ends[0];
      };
      const large = [127, 0, 0, 0, 0, 0x10, 0, 0, 0, 0x61];
      expect(await endAfter([0x81, ...large])).toEqual({ kind: 'too-large', bytes: 0x1000_0000, limit });
      // More frames of it are to come: its size is in no head.
      expect(await endAfter([0x01, ...large])).toEqual({ kind: 'too-large', bytes: null, limit });
      expect(await endAfter([0x01, 1, 0x61], [0x80, ...large])).toEqual({ kind: 'too-large', bytes: null, limit });
      // Longer than a number can say.
      expect(await endAfter([0x81, 127, 0x10, 0, 0, 0, 0, 0, 0, 0])).toEqual({ kind: 'too-large', bytes: null, limit });
    });

    it('behaviour 39: a reset is not shown as a bare 1006', async () => {
      server.upgrade = (request, peer) => {
        peer.write(acceptUpgrade(request, peer)(Buffer.from('{}')));
        setTimeout(() => peer.resetAndDestroy(), 30);
      };
      const { ends } = await endOf(websocket);
      expect(ends[0]).toMatchObject({ kind: 'failed', failure: { phase: 'body', code: 'ECONNRESET' } });
    });

    it('an end without a close frame is 1006; a close frame keeps its code and reason', async () => {
      server.upgrade = (request, peer) => void peer.end(acceptUpgrade(request, peer)(Buffer.from('{}')));
      expect((await endOf(websocket)).ends[0]).toMatchObject({ kind: 'closed', code: 1006 });
      server.upgrade = (request, peer) => {
        const frame = acceptUpgrade(request, peer);
        peer.write(frame(Buffer.concat([Buffer.from([0x03, 0xf4]), Buffer.from('come back')]), 8));
      };
      expect((await endOf(websocket)).ends[0]).toEqual({ kind: 'closed', code: 1012, reason: 'come back' });
    });

    it('sends in order', async () => {
      const heard: Buffer[] = [];
      server.upgrade = (request, peer) => {
        acceptUpgrade(request, peer);
        peer.on('data', (data: Buffer) => heard.push(data));
      };
      const { recorder, session } = open(websocket.transport, attachTo(websocket));
      await recorder.until(({ openings }) => openings.length === 1);
      for (const text of ['a', 'b']) session.send(text, () => {});
      await expect.poll(() => Buffer.concat(heard).length).toBe(14);
    });

    it('closes politely, and within three seconds where the server does not answer', async () => {
      let gone = false;
      server.upgrade = (request, peer) => {
        peer.write(acceptUpgrade(request, peer)(Buffer.from('{}')));
        peer.on('close', () => {
          gone = true;
        });
      };
      const { recorder, session } = open(websocket.transport, attachTo(websocket));
      await recorder.until(({ frames }) => frames.length === 1);
      const startedAt = performance.now();
      session.close();
      await expect.poll(() => gone, { timeout: 4000 }).toBe(true);
      expect(performance.now() - startedAt).toBeGreaterThan(2500);
      expect(recorder.ends).toEqual([]);
    });
  });

  it('behaviour 15: nothing in the HTTP client has a clock that ends a silent stream', async () => {
    // undici's shortest granularity is a second; what matters is that the options are off, so this looks at the source.
    const { readFileSync } = await import('node:fs');
    const speaker = readFileSync(new URL('../dialling/http1-speaker.ts', import.meta.url), 'utf8');
    expect(speaker).toMatch(/bodyTimeout: 0/);
    expect(speaker).toMatch(/headersTimeout: 0/);
  });

  it.each(overHttp)('$name: a header that cannot be written is a failure, not an exception', async (variant) => {
    const { recorder } = open(variant.transport, () => ({
      ...attachTo(variant)(),
      headers: [['x-bad', 'a\nb']],
    }));
    await recorder.until(({ ends }) => ends.length > 0);
    expect(recorder.ends[0]?.kind).toBe('failed');
  });
});
