import { describe, expect, it } from 'vitest';
import { createGovernor } from '../connection/governor';
import type { HttpPort, HttpSink, SocketPort, SocketSink, StreamPort, StreamSink } from '../core/network';
import { createFakeClock } from '../simulation/fake-clock';
import { type Probed, probe, probeMs } from './probe';

/** Ports that do what a test tells them, and count what is open. */
function bench() {
  const clock = createFakeClock();
  const asked: string[] = [];
  const offers: (readonly string[])[] = [];
  const https: HttpSink[] = [];
  const sockets: SocketSink[] = [];
  let open = 0;
  const opened = () => {
    open += 1;
    let closed = false;
    return () => {
      if (!closed) open -= 1;
      closed = true;
    };
  };
  const http: HttpPort = {
    request({ method, url }, sink) {
      asked.push(`${method} ${url}`);
      https.push(sink);
      return { bytesRead: () => 0, pause() {}, resume() {}, destroy: opened() };
    },
  };
  const socket: SocketPort = {
    open({ url, subprotocols }, sink) {
      asked.push(`UPGRADE ${url} ${subprotocols.length}`);
      offers.push(subprotocols);
      sockets.push(sink);
      const destroy = opened();
      const nothing = () => {
        throw new Error('A look sends nothing.');
      };
      return {
        bytesRead: () => 0,
        bytesQueued: () => 0,
        send: nothing,
        ping: nothing,
        pause() {},
        resume() {},
        close: destroy,
        destroy,
      };
    },
  };
  const streams: StreamSink[] = [];
  const stream: StreamPort = {
    open({ url }, sink) {
      asked.push(`CONNECT ${url}`);
      streams.push(sink);
      const destroy = opened();
      const send = () => {
        throw new Error('A look sends nothing.');
      };
      return { bytesRead: () => 0, bytesQueued: () => 0, send, pause() {}, resume() {}, end: destroy, destroy };
    },
  };
  const turns = createGovernor(clock);
  const stop = new AbortController();
  let answer: Probed | null = null;
  const begin = (url: string, poll: string | null = null) => {
    const gateway = poll === null ? null : { poll, after: () => `${poll}&after` };
    void probe(
      { url, subprotocols: [], post: null, accept: null, gateway },
      { http, socket, stream, clock, turns, owner: 'look' },
      stop.signal,
    ).then((probed) => {
      answer = probed;
    });
  };
  return { clock, asked, offers, https, sockets, streams, turns, stop, begin, answer: () => answer, open: () => open };
}

const head = (type: string, status = 200) => ({ status, headers: [['content-type', type] as const] });
const timings = {} as Parameters<HttpSink['onHead']>[1];

describe('a look at an address, whatever is there', () => {
  it('ends after 10 s at the latest, and leaves neither connection nor timer nor place in the budget', async () => {
    const { clock, begin, asked, answer, open, turns } = bench();
    begin('http://h.test/a', 'http://h.test/a/poll?wait=0');
    await clock.advanceAsync(probeMs);
    expect(answer()?.verdicts).toEqual([]);
    expect(answer()?.problem).toContain('Nothing answered');
    expect(asked.length).toBeLessThanOrEqual(3);
    expect(open()).toBe(0);
    expect(turns.size()).toEqual({ inFlight: 0, waiting: 0 });
    expect(clock.pending()).toBe(0);
  });

  it('ends in time where an answer drips in byte by byte and never says anything whole', async () => {
    const { clock, begin, https, answer, open } = bench();
    begin('http://h.test/a');
    await clock.advanceAsync(10);
    https[0]?.onHead(head('application/json'), timings);
    for (let second = 0; second < 10; second += 1) {
      https[0]?.onBytes(Buffer.from('['));
      await clock.advanceAsync(1000);
    }
    expect(answer()?.verdicts[0]).toMatchObject({ title: 'JSON list', confidence: 'guess' });
    expect(open()).toBe(0);
    expect(clock.pending()).toBe(0);
  });

  it('lets go of a body that does not end at 2 MiB', async () => {
    const { clock, begin, https, answer, open } = bench();
    begin('http://h.test/a');
    await clock.advanceAsync(10);
    https[0]?.onHead(head('text/plain'), timings);
    for (let at = 0; at < 33; at += 1) https[0]?.onBytes(Buffer.alloc(64 * 1024, 'a'));
    await clock.advanceAsync(0);
    expect(answer()?.verdicts[0]).toMatchObject({ title: 'Plain text', confidence: 'guess' });
    expect(open()).toBe(0);
  });

  it('waits for its turn among the attempts of the same origin, and gives up when none comes', async () => {
    const { clock, begin, asked, answer, turns } = bench();
    for (let at = 0; at < 6; at += 1) turns.request('http://h.test', `other ${at}`, 60_000, () => {});
    begin('ws://h.test/a');
    await clock.advanceAsync(probeMs);
    expect(asked).toEqual([]);
    expect(answer()?.problem).not.toBeNull();
    expect(turns.size()).toMatchObject({ waiting: 0 });
  });

  it('is cut at once when it is no longer wanted, in whatever it was doing', async () => {
    for (const url of ['http://h.test/a', 'ws://h.test/a']) {
      const { clock, begin, stop, sockets, answer, open, turns } = bench();
      begin(url);
      await clock.advanceAsync(100);
      sockets[0]?.onOpen({ status: 101, headers: [] }, timings, '');
      stop.abort();
      await clock.advanceAsync(0);
      expect(answer()).not.toBeNull();
      expect(open()).toBe(0);
      expect(clock.pending()).toBe(0);
      expect(turns.size()).toEqual({ inFlight: 0, waiting: 0 });
    }
  });

  it('asks a WebSocket that says nothing once more which subprotocol it speaks, and sends nothing', async () => {
    const { clock, begin, sockets, asked, answer, open } = bench();
    begin('ws://h.test/a');
    await clock.advanceAsync(10);
    sockets[0]?.onOpen({ status: 101, headers: [] }, timings, '');
    await clock.advanceAsync(4_000);
    expect(asked).toHaveLength(2);
    sockets[1]?.onOpen({ status: 101, headers: [] }, timings, 'mqtt');
    await clock.advanceAsync(2_000);
    expect(answer()?.verdicts[0]).toMatchObject({ title: 'MQTT', confidence: 'certain' });
    expect(open()).toBe(0);
  });

  it('offers no list that libwebsockets hangs up on, and the rest in a next one', async () => {
    const { clock, begin, sockets, offers, answer, open } = bench();
    begin('ws://h.test/a');
    await clock.advanceAsync(10);
    sockets[0]?.onOpen({ status: 101, headers: [] }, timings, '');
    await clock.advanceAsync(4_000);
    sockets[1]?.onError({
      phase: 'handshake',
      code: 'ECONNRESET',
      message: 'socket hang up',
      certificate: null,
      proxy: null,
    });
    await clock.advanceAsync(10);
    sockets[2]?.onOpen({ status: 101, headers: [] }, timings, 'ocpp1.6');
    await clock.advanceAsync(2_000);
    // It copies them to a place of 128 bytes.
    expect(offers.map((names) => names.join(', ').length).filter((length) => length > 127)).toEqual([]);
    expect(offers.flat()).toEqual(expect.arrayContaining(['graphql-transport-ws', 'mqtt', 'v12.stomp', 'ocpp1.6']));
    expect(answer()?.verdicts[0]).toMatchObject({ title: 'OCPP', confidence: 'certain' });
    expect(open()).toBe(0);
  });

  it('goes on to an upgrade where a plain request is refused for want of one', async () => {
    const { clock, begin, https, asked, sockets, answer } = bench();
    begin('http://h.test/a?b=c');
    await clock.advanceAsync(10);
    https[0]?.onHead(head('text/plain', 426), timings);
    https[0]?.onEnd();
    await clock.advanceAsync(10);
    expect(asked).toEqual(['GET http://h.test/a?b=c', 'UPGRADE ws://h.test/a?b=c 0']);
    sockets[0]?.onOpen({ status: 101, headers: [] }, timings, '');
    for (const text of ['{"a":1}', '{"a":2}']) sockets[0]?.onMessage(text);
    await clock.advanceAsync(5_000);
    expect(answer()?.verdicts[0]).toMatchObject({ title: 'JSON WebSocket that speaks', confidence: 'certain' });
    expect(answer()?.verdicts[0]?.ladder).toMatchObject([{ transport: 'websocket', url: 'ws://h.test/a?b=c' }]);
  });

  it.each([
    ['a page', 200, '<!doctype html><p>app', true],
    ['nothing', 404, 'Cannot GET /', true],
    ['a page, and nothing beside it', 200, '<!doctype html><p>app', false],
  ] as const)('finds the Socket.IO of an application whose address gives %s', async (_what, status, body, there) => {
    const { clock, begin, https, asked, answer, open } = bench();
    begin('http://h.test');
    let answered = 0;
    for (let turn = 0; turn < 8 && answer() === null; turn += 1) {
      await clock.advanceAsync(10);
      for (; answered < https.length; answered += 1) {
        const beside = there && asked[answered]?.endsWith('/socket.io/');
        https[answered]?.onHead(head(beside ? 'application/json' : 'text/html', beside ? 400 : status), timings);
        https[answered]?.onBytes(Buffer.from(beside ? '{"code":0,"message":"Transport unknown"}' : body));
        https[answered]?.onEnd();
      }
    }
    expect(asked.at(-1)).toBe('GET http://h.test/socket.io/');
    expect(answer()?.verdicts.map(({ title, ladder }) => [title, ladder[0]?.url])).toEqual(
      there ? [['Socket.IO', 'ws://h.test/socket.io/']] : [],
    );
    // What is said is still of the address that was pasted.
    if (!there) expect(answer()?.problem).toMatch(/web page/);
    expect(open()).toBe(0);
  });

  it('takes nothing for our gateway that only answers where ours would', async () => {
    const { clock, begin, https, answer } = bench();
    begin('http://h.test/v1/a', 'http://h.test/v1/a/poll?wait=0');
    for (const body of ['{"any":"thing"}', '{"status":"up"}']) {
      await clock.advanceAsync(10);
      https.at(-1)?.onHead(head('application/json'), timings);
      https.at(-1)?.onBytes(Buffer.from(body));
      https.at(-1)?.onEnd();
    }
    await clock.advanceAsync(10);
    expect(answer()?.verdicts[0]).toMatchObject({ title: 'JSON value', ladder: [{ url: 'http://h.test/v1/a' }] });
  });
});

describe('a look at a broker', () => {
  it('connects, sends nothing, and takes the address at its word where somebody listens', async () => {
    const { clock, begin, asked, streams, answer, open } = bench();
    begin('mqtt://h.test:1883');
    await clock.advanceAsync(10);
    streams[0]?.onOpen(timings);
    await clock.advanceAsync(1_000);
    expect(asked).toEqual(['CONNECT mqtt://h.test:1883']);
    expect(answer()?.verdicts[0]).toMatchObject({
      title: 'MQTT',
      protocol: 'mqtt',
      confidence: 'likely',
      ladder: [{ transport: 'tcp', url: 'mqtt://h.test:1883' }],
    });
    expect(open()).toBe(0);
  });

  it('only guesses where the server speaks first, or ends it at once', async () => {
    for (const tell of [
      (sink: StreamSink) => sink.onBytes(Buffer.from('SSH-2.0')),
      (sink: StreamSink) => sink.onEnd(),
    ]) {
      const { clock, begin, streams, answer } = bench();
      begin('mqtts://h.test');
      await clock.advanceAsync(10);
      const [sink] = streams;
      sink?.onOpen(timings);
      if (sink) tell(sink);
      await clock.advanceAsync(1_000);
      expect(answer()?.verdicts[0]).toMatchObject({ confidence: 'guess' });
    }
  });

  it('says why nobody could be reached', async () => {
    const { clock, begin, streams, answer } = bench();
    begin('stomp://h.test:61613');
    await clock.advanceAsync(10);
    streams[0]?.onError({ phase: 'tcp', code: 'ECONNREFUSED', message: 'refused', certificate: null, proxy: null });
    await clock.advanceAsync(10);
    expect(answer()).toMatchObject({ verdicts: [], problem: expect.stringContaining('ECONNREFUSED') });
  });
});
