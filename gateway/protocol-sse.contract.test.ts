import { describe, expect, it } from 'vitest';
import { epochOf, open, start } from './testing/contract-kit';
import { openSse } from './testing/independent-client';

/** docs/protocol.md, held against the gateway by a client that knows nothing else of it: the form of SSE. */

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
