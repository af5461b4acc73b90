import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasNchan, type Nginx, startNginx } from '../../electron/engine/transports/testing/nginx';
import { type RawServer, startRawServer } from '../../electron/engine/transports/testing/raw-server';
import type { TransportKind } from '../../shared/transport';
import { createFeed, type Feed } from './kit/feed';
import { brisk, pause, startWatch, storyOf, type Timing, type Watch, type Watched } from './kit/watch';

/** Messages nginx keeps per channel. */
const kept = 20;

const locations = `
location ~ ^/pub/(\\w+)$ { nchan_publisher; nchan_channel_id $1; nchan_message_buffer_length ${kept}; }
location ~ ^/sub/(\\w+)$ { nchan_subscriber websocket eventsource longpoll; nchan_channel_id $1; nchan_subscriber_first_message oldest; nchan_websocket_ping_interval 2; nchan_eventsource_ping_interval 2; }
location ~ ^/still/(\\w+)$ { nchan_subscriber eventsource; nchan_channel_id $1; nchan_subscriber_first_message oldest; }
location ~ ^/poll/(\\w+)$ { nchan_subscriber interval-poll; nchan_channel_id $1; nchan_subscriber_first_message oldest; }
location ~ ^/hasty/(\\w+)$ { proxy_pass http://127.0.0.1:$server_port/sub/$1; proxy_read_timeout 3s; }
`;

const transports = ['websocket', 'sse', 'long-poll', 'poll'] as const;
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe.skipIf(!hasNchan)('nginx with nchan', () => {
  let nginx: Nginx;
  const watches: Watch[] = [];
  let channels = 0;

  beforeAll(async () => {
    nginx = await startNginx(locations);
  });
  afterAll(async () => {
    for (const watch of watches) await watch.close();
    await nginx?.close();
  });

  function watch(timing: Timing = brisk): Watch {
    const started = startWatch(timing);
    watches.push(started);
    return started;
  }

  /** A channel of its own, and the ways to it. */
  function channel(describeTime: (n: number) => number = Date.now) {
    channels += 1;
    const name = `c${channels}`;
    const feed = createFeed(async (n) => {
      const answer = await fetch(`http://127.0.0.1:${nginx.port}/pub/${name}`, {
        method: 'POST',
        body: JSON.stringify({ n, time: describeTime(n) }),
      });
      expect(answer.status).toBeLessThan(300);
      await answer.arrayBuffer();
    });
    const at = (transport: TransportKind, path = transport === 'poll' ? 'poll' : 'sub') => ({
      transport,
      url: `${transport === 'websocket' ? 'ws' : 'http'}://127.0.0.1:${nginx.port}/${path}/${name}`,
    });
    return { feed, at };
  }

  async function untilNumbers(source: Watched, feed: Feed): Promise<readonly number[]> {
    await source.until(`event ${feed.published}`, () => source.numbers().at(-1) === feed.published);
    return source.numbers();
  }

  it.each(transports)('over %s: killed and started again, nothing lost or repeated', async (kind) => {
    const { feed, at } = channel();
    const source = await watch().add({ protocol: 'nchan', ladder: [at(kind)] });
    await feed.publish(5);
    expect(await untilNumbers(source, feed)).toEqual(upTo(1, 5));
    // Its numbers begin anew each second: what it numbers after a start must fall into a later one.
    await pause(1_100);
    await nginx.kill();
    await source.until('the loss seen', () => source.liveOn() === null);
    await nginx.start();
    await feed.publish(5);
    expect(await untilNumbers(source, feed), storyOf(source)).toEqual(upTo(1, 10));
    // nchan keeps its messages in memory: what it had while we were away cannot be known, and that is said.
    const gaps = source.gaps.filter(({ status }) => status === 'lost');
    expect(gaps, storyOf(source)).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ cause: 'retention' });
    expect(source.view().counters.repeated).toBe(0);
  });

  it.concurrent.for(transports)('over %s: what is still kept is resumed, exactly', async (kind) => {
    const { feed, at } = channel();
    const source = await watch().add({ protocol: 'nchan', ladder: [at(kind)] });
    await feed.publish(5);
    await untilNumbers(source, feed);
    source.command('pause');
    await feed.publish(kept - 5);
    source.command('resume');
    expect(await untilNumbers(source, feed), storyOf(source)).toEqual(upTo(1, kept));
    expect(source.gaps, storyOf(source)).toEqual([]);
  });

  it.concurrent.for(transports)('over %s: a silent replay from the oldest is recognised as a loss', async (kind) => {
    const { feed, at } = channel();
    const source = await watch().add({ protocol: 'nchan', ladder: [at(kind)] });
    await feed.publish(5);
    await untilNumbers(source, feed);
    source.command('pause');
    await feed.publish(2 * kept);
    source.command('resume');
    const numbers = await untilNumbers(source, feed);
    expect(numbers, storyOf(source)).toEqual([...upTo(1, 5), ...upTo(kept + 6, 2 * kept + 5)]);
    expect(source.gaps.at(-1), storyOf(source)).toMatchObject({ status: 'lost', cause: 'retention' });
  });

  it.concurrent('over SSE: quiet is caught up, alive by pings alone, and nothing is delivered (behaviour 14)', async () => {
    const { at } = channel();
    const source = await watch().add({ protocol: 'nchan', ladder: [at('sse')] });
    await source.untilLive('sse');
    const { lastByteAt } = source.view();
    await source.until('a ping', () => (source.view().lastByteAt ?? 0) > (lastByteAt ?? 0) + 2_000);
    expect(source.events).toEqual([]);
    expect(source.codes(), storyOf(source)).toEqual(['source-started', 'opened', 'caught-up']);
  });

  it.concurrent('over SSE: silent, it is renewed beside the old one, without being called dead (behaviour 15)', async () => {
    const { feed, at } = channel();
    const source = await watch({ ...brisk, recycleMs: 2_000 }).add({ protocol: 'nchan', ladder: [at('sse', 'still')] });
    await source.until('renewed', () => source.codes().includes('recycled'));
    expect(source.codes().slice(0, 5), storyOf(source)).toEqual([
      'source-started',
      'opened',
      'caught-up',
      'recycle-started',
      'recycled',
    ]);
    await feed.publish(5);
    expect(await untilNumbers(source, feed), storyOf(source)).toEqual(upTo(1, 5));
  });

  it.concurrent('a held poll answered 504 by a proxy leads to plain polls', async () => {
    const { feed, at } = channel();
    const source = await watch().add({ protocol: 'nchan', ladder: [at('long-poll', 'hasty'), at('poll')] });
    await feed.publish(3);
    await untilNumbers(source, feed);
    await source.until('down', () => source.liveOn() === 'poll');
    const down = source.transitions.find(({ code }) => code === 'stepped-down');
    expect(down?.evidence, storyOf(source)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'http', status: 504 }),
        expect.objectContaining({ kind: 'control', transport: 'poll', outcome: 'opened' }),
      ]),
    );
    await feed.publish(3);
    expect(await untilNumbers(source, feed), storyOf(source)).toEqual(upTo(1, 6));
  });

  it.concurrent('a producer that batches is suspected at most, and not accused', async () => {
    // Times 3 s apart within a batch that is published at once: the mark of a buffer, made by the producer itself.
    let startedAt = Date.now() - 600_000;
    const { feed, at } = channel((n) => startedAt + n * 3_000);
    const source = await watch().add({ protocol: 'nchan', ladder: [at('sse'), at('long-poll'), at('poll')] });
    await source.untilLive('sse');
    for (let batch = 0; batch < 6; batch += 1) {
      startedAt += 3_600;
      await feed.publish(4);
      await pause(600);
    }
    await pause(2_000);
    await untilNumbers(source, feed);
    expect(source.liveOn(), storyOf(source)).toBe('sse');
    expect(source.codes(), storyOf(source)).not.toContain('sse-buffered');
  });
});

describe('a feed of JSON without numbers', () => {
  let raw: RawServer;
  let watch: Watch;

  beforeAll(async () => {
    raw = await startRawServer();
    watch = startWatch({ ...brisk, recycleMs: 2_000 });
  });
  afterAll(async () => {
    await watch?.close();
    await raw?.close();
  });

  it('and without a word is caught up, quiet, and renewed without being called dead (behaviour 15)', async () => {
    raw.http = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    };
    const source = await watch.add({
      protocol: 'json',
      ladder: [{ transport: 'sse', url: `http://${raw.host}/quiet` }],
    });
    await source.untilLive('sse');
    // No numbers and no ids: the old one is closed before the new one is opened.
    await source.until('renewed twice', () => source.codes().filter((code) => code === 'opened').length >= 3);
    expect(new Set(source.codes()), storyOf(source)).toEqual(
      new Set(['source-started', 'opened', 'caught-up', 'recycle-started']),
    );
    await expect.poll(() => raw.sockets.size, { timeout: 10_000 }).toBe(1);
    await watch.remove(source);
  });

  it('whose producer batches is not accused because a poll has something to show', async () => {
    const entries: string[] = [];
    const streams = new Set<(text: string) => void>();
    raw.http = (request, response) => {
      if (request.url === '/list') {
        response.writeHead(200, { 'content-type': 'application/json' }).end(`[${entries.join(',')}]`);
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      streams.add((text) => response.write(text));
    };
    const source = await watch.add({
      protocol: 'json',
      ladder: [
        { transport: 'sse', url: `http://${raw.host}/stream` },
        { transport: 'poll', url: `http://${raw.host}/list` },
      ],
    });
    await source.untilLive('sse');
    const startedAt = Date.now() - 600_000;
    const asked = () => raw.requests.some(({ url }) => url === '/list');
    let n = 1;
    // On a busy machine the first batches may come too far apart to raise a suspicion.
    for (; n <= 24 || (!asked() && n <= 200); n += 4) {
      const batch = [n, n + 1, n + 2, n + 3].map((k) =>
        JSON.stringify({ n: k, id: `e${k}`, time: startedAt + k * 3_000 }),
      );
      entries.push(...batch);
      for (const write of streams) write(batch.map((body) => `data: ${body}\n\n`).join(''));
      await pause(600);
    }
    await source.until('the poll asked', asked);
    await pause(2_500);
    expect(source.liveOn(), storyOf(source)).toBe('sse');
    expect(source.codes(), storyOf(source)).not.toContain('sse-buffered');
    expect(source.numbers()).toEqual(upTo(1, n - 1));
  });
});
