import { describe, expect, it } from 'vitest';
import { attach, epochOf, open, openPush, push, range, sleep, start } from './testing/contract-kit';

/** docs/protocol.md, held against the gateway by a client that knows nothing else of it: what holds on connections that are held open. */

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
