import { describe, expect, it } from 'vitest';
import { epochOf, sleep, start } from './testing/contract-kit';
import { ask } from './testing/independent-client';

/** docs/protocol.md, held against the gateway by a client that knows nothing else of it: polls and long-polls. */

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
