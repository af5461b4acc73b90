import type { ClientRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { noFaults } from '../../shared/faults';
import { ask, openSse, openWebSocket, publish } from '../testing/independent-client';
import { startTestGateway, type TestGateway } from '../testing/start-gateway';

/** The demo faults as a client meets them. */

const running: TestGateway[] = [];
const clients: { close(): unknown }[] = [];
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function start(options: Parameters<typeof startTestGateway>[0] = {}): Promise<TestGateway> {
  const gateway = await startTestGateway({ heartbeatMs: 50, ...options });
  running.push(gateway);
  return gateway;
}

async function webSocket(gateway: TestGateway, query = '') {
  const client = await openWebSocket(gateway.streamUrl(), query);
  clients.push(client);
  await client.until(({ kind }) => kind === 'hello');
  return client;
}

async function sse(gateway: TestGateway, query = '') {
  const client = await openSse(gateway.streamUrl(), query);
  clients.push(client);
  return client;
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const gateway of running.splice(0)) await gateway.close();
});

describe('/demo/faults', () => {
  it('is not there outside demo mode', async () => {
    const gateway = await start({ demo: false });
    expect(await ask(`${gateway.url}/demo/faults`)).toMatchObject({
      status: 404,
      json: { error: { kind: 'no-route' } },
    });
    expect(await publish(`${gateway.url}/demo/faults`, {})).toMatchObject({ status: 404 });
  });

  it('reads and changes', async () => {
    const gateway = await start();
    const url = `${gateway.url}/demo/faults`;
    expect((await ask(url)).json).toEqual({
      kind: 'faults',
      settings: noFaults,
      next: { lose: 0, repeat: 0, reorder: 0 },
    });
    const changed = await publish(url, { settings: { repeat: true }, next: { lose: 2 } });
    expect(changed).toMatchObject({
      status: 200,
      json: { settings: { repeat: true, lose: false }, next: { lose: 2 } },
    });
    expect(gateway.faults.state().settings.repeat).toBe(true);
    expect(await publish(url, { settings: { explode: true } })).toMatchObject({
      status: 400,
      json: { error: { kind: 'bad-parameter' } },
    });
    expect(await publish(url, { action: 'explode' })).toMatchObject({
      status: 400,
      json: { error: { field: 'action' } },
    });
  });

  it('does a one-shot after answering', async () => {
    const gateway = await start();
    const client = await webSocket(gateway);
    expect(await publish(`${gateway.url}/demo/faults`, { action: 'drop-connections' })).toMatchObject({ status: 200 });
    expect(await client.closed).toBe(1006);
  });
});

describe('faults', () => {
  it('block WebSocket: refuse upgrades, reset open ones', async () => {
    const gateway = await start();
    const client = await webSocket(gateway);
    gateway.faults.change({ blockWebSocket: true });
    expect(await client.closed).toBe(1006);
    await expect(openWebSocket(gateway.streamUrl())).rejects.toMatchObject({ status: 403 });
    expect(await ask(`${gateway.streamUrl()}/poll`)).toMatchObject({ status: 200 });
    gateway.faults.change({ blockWebSocket: false });
    await webSocket(gateway);
  });

  it('refuse SSE: refuse new, reset open ones', async () => {
    const gateway = await start();
    const client = await sse(gateway);
    gateway.faults.change({ refuseSse: true });
    expect(await client.closed).toBe(-1);
    expect(await ask(`${gateway.streamUrl()}/sse`)).toMatchObject({ status: 403, json: { error: { kind: 'fault' } } });
  });

  it('buffer SSE: nothing for a while, then much at once', async () => {
    const gateway = await start({ heartbeatMs: 10_000 });
    gateway.faults.change({ bufferSse: true });
    const client = await sse(gateway);
    await gateway.publish('test', { type: 'a', data: 'x'.repeat(3_000) });
    await sleep(60);
    expect(client.raw()).toBe('');
    for (const n of [2, 3]) await gateway.publish('test', { type: 'a', data: `${n}`.repeat(3_000) });
    await client.until(({ seq }) => seq === 3);
    expect(client.received[0]?.message.kind).toBe('hello');
    expect(client.seqs()).toEqual([1, 2, 3]);
    await gateway.publishMany(1);
    gateway.faults.change({ bufferSse: false });
    await gateway.publishMany(1);
    await client.until(({ seq }) => seq === 5);
    expect(client.seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it('cut long-poll: a hold is reset', async () => {
    const gateway = await start();
    gateway.faults.change({ cutLongPoll: true });
    const { epoch } = (await ask(gateway.streamUrl())).json;
    await expect(ask(`${gateway.streamUrl()}/poll?after=${epoch}:0&wait=5`)).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    expect(await ask(`${gateway.streamUrl()}/poll?after=${epoch}:0`)).toMatchObject({ status: 200 });
    expect(gateway.stats().clients.longPoll).toBe(0);
  });

  it('stall: not a byte, no pong, no answer; afterwards nothing is missing', async () => {
    const gateway = await start();
    const [one, two] = [await webSocket(gateway), await sse(gateway)];
    await two.until(({ kind }) => kind === 'hello');
    gateway.faults.change({ stall: true });
    await sleep(20);
    const before = [one.received.length, two.raw().length];
    let ponged = false;
    one.socket.on('pong', () => {
      ponged = true;
    });
    one.socket.ping();
    const polling = ask(`${gateway.streamUrl()}/poll?last=9`);
    await gateway.publishMany(5);
    await sleep(200);
    expect([one.received.length, two.raw().length]).toEqual(before);
    expect(ponged).toBe(false);
    gateway.faults.change({ stall: false });
    await gateway.publishMany(1);
    for (const client of [one, two]) {
      await client.until(({ seq }) => seq === 6);
      expect(client.seqs()).toEqual([1, 2, 3, 4, 5, 6]);
    }
    expect((await polling).status).toBe(200);
  });

  it('stall: nobody is cut as slow for what it could not take, and a hold that ends says so afterwards', async () => {
    const gateway = await start({ limits: { queueBytes: 16 * 1024, slowMs: 60 } });
    const client = await webSocket(gateway);
    const { epoch } = (await ask(gateway.streamUrl())).json;
    const holding = ask(`${gateway.streamUrl()}/poll?after=${epoch}:0&wait=0.1`);
    await sleep(20);
    gateway.faults.change({ stall: true });
    let answered = false;
    void holding.then(() => {
      answered = true;
    });
    for (let n = 1; n <= 50; n += 1) {
      await gateway.publish('test', { type: 'a', data: 'x'.repeat(2_000) });
      // In a turn of its own, or all of them were one batch.
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.send({ kind: 'publish', type: 'b', data: 1, ref: 'p' });
    await sleep(250);
    expect([client.events(), answered, gateway.stats().cut]).toEqual([[], false, 0]);
    gateway.faults.change({ stall: false });
    await client.until(({ ref }) => ref === 'p');
    await client.until(({ kind, seq }) => kind === 'event' && seq === 51);
    expect(client.seqs()).toEqual(Array.from({ length: 51 }, (_, index) => index + 1));
    expect((await holding).status).toBe(200);
    expect(gateway.stats().cut).toBe(0);
  });

  it('stall: a request that came in before is not answered either', async () => {
    const gateway = await start();
    let outgoing: ClientRequest | null = null;
    const body = JSON.stringify({ type: 'a', data: 1 });
    const answering = ask(gateway.streamUrl(), {
      method: 'POST',
      headers: { 'content-length': String(body.length) },
      body: body.slice(0, 5),
      onRequest: (request) => {
        // Sent without its end.
        request.end = (chunk: unknown) => {
          request.write(chunk);
          return request;
        };
        outgoing = request;
      },
    });
    await sleep(50);
    gateway.faults.change({ stall: true });
    let answered = false;
    void answering.then(() => {
      answered = true;
    });
    (outgoing as ClientRequest | null)?.write(body.slice(5));
    await sleep(100);
    expect(answered).toBe(false);
    gateway.faults.change({ stall: false });
    expect((await answering).status).toBe(201);
  });

  it('stall: a restart in the middle of it is told afterwards', async () => {
    const gateway = await start();
    const client = await webSocket(gateway);
    gateway.faults.change({ stall: true });
    await gateway.publishMany(1);
    await gateway.faults.restart();
    // Longer than a client has to take a goodbye.
    await sleep(1_200);
    gateway.faults.change({ stall: false });
    expect(await client.closed).toBe(1012);
    expect(client.received.at(-1)?.message).toMatchObject({ kind: 'goodbye', reason: 'restart' });
  });

  it('stall: the panel answers, and switches it off again', async () => {
    const gateway = await start();
    const url = `${gateway.url}/demo/faults`;
    await publish(url, { settings: { stall: true } });
    const waiting = ask(gateway.streamUrl());
    expect(await publish(url, { settings: { stall: false } })).toMatchObject({ json: { settings: { stall: false } } });
    expect((await waiting).status).toBe(200);
  });

  it('stall: a close in the middle of it says goodbye', async () => {
    const gateway = await start();
    const client = await webSocket(gateway);
    gateway.faults.change({ stall: true });
    const waiting = ask(gateway.streamUrl());
    await sleep(20);
    await gateway.close();
    expect(await client.closed).toBe(1001);
    expect(await waiting).toMatchObject({ status: 503, json: { error: { kind: 'closing' } } });
  });

  it('lose, repeat and reorder live events, while a replay stays whole', async () => {
    const gateway = await start();
    const client = await webSocket(gateway);
    gateway.faults.tamperNext({ lose: 1 });
    await gateway.publishMany(3);
    await client.until(({ seq }) => seq === 3);
    gateway.faults.tamperNext({ reorder: 1 });
    await gateway.publishMany(2);
    await client.until(({ seq }) => seq === 4);
    gateway.faults.tamperNext({ repeat: 1 });
    await gateway.publishMany(1);
    await client.until(({ seq }) => seq === 6);
    expect(client.seqs()).toEqual([2, 3, 5, 4, 6, 6]);
    client.send({ kind: 'replay', after: 0, to: 6, ref: 'all' });
    await client.until(({ kind }) => kind === 'replayed');
    expect(client.seqs().slice(6)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('touch held polls too, once', async () => {
    const gateway = await start();
    const { epoch } = (await ask(gateway.streamUrl())).json;
    gateway.faults.tamperNext({ lose: 1, repeat: 1 });
    const holding = ask(`${gateway.streamUrl()}/poll?after=${epoch}:0&wait=5`);
    await sleep(50);
    await gateway.publishMany(3);
    expect((await holding).json.events).toMatchObject([{ seq: 2 }, { seq: 2 }, { seq: 3 }]);
    const again = await ask(`${gateway.streamUrl()}/poll?after=${epoch}:0`);
    expect(again.json.events).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
  });

  it('reorder: an event with nothing to swap with comes after all', async () => {
    const gateway = await start();
    const client = await webSocket(gateway);
    gateway.faults.change({ reorder: true });
    await gateway.publishMany(1);
    await client.until(({ seq }) => seq === 1);
    // Repeated, it is as many as were appended, and held back all the same.
    gateway.faults.change({ repeat: true });
    await gateway.publishMany(1);
    await client.until(({ seq }) => seq === 2);
  });

  it('restart: goodbye, a new epoch, numbers from 1', async () => {
    const gateway = await start();
    await gateway.publishMany(2);
    const before = (await ask(gateway.streamUrl())).json.epoch;
    await publish(`${gateway.url}/demo/faults`, { action: 'restart-new-epoch' });
    await sleep(60);
    const after = (await ask(gateway.streamUrl())).json;
    expect(after).toMatchObject({ oldest: 1, head: 0 });
    expect(after.epoch).not.toBe(before);
  });

  it('down: nobody listens, then the same port does again', async () => {
    const gateway = await start();
    const client = await webSocket(gateway);
    const back = gateway.faults.down(150);
    expect(await client.closed).toBe(1006);
    await expect(ask(gateway.streamUrl())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await back;
    expect(await ask(gateway.streamUrl())).toMatchObject({ status: 200 });
  });

  it('down: a close in the middle of it ends it', async () => {
    const gateway = await start();
    void gateway.faults.down(60_000);
    await sleep(20);
    await gateway.close();
    await expect(ask(gateway.streamUrl())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
