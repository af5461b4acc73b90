import { afterEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { FeedServer } from './feed-server';
import { startSseFeed } from './sse';
import { createTamper } from './tamper';
import { startWebSocketFeed } from './websocket';

const soon = { timeout: 5_000 };
let server: FeedServer | null = null;

afterEach(async () => {
  await server?.close();
  server = null;
});

/** Numbers that come over a WebSocket. */
function listen(port: number, query = ''): { readonly numbers: number[]; readonly hello: () => number | null } {
  const numbers: number[] = [];
  let hello: number | null = null;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${query}`);
  socket.on('error', () => {});
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as { kind: string; n: number; head: number };
    if (message.kind === 'hello') hello = message.head;
    else numbers.push(message.n);
  });
  return { numbers, hello: () => hello };
}

describe('tampering', () => {
  it('changes nothing unless told', () => {
    expect(createTamper().live([1, 2, 3])).toEqual([1, 2, 3]);
  });

  it('sends the next events twice', () => {
    const tamper = createTamper();
    tamper.repeatNext(2);
    expect(tamper.live([1, 2, 3])).toEqual([1, 1, 2, 2, 3]);
  });

  it('lets neighbours change places, across calls too', () => {
    const tamper = createTamper();
    tamper.reorderNext(4);
    expect(tamper.live([1, 2, 3])).toEqual([2, 1]);
    expect(tamper.live([4, 5])).toEqual([4, 3, 5]);
  });
});

describe('the WebSocket server of the comparison', () => {
  it('tells where it stands, replays to whoever asks, and keeps all across a restart', async () => {
    server = await startWebSocketFeed();
    server.publish(3);
    const fresh = listen(server.port);
    await expect.poll(fresh.hello, soon).toBe(3);
    server.publish(1);
    await expect.poll(() => fresh.numbers, soon).toEqual([4]);
    await server.restart(20);
    const resumed = listen(server.port, '?after=1');
    await expect.poll(() => resumed.numbers, soon).toEqual([2, 3, 4]);
    server.publish(1);
    await expect.poll(() => resumed.numbers, soon).toEqual([2, 3, 4, 5]);
  });
});

describe('the SSE server of the comparison', () => {
  it('numbers events and replays after Last-Event-ID', async () => {
    server = await startSseFeed();
    server.publish(3);
    const answer = await fetch(`http://127.0.0.1:${server.port}/`, { headers: { 'last-event-id': '1' } });
    const reader = answer.body?.getReader();
    let text = '';
    while (!text.includes('id: 3\n')) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) break;
      text += new TextDecoder().decode(chunk.value);
    }
    await reader?.cancel();
    expect([...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))).toEqual([1, 2, 3]);
  });
});
