import { describe, expect, it } from 'vitest';
import { attach, epochOf, open, range, sleep, start } from './testing/contract-kit';
import { follow, transports } from './testing/four-transports';

/** docs/protocol.md, held against the gateway by a client that knows nothing else of it: what holds on all four transports. */

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

  it('answers 404 for a stream that nobody has, 503 to a cursor, and makes it for neither', async () => {
    const gateway = await start();
    await expect(follow(transport, gateway.streamUrl('nobody'))).rejects.toThrow(/404/);
    await expect(follow(transport, gateway.streamUrl('nobody'), { after: 'before:12' })).rejects.toThrow(/503/);
    await expect(follow(transport, gateway.streamUrl('nobody'))).rejects.toThrow(/404/);
    await gateway.publishMany(1, 'nobody');
    const client = await follow(transport, gateway.streamUrl('nobody'), { after: 'before:12' });
    open.push(client);
    expect(client.cannotResume).toMatchObject({ cause: 'epoch-changed', head: 1 });
  });
});
