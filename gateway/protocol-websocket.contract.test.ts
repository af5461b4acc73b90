import { describe, expect, it } from 'vitest';
import { open, range, sleep, start } from './testing/contract-kit';
import { ask, type Json, openWebSocket, RefusedUpgrade } from './testing/independent-client';

/** docs/protocol.md, held against the gateway by a client that knows nothing else of it: requests over WebSocket. */

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

  it('promise 24: says of a replay beyond the head how far the log goes', async () => {
    const gateway = await start();
    await gateway.publishMany(5);
    const client = await openWebSocket(gateway.streamUrl());
    open.push(client);
    client.send({ kind: 'replay', after: 3, to: 9, ref: 'over' });
    expect(await client.until(({ ref }) => ref === 'over')).toMatchObject({ after: 3, to: 5, missing: false });
    client.send({ kind: 'replay', after: 9e15, to: 9e15, ref: 'beyond' });
    expect(await client.until(({ ref }) => ref === 'beyond')).toMatchObject({ after: 9e15, to: 5, missing: false });
    expect(client.seqs()).toEqual([4, 5]);
  });

  it('promise 6: marks what is refused only for now, and says when to come again', async () => {
    const gateway = await start({ limits: { publishPerSecond: 1, publishBurst: 1 } });
    const client = await openWebSocket(gateway.streamUrl());
    open.push(client);
    for (const ref of ['a', 'b']) client.send({ kind: 'publish', type: 'note', data: 1, ref });
    client.send({ kind: 'publish', type: '', data: 1, ref: 'c' });
    const rate = await client.until(({ ref }) => ref === 'b');
    expect(rate).toMatchObject({ kind: 'refused', error: 'rate', later: true });
    expect(rate.retryAfterMs).toBeGreaterThan(0);
    expect(rate.retryAfterMs).toBeLessThanOrEqual(1000);
    const wrong = await client.until(({ ref }) => ref === 'c');
    expect(wrong).toMatchObject({ kind: 'refused', error: 'bad-event' });
    expect(wrong).not.toHaveProperty('later');
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
