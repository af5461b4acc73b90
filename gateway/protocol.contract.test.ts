import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayOptions } from './gateway';
import { type Follow, type FollowOptions, follow, type Transport, transports } from './testing/four-transports';
import { ask, type Json, openSse, openWebSocket, publish, RefusedUpgrade } from './testing/independent-client';
import { startTestGateway, type TestGateway } from './testing/start-gateway';

/** docs/protocol.md, held against the gateway by a client that knows nothing else of it. */

const running: TestGateway[] = [];
const open: { close(): unknown }[] = [];

async function start(options: GatewayOptions = {}): Promise<TestGateway> {
  const gateway = await startTestGateway(options);
  running.push(gateway);
  return gateway;
}

async function attach(transport: Transport, gateway: TestGateway, options: FollowOptions = {}): Promise<Follow> {
  const following = await follow(transport, gateway.streamUrl(), options);
  open.push(following);
  return following;
}

async function epochOf(gateway: TestGateway): Promise<string> {
  return String((await ask(gateway.streamUrl())).json.epoch);
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const push = ['websocket', 'sse'] as const;
const openPush = (transport: (typeof push)[number], url: string, query = '') =>
  transport === 'sse' ? openSse(url, query) : openWebSocket(url, query);

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  for (const gateway of running.splice(0)) await gateway.close();
});

describe.each(transports)('%s', (transport) => {
  it('says hello with its place, and delivers in order what comes after', async () => {
    const gateway = await start();
    await gateway.publishMany(3);
    const client = await attach(transport, gateway);
    expect(client.hello).toMatchObject({ stream: 'test', from: 3, head: 3, heartbeatMs: 200 });
    expect(client.hello.epoch).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(client.hello.spreadMs).toBeGreaterThanOrEqual(1_000);
    expect(client.hello.instance).toBeTypeOf('string');
    expect(Math.abs(Number(client.hello.time) - Date.now())).toBeLessThan(5_000);
    await gateway.publishMany(50);
    await client.untilSeq(53);
    expect(client.seqs()).toEqual(range(4, 53));
    expect(client.events()[0]).toMatchObject({ kind: 'event', stream: 'test', type: 'tick', data: { n: 1 } });
  });

  it('begins K events before the head when asked for the last K', async () => {
    const gateway = await start();
    await gateway.publishMany(10);
    const client = await attach(transport, gateway, { last: 4 });
    expect(client.hello).toMatchObject({ from: 6, head: 10 });
    await client.untilSeq(10);
    expect(client.seqs()).toEqual([7, 8, 9, 10]);
    const all = await attach(transport, gateway, { last: 1_000 });
    expect(all.hello).toMatchObject({ from: 0, head: 10 });
  });

  it('resumes from a cursor without a hole, while events keep coming', async () => {
    const gateway = await start();
    await gateway.publishMany(1_200);
    const epoch = await epochOf(gateway);
    const publishing = gateway.publishMany(300);
    const client = await attach(transport, gateway, { after: `${epoch}:5` });
    await publishing;
    await client.untilSeq(1_500);
    expect(client.hello).toMatchObject({ from: 5 });
    expect(client.cannotResume).toBeNull();
    expect(client.seqs()).toEqual(range(6, 1_500));
  });

  it('says retention when the cursor is older than the log, and replays what is left', async () => {
    const gateway = await start({ retention: { events: 10 } });
    await gateway.publishMany(30);
    const epoch = await epochOf(gateway);
    const client = await attach(transport, gateway, { after: `${epoch}:7` });
    expect(client.cannotResume).toEqual({
      kind: 'cannot-resume',
      stream: 'test',
      epoch,
      cause: 'retention',
      requested: { epoch, seq: 7 },
      oldest: 21,
      head: 30,
    });
    expect(client.hello).toMatchObject({ from: 20, head: 30 });
    await client.untilSeq(30);
    expect(client.seqs()).toEqual(range(21, 30));
  });

  it('honours a cursor just before the oldest event', async () => {
    const gateway = await start({ retention: { events: 10 } });
    await gateway.publishMany(30);
    const client = await attach(transport, gateway, { after: `${await epochOf(gateway)}:20` });
    expect(client.cannotResume).toBeNull();
    await client.untilSeq(30);
    expect(client.seqs()).toEqual(range(21, 30));
  });

  it('says epoch-changed for a cursor of another numbering, and begins at the head', async () => {
    const gateway = await start();
    await gateway.publishMany(5);
    const client = await attach(transport, gateway, { after: 'old-one:3' });
    expect(client.cannotResume).toMatchObject({ cause: 'epoch-changed', requested: { epoch: 'old-one', seq: 3 } });
    expect(client.hello).toMatchObject({ from: 5, head: 5 });
  });

  it('says ahead for a cursor beyond the head, and begins at the head', async () => {
    const gateway = await start();
    await gateway.publishMany(5);
    const client = await attach(transport, gateway, { after: `${await epochOf(gateway)}:9` });
    expect(client.cannotResume).toMatchObject({ cause: 'ahead', requested: { seq: 9 }, head: 5 });
    expect(client.hello).toMatchObject({ from: 5, head: 5 });
    await gateway.publishMany(1);
    await client.untilSeq(6);
    expect(client.seqs()).toEqual([6]);
  });

  it('wants the token when there is one', async () => {
    const gateway = await start({ token: 'right-token' });
    await expect(attach(transport, gateway)).rejects.toThrow(/401/);
    await expect(attach(transport, gateway, { headers: { authorization: 'Bearer wrong-token' } })).rejects.toThrow(
      /401/,
    );
    const client = await attach(transport, gateway, { headers: { authorization: 'Bearer right-token' } });
    expect(client.hello).toMatchObject({ from: 0 });
  });

  it('leaves nothing behind when the client goes away', async () => {
    const gateway = await start();
    for (let round = 0; round < 3; round += 1) {
      const client = await attach(transport, gateway);
      await sleep(30);
      await client.close();
    }
    await sleep(50);
    expect(gateway.stats().clients).toEqual({ websocket: 0, sse: 0, longPoll: 0 });
  });

  it('answers 404 for a stream that nobody has, but makes it for a cursor', async () => {
    const gateway = await start();
    await expect(follow(transport, gateway.streamUrl('nobody'))).rejects.toThrow(/404/);
    const client = await follow(transport, gateway.streamUrl('nobody'), { after: 'before:12' });
    open.push(client);
    expect(client.cannotResume).toMatchObject({ cause: 'epoch-changed', head: 0 });
  });
});

describe.each(push)('%s, held open', (transport) => {
  it('beats at least every heartbeatMs when nothing else is sent', async () => {
    const gateway = await start({ heartbeatMs: 150 });
    const client = await openPush(transport, gateway.streamUrl());
    open.push(client);
    const at: number[] = [performance.now()];
    let seen = 0;
    const deadline = performance.now() + 1_000;
    while (performance.now() < deadline) {
      const beats =
        transport === 'sse'
          ? (client.raw().match(/^: heartbeat \d+$/gm) ?? []).length
          : client.received.filter(({ message }) => message.kind === 'heartbeat').length;
      if (beats > seen) at.push(performance.now());
      seen = beats;
      await sleep(2);
    }
    const longest = Math.max(...at.slice(1).map((time, index) => time - (at[index] ?? time)));
    expect(seen).toBeGreaterThanOrEqual(5);
    // The promise is 150 ms; the rest is for a busy machine.
    expect(longest).toBeLessThan(350);
  });

  it('says goodbye with a reason on shutdown', async () => {
    const gateway = await start();
    const client = await openPush(transport, gateway.streamUrl());
    await client.until(({ kind }) => kind === 'hello');
    await gateway.close();
    expect(await client.until(({ kind }) => kind === 'goodbye')).toEqual({
      kind: 'goodbye',
      reason: 'shutdown',
      retryAfterMs: 1_000,
      spreadMs: 1_000,
    });
    expect(await client.closed).toBe(transport === 'sse' ? 0 : 1001);
  });

  it('says goodbye when the numbering starts anew', async () => {
    const gateway = await start();
    await gateway.publishMany(3);
    const before = await epochOf(gateway);
    const client = await openPush(transport, gateway.streamUrl());
    await client.until(({ kind }) => kind === 'hello');
    await gateway.faults.restart();
    expect(await client.until(({ kind }) => kind === 'goodbye')).toMatchObject({ reason: 'restart' });
    await client.closed;
    const again = await attach(transport, gateway, { after: `${before}:3` });
    expect(again.cannotResume).toMatchObject({ cause: 'epoch-changed', oldest: 1, head: 0 });
    await gateway.publishMany(1);
    await again.untilSeq(1);
  });

  it('cuts a client that does not read, which then resumes without loss', async () => {
    const gateway = await start({ limits: { queueBytes: 64 * 1024 }, retention: { bytes: 256 * 1024 * 1024 } });
    const client = await openPush(transport, gateway.streamUrl());
    await client.until(({ kind }) => kind === 'hello');
    client.pause();
    const data = 'x'.repeat(100_000);
    let published = 0;
    while (gateway.stats().cut === 0 && published < 400) {
      await gateway.publish('test', { type: 'big', data });
      published += 1;
      await sleep(1);
    }
    expect(gateway.stats()).toMatchObject({ cut: 1, clients: { websocket: 0, sse: 0 } });
    await gateway.publishMany(5);
    published += 5;
    client.resume();
    expect(await client.until(({ kind }) => kind === 'goodbye')).toMatchObject({ reason: 'slow-consumer' });
    const got = client.seqs();
    expect(got).toEqual(range(1, got.length));
    const again = await attach(transport, gateway, { after: `${await epochOf(gateway)}:${got.length}` });
    await again.untilSeq(published);
    expect(again.seqs()).toEqual(range(got.length + 1, published));
  });

  it('spreads by the number of clients attached', async () => {
    const gateway = await start({ reconnectsPerSecond: 2 });
    const clients: Awaited<ReturnType<typeof openPush>>[] = [];
    for (let count = 1; count <= 6; count += 1) clients.push(await openPush(transport, gateway.streamUrl()));
    open.push(...clients);
    expect(await clients[0]?.until(({ kind }) => kind === 'hello')).toMatchObject({ spreadMs: 1_000 });
    expect(await clients[5]?.until(({ kind }) => kind === 'hello')).toMatchObject({ spreadMs: 3_000 });
  });
});

describe('WebSocket requests', () => {
  it('replays a range once more', async () => {
    const gateway = await start({ retention: { events: 10 } });
    await gateway.publishMany(30);
    const client = await openWebSocket(gateway.streamUrl());
    open.push(client);
    client.send({ kind: 'replay', after: 22, to: 25, ref: 'r1' });
    expect(await client.until(({ kind }) => kind === 'replayed')).toEqual({
      kind: 'replayed',
      ref: 'r1',
      after: 22,
      to: 25,
      oldest: 21,
      missing: false,
    });
    expect(client.seqs()).toEqual([23, 24, 25]);
    client.send({ kind: 'replay', after: 15, to: 99, ref: 'r2' });
    expect(await client.until(({ ref }) => ref === 'r2')).toMatchObject({ to: 30, oldest: 21, missing: true });
    expect(client.seqs().slice(3)).toEqual(range(21, 30));
  });

  it('answers a replay in parts when it is long', async () => {
    const gateway = await start({ limits: { answerEvents: 20 } });
    await gateway.publishMany(50);
    const client = await openWebSocket(gateway.streamUrl());
    open.push(client);
    client.send({ kind: 'replay', after: 0, to: 50, ref: 'r1' });
    expect(await client.until(({ kind }) => kind === 'replayed')).toMatchObject({ to: 20, missing: false });
    expect(client.seqs()).toEqual(range(1, 20));
  });

  it('publishes, once per key', async () => {
    const gateway = await start();
    const client = await openWebSocket(gateway.streamUrl());
    open.push(client);
    client.send({ kind: 'publish', ref: 'p1', type: 'note', data: { a: 1 }, key: 'k1', id: 'i1' });
    client.send({ kind: 'publish', ref: 'p2', type: 'note', data: { a: 2 }, key: 'k1' });
    expect(await client.until(({ ref }) => ref === 'p1')).toMatchObject({ kind: 'published', seq: 1, repeated: false });
    expect(await client.until(({ ref }) => ref === 'p2')).toMatchObject({ kind: 'published', seq: 1, repeated: true });
    expect(client.events()).toMatchObject([{ seq: 1, type: 'note', data: { a: 1 }, id: 'i1' }]);
  });

  it('refuses what is wrong with the field, and stays open', async () => {
    const gateway = await start();
    const client = await openWebSocket(gateway.streamUrl());
    open.push(client);
    const wrong: readonly [unknown, Json][] = [
      ['not json', { error: 'bad-json' }],
      [[1], { error: 'bad-message', field: 'kind' }],
      [
        { kind: 'sing', ref: 'a' },
        { error: 'bad-message', field: 'kind', ref: 'a' },
      ],
      [
        { kind: 'replay', after: -1, to: 3, ref: 'b' },
        { error: 'bad-message', field: 'after', ref: 'b' },
      ],
      [
        { kind: 'replay', after: 3, to: 1, ref: 'c' },
        { error: 'bad-message', field: 'to', ref: 'c' },
      ],
      [
        { kind: 'publish', type: 'a\r\nid: x', data: 1, ref: 'd' },
        { error: 'bad-event', field: 'type', ref: 'd' },
      ],
      [
        { kind: 'publish', type: 'a', ref: 'e' },
        { error: 'bad-event', field: 'data', ref: 'e' },
      ],
    ];
    for (const [message, expected] of wrong) {
      const count = client.received.length;
      client.send(message);
      await client.until(
        (got) => got.kind === 'refused' && client.received.findIndex((one) => one.message === got) >= count,
      );
      expect(client.received.at(-1)?.message).toMatchObject({ kind: 'refused', ...expected });
    }
    client.socket.send(Buffer.from([1, 2]), { binary: true });
    await sleep(50);
    client.send({ kind: 'replay', after: 0, to: 0, ref: 'end' });
    expect(await client.until(({ ref }) => ref === 'end')).toMatchObject({ kind: 'replayed' });
  });

  it('answers pings, and closes over-long frames with 1009', async () => {
    const gateway = await start({ limits: { bodyBytes: 1_000 } });
    const client = await openWebSocket(gateway.streamUrl());
    const pong = new Promise<string>((resolve) => client.socket.once('pong', (data) => resolve(String(data))));
    client.socket.ping('are you there');
    expect(await pong).toBe('are you there');
    client.send({ kind: 'publish', type: 'a', data: 'x'.repeat(2_000) });
    expect(await client.closed).toBe(1009);
  });

  it('answers a refused upgrade as HTTP with the error body', async () => {
    const gateway = await start();
    const refusal = await openWebSocket(gateway.streamUrl(), '?after=nonsense').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RefusedUpgrade);
    const { status, body } = refusal as RefusedUpgrade;
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ error: { kind: 'bad-cursor', field: 'after' } });
    expect(await ask(`${gateway.streamUrl()}/ws`)).toMatchObject({
      status: 426,
      json: { error: { kind: 'upgrade-required' } },
    });
  });
});

describe('SSE', () => {
  it('has the headers, the retry, and the ids the page promises', async () => {
    const gateway = await start();
    await gateway.publishMany(2);
    const epoch = await epochOf(gateway);
    const client = await openSse(gateway.streamUrl(), '?last=1');
    open.push(client);
    await client.until(({ kind }) => kind === 'event');
    expect(client.raw()).toMatch(/^retry: \d+\n\nevent: hello\nid: /);
    const retry = Number(/^retry: (\d+)/.exec(client.raw())?.[1]);
    expect(retry).toBeGreaterThanOrEqual(300);
    expect(retry).toBeLessThanOrEqual(1_000);
    expect(client.received.map(({ sse }) => sse)).toEqual([
      { event: 'hello', id: `${epoch}:1` },
      { event: 'message', id: `${epoch}:2` },
    ]);
  });

  it('resumes by Last-Event-ID, which outranks ?after', async () => {
    const gateway = await start();
    await gateway.publishMany(5);
    const epoch = await epochOf(gateway);
    const client = await openSse(gateway.streamUrl(), `?after=${epoch}:1`, { 'last-event-id': `${epoch}:3` });
    open.push(client);
    await client.until(({ seq }) => seq === 5);
    expect(client.seqs()).toEqual([4, 5]);
  });

  it('sends cannot-resume before hello and without an id', async () => {
    const gateway = await start();
    const client = await openSse(gateway.streamUrl(), '?after=other:1');
    open.push(client);
    await client.until(({ kind }) => kind === 'hello');
    expect(client.received[0]).toMatchObject({
      message: { kind: 'cannot-resume' },
      sse: { event: 'cannot-resume', id: null },
    });
  });
});

describe('polls', () => {
  it('hold until something is published, and answer then at once', async () => {
    const gateway = await start();
    const epoch = await epochOf(gateway);
    const startedAt = performance.now();
    const holding = ask(`${gateway.streamUrl()}/poll?after=${epoch}:0&wait=10`);
    await sleep(150);
    expect(gateway.stats().clients.longPoll).toBe(1);
    await gateway.publishMany(3);
    const answer = await holding;
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    expect(answer.json).toMatchObject({ kind: 'answer', from: 0, more: false });
    expect(answer.json.events).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
    expect(gateway.stats().clients.longPoll).toBe(0);
  });

  it('show life while they hold, and end empty when time is up', async () => {
    const gateway = await start({ heartbeatMs: 100 });
    const answer = await ask(`${gateway.streamUrl()}/poll?after=${await epochOf(gateway)}:0&wait=0.6`);
    expect(answer.text).toMatch(/^ {3,}\{/);
    expect(answer.chunkTimes[0]).toBeLessThan(350);
    expect(answer.json).toMatchObject({ events: [], from: 0, head: 0 });
    expect(answer.headers['x-poll-interval']).toBeUndefined();
  });

  it('page with more, and say how often to ask', async () => {
    const gateway = await start({ pollIntervalMs: 5_000 });
    await gateway.publishMany(25);
    const epoch = await epochOf(gateway);
    const first = await ask(`${gateway.streamUrl()}/poll?after=${epoch}:0&limit=20`);
    expect(first.json).toMatchObject({ more: true, head: 25 });
    expect(first.json.events).toHaveLength(20);
    expect(first.headers['x-poll-interval']).toBe('5');
    const second = await ask(`${gateway.streamUrl()}/poll?after=${epoch}:20&limit=20`);
    expect(second.json).toMatchObject({ more: false, from: 20 });
    expect(second.json.events).toHaveLength(5);
  });

  it('end an answer by bytes, with at least one event', async () => {
    const gateway = await start({ limits: { answerBytes: 1_024 } });
    for (let n = 0; n < 3; n += 1) await gateway.publish('test', { type: 'big', data: 'x'.repeat(2_000) });
    const answer = await ask(`${gateway.streamUrl()}/poll?last=3`);
    expect(answer.json.events).toHaveLength(1);
    expect(answer.json.more).toBe(true);
  });

  it('end with a goodbye when the gateway closes', async () => {
    const gateway = await start();
    const holding = ask(`${gateway.streamUrl()}/poll?after=${await epochOf(gateway)}:0&wait=10`);
    await sleep(100);
    await gateway.close();
    expect((await holding).json).toMatchObject({ events: [], goodbye: { kind: 'goodbye', reason: 'shutdown' } });
  });
});

describe('publish and snapshot', () => {
  it('publishes once per key, by member or by header', async () => {
    const gateway = await start();
    const url = gateway.streamUrl();
    const first = await publish(url, { type: 'note', data: 1, key: 'k' });
    expect(first).toMatchObject({ status: 201, json: { kind: 'published', stream: 'test', seq: 1, repeated: false } });
    const again = await publish(url, { type: 'note', data: 2 }, { 'idempotency-key': 'k' });
    expect(again).toMatchObject({ status: 200, json: { seq: 1, repeated: true, epoch: first.json.epoch } });
    expect(await publish(url, { type: 'note', data: 2, key: 'k' }, { 'idempotency-key': 'l' })).toMatchObject({
      status: 400,
      json: { error: { kind: 'bad-event', field: 'key' } },
    });
    expect((await ask(url)).json.head).toBe(1);
  });

  it('makes a stream by publishing to it', async () => {
    const gateway = await start();
    expect(await publish(gateway.streamUrl('new.one'), { type: 'a', data: null })).toMatchObject({ status: 201 });
    expect((await ask(gateway.streamUrl('new.one'))).json).toMatchObject({ kind: 'stream', oldest: 1, head: 1 });
  });

  it('keeps the last event of each type in the snapshot, beyond retention, whatever the type is called', async () => {
    const gateway = await start({ retention: { events: 2 } });
    await publish(gateway.streamUrl(), { type: '__proto__', data: { evil: true } });
    for (const n of [1, 2, 3]) await publish(gateway.streamUrl(), { type: 'b', data: { n } });
    const { status, json, text } = await ask(`${gateway.streamUrl()}/snapshot`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ kind: 'snapshot', stream: 'test', seq: 4 });
    expect(text).toContain('"__proto__":{"seq":1,');
    expect((json.state as Record<string, Json>).b).toMatchObject({ seq: 4, data: { n: 3 } });
  });

  it('refuses bodies that are wrong, each with its field', async () => {
    const gateway = await start();
    const url = gateway.streamUrl();
    const cases: readonly [unknown, string | undefined][] = [
      [{ data: 1 }, 'type'],
      [{ type: '', data: 1 }, 'type'],
      [{ type: 'a\nb', data: 1 }, 'type'],
      [{ type: 'a', data: 1, id: 'x\ry' }, 'id'],
      [{ type: 'a'.repeat(129), data: 1 }, 'type'],
      [{ type: 'a' }, 'data'],
      [{ type: 'a', data: 1, key: 'ü' }, 'key'],
      ['text', 'type'],
    ];
    for (const [body, field] of cases) {
      expect(await publish(url, body)).toMatchObject({ status: 400, json: { error: { kind: 'bad-event', field } } });
    }
    expect(await ask(url, { method: 'POST', body: '{"type"' })).toMatchObject({
      status: 400,
      json: { error: { kind: 'bad-json' } },
    });
    const deep = `{"type":"a","data":${'['.repeat(100)}${']'.repeat(100)}}`;
    expect(await ask(url, { method: 'POST', body: deep })).toMatchObject({
      status: 400,
      json: { error: { field: 'data' } },
    });
    expect((await ask(url)).json.head).toBe(0);
  });
});

describe('limits and refusals', () => {
  it('bounds the body', async () => {
    const gateway = await start({ limits: { bodyBytes: 1_000 } });
    const answer = await publish(gateway.streamUrl(), { type: 'a', data: 'x'.repeat(2_000) });
    expect(answer).toMatchObject({ status: 413, json: { error: { kind: 'too-large' } } });
  });

  it('bounds the clients, and says when to come back', async () => {
    const gateway = await start({ limits: { clients: 2 } });
    await attach('websocket', gateway);
    await attach('sse', gateway);
    const answer = await ask(`${gateway.streamUrl()}/sse`);
    expect(answer).toMatchObject({ status: 503, json: { error: { kind: 'busy' } } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    await expect(openWebSocket(gateway.streamUrl())).rejects.toMatchObject({ status: 503 });
  });

  it('bounds the streams and the rate of publishing', async () => {
    const gateway = await start({ limits: { streams: 2, publishPerSecond: 1, publishBurst: 3 } });
    expect(await publish(gateway.streamUrl('two'), { type: 'a', data: 1 })).toMatchObject({ status: 201 });
    expect(await publish(gateway.streamUrl('three'), { type: 'a', data: 1 })).toMatchObject({
      status: 403,
      json: { error: { kind: 'stream-limit' } },
    });
    expect(await publish(gateway.streamUrl(), { type: 'a', data: 1 })).toMatchObject({ status: 201 });
    const refused = await publish(gateway.streamUrl(), { type: 'a', data: 1 });
    expect(refused).toMatchObject({ status: 429, json: { error: { kind: 'rate' } } });
    expect(refused.headers['retry-after']).toBe('1');
  });

  it('has a kind, a sentence and a fix for every refusal', async () => {
    const gateway = await start();
    const url = gateway.streamUrl();
    const cases: readonly [string, Parameters<typeof ask>[1], number, string][] = [
      [`${gateway.url}/`, {}, 404, 'no-route'],
      [`${gateway.url}/v1/test/other`, {}, 404, 'no-route'],
      [`${gateway.url}/v1/te%20st/sse`, {}, 400, 'bad-stream'],
      [`${gateway.url}/v1/${'a'.repeat(65)}/sse`, {}, 400, 'bad-stream'],
      [`${url}/poll?after=5`, {}, 400, 'bad-cursor'],
      [`${url}/poll?after=e:-5`, {}, 400, 'bad-cursor'],
      [`${url}/sse`, { headers: { 'last-event-id': 'x y:1' } }, 400, 'bad-cursor'],
      [`${url}/poll?wait=soon`, {}, 400, 'bad-parameter'],
      [`${url}/poll?limit=0`, {}, 400, 'bad-parameter'],
      [`${url}/poll?last=-1`, {}, 400, 'bad-parameter'],
      [`${url}/sse`, { method: 'POST' }, 405, 'method'],
      [url, { method: 'DELETE' }, 405, 'method'],
      [`${url}/poll`, { headers: { origin: 'https://evil.example' } }, 403, 'forbidden-origin'],
    ];
    for (const [address, options, status, kind] of cases) {
      const answer = await ask(address, options);
      expect(answer, address).toMatchObject({ status, json: { error: { kind } } });
      const error = answer.json.error as Json;
      expect(error.message, address).toMatch(/\.$/);
      expect(error.fix, address).toMatch(/\.$/);
    }
  });

  it('lets its own origin and allowed ones in', async () => {
    const gateway = await start({ allowedOrigins: ['https://wall.example'] });
    for (const origin of [gateway.url, 'https://wall.example']) {
      expect(await ask(`${gateway.streamUrl()}/poll`, { headers: { origin } })).toMatchObject({ status: 200 });
    }
  });

  it('lets pages of allowed origins read its answers, refusals included, and no others', async () => {
    const gateway = await start({ allowedOrigins: ['https://wall.example'], token: 'right-token' });
    const url = gateway.streamUrl();
    const asked = async (path: string, headers: Record<string, string>, method = 'GET') => {
      const abort = new AbortController();
      const answer = await fetch(`${url}${path}`, { method, headers, signal: abort.signal });
      abort.abort();
      return answer;
    };
    const token = { authorization: 'Bearer right-token' };
    for (const path of ['/poll', '/sse', '/snapshot', '']) {
      const answer = await asked(path, { origin: 'https://wall.example', ...token });
      expect(answer.headers.get('access-control-allow-origin'), path).toBe('https://wall.example');
      expect(answer.headers.get('vary'), path).toBe('origin');
    }
    const refused = await asked('/poll', { origin: 'https://wall.example' });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, 'https://wall.example']);
    const foreign = await asked('/poll', { origin: 'https://evil.example', ...token });
    expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([403, null]);

    const beforehand = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
    const preflight = await asked('', { origin: 'https://wall.example', ...beforehand }, 'OPTIONS');
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, POST']);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    expect((await asked('', { origin: 'https://evil.example', ...beforehand }, 'OPTIONS')).status).toBe(403);
  });

  it('passes data on as it was written, digit by digit, over every transport', async () => {
    const gateway = await start();
    const data = '{"id":9007199254740993,"price":1.10}';
    const body = `{"type":"order",\n  "data": ${data}}`;
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(gateway.streamUrl(), { method: 'POST', headers, body })).status).toBe(201);
    for (const path of ['/poll?last=1', '/snapshot']) {
      expect(await (await fetch(`${gateway.streamUrl()}${path}`)).text()).toContain(`"data":${data}`);
    }
  });

  it('answers without a token only to names of its own: a rebound domain is refused', async () => {
    const gateway = await start({ allowedOrigins: ['https://wall.example'] });
    const { port } = gateway;
    const status = async (host: string) => (await ask(`${gateway.streamUrl()}/poll`, { headers: { host } })).status;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, 'upstream', 'wall.example']) {
      expect(await status(host), host).toBe(200);
    }
    expect(await status(`evil.example:${port}`)).toBe(403);
    const guarded = await start({ token: 'right-token' });
    const headers = { host: 'feeds.example', authorization: 'Bearer right-token' };
    expect(await ask(`${guarded.streamUrl()}/poll`, { headers })).toMatchObject({ status: 200 });
  });

  it('takes the token from the query too, and leaves /healthz open', async () => {
    const gateway = await start({ token: 'right-token' });
    expect(await ask(`${gateway.streamUrl()}/poll?access_token=right-token`)).toMatchObject({ status: 200 });
    const refused = await ask(`${gateway.streamUrl()}/poll?access_token=right-tokem`);
    expect(refused).toMatchObject({ status: 401, json: { error: { kind: 'unauthorized' } } });
    expect(refused.headers['www-authenticate']).toBe('Bearer');
    expect(refused.text).not.toContain('right-tok');
    expect(await ask(`${gateway.url}/healthz`)).toMatchObject({ status: 200, json: { ok: true } });
    expect(await publish(gateway.streamUrl(), { type: 'a', data: 1 })).toMatchObject({ status: 401 });
  });
});
