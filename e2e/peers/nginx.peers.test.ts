import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Nginx, startNginx } from '../../electron/engine/transports/testing/nginx';
import { startTestGateway, type TestGateway } from '../../gateway/testing/start-gateway';
import type { Transition } from '../../shared/connection';
import { createFeed, expectWhole } from './kit/feed';
import { hasNginx } from './kit/installed';
import { brisk, gatewayLadder, pause, startWatch, storyOf, type Timing, type Watch } from './kit/watch';

/** The ways nginx is set up in front of the gateway, each under a path of its own: `/{way}/v1/test/…`. */
function locations(gateway: string): string {
  const upgrade = `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;`;
  const way = (name: string, how: string) => `location /${name}/ { proxy_pass http://${gateway}/; ${how} }`;
  return [
    way('no-upgrades', 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;'),
    way('good', `${upgrade} proxy_buffering off; proxy_read_timeout 1h;`),
    // As nginx does it by default: HTTP/1.0 towards the server, and full buffers on to the client.
    way('buffering', 'proxy_buffering on; proxy_ignore_headers X-Accel-Buffering; proxy_read_timeout 1h;'),
    way('impatient', `${upgrade} proxy_buffering off; proxy_read_timeout 5s;`),
  ].join('\n');
}

describe.skipIf(!hasNginx)('nginx in front of the gateway', () => {
  let gateway: TestGateway;
  /** Beats more slowly than the impatient nginx waits. */
  let sleepy: TestGateway;
  let nginx: Nginx;
  let sleepyNginx: Nginx;
  const watches: Watch[] = [];
  let streams = 0;

  beforeAll(async () => {
    gateway = await startTestGateway({ heartbeatMs: 500 });
    sleepy = await startTestGateway({ heartbeatMs: 60_000 });
    nginx = await startNginx(locations(new URL(gateway.url).host));
    sleepyNginx = await startNginx(locations(new URL(sleepy.url).host));
  });
  afterAll(async () => {
    for (const watch of watches) await watch.close();
    await nginx?.close();
    await sleepyNginx?.close();
    await gateway?.close();
    await sleepy?.close();
  });

  function watch(timing: Timing = brisk): Watch {
    const started = startWatch(timing);
    watches.push(started);
    return started;
  }

  /** A stream of its own with a feed, and the ladder to it through one way of nginx. */
  async function stream(way: string, server: TestGateway = gateway, padding = 0) {
    streams += 1;
    const name = `s${streams}`;
    let pad = 'x'.repeat(padding);
    const feed = createFeed(async (n) => void (await server.publish(name, { type: 'tick', data: { n, pad } })));
    // A stream begins with its first event.
    await server.publish(name, { type: 'begin', data: null });
    const port = server === gateway ? nginx.port : sleepyNginx.port;
    const ladder = (transports?: Parameters<typeof gatewayLadder>[1]) =>
      gatewayLadder(`127.0.0.1:${port}/${way}`, transports, name);
    const shrink = () => {
      pad = '';
    };
    return { feed, ladder, shrink };
  }

  it('upgrades not forwarded: SSE, with the answer to the upgrade as evidence', async () => {
    const { feed, ladder } = await stream('no-upgrades');
    const source = await watch().add({ protocol: 'gateway', ladder: ladder() });
    await source.untilLive('sse');
    const down = source.transitions.find(({ code }) => code === 'stepped-down');
    expect(down?.text, storyOf(source)).toContain('WebSocket does not get through, SSE does');
    expect(down?.evidence, storyOf(source)).toEqual(
      expect.arrayContaining([
        // The gateway's answer to a request without an Upgrade header.
        expect.objectContaining({ kind: 'http', status: 426 }),
        expect.objectContaining({ kind: 'control', transport: 'sse', outcome: 'opened' }),
      ]),
    );
    expect(source.view().ladder[0]).toMatchObject({ status: 'blocked', reason: { code: 'upgrade-refused' } });
    feed.run(10);
    await pause(500);
    await feed.stop();
    await expectWhole(source, feed);
    // Remembered for the origin: the next source begins where it works.
    expect(source.codes().filter((code) => code === 'control-request')).toHaveLength(1);
  });

  it('proxy_buffering on: suspected, proven by a poll, down to long-poll, nothing lost', async () => {
    const { feed, ladder, shrink } = await stream('buffering', gateway, 6_000);
    const source = await watch({ ...brisk, suspicionMs: 1_000 }).add({
      protocol: 'gateway',
      ladder: ladder(['sse', 'long-poll', 'poll']),
    });
    // nginx lets go of full buffers only: large events push the head of the answer out.
    feed.run(100);
    await source.until('open', () => source.liveOn() === 'sse');
    await feed.stop();
    shrink();
    // Slowly: a buffer that happened to be let go of while the poll is compared would acquit nginx for a while.
    feed.run(400);
    await source.untilLive('long-poll');
    const proof = source.transitions.find(({ code }) => code === 'sse-buffered');
    expect(proof?.evidence, storyOf(source)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'timer', name: 'promised heartbeat' }),
        expect.objectContaining({ kind: 'control', transport: 'poll', outcome: 'opened' }),
        expect.objectContaining({ kind: 'timer', name: 'silence of the stream' }),
      ]),
    );
    expect(source.view().ladder[0]).toMatchObject({ status: 'blocked', reason: { code: 'sse-buffered' } });
    await feed.stop();
    await expectWhole(source, feed);
  });

  it('proxy_buffering on, and nothing to push the head out: SSE does not open, long-poll does', async () => {
    const { feed, ladder } = await stream('buffering');
    const source = await watch({ ...brisk, openTimeoutMs: 3_000 }).add({
      protocol: 'gateway',
      ladder: ladder(['sse', 'long-poll', 'poll']),
    });
    await source.untilLive('long-poll');
    const down = source.transitions.find(({ code }) => code === 'stepped-down');
    expect(down?.evidence, storyOf(source)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'timer', name: 'open' }),
        expect.objectContaining({ kind: 'control', transport: 'long-poll', outcome: 'opened' }),
      ]),
    );
    feed.run(50);
    await pause(1_000);
    await feed.stop();
    await expectWhole(source, feed);
  });

  it('a producer that batches is not accused', async () => {
    const { feed, ladder } = await stream('good');
    const source = await watch({ ...brisk, suspicionMs: 1_000, suspicionRestMs: 1_000 }).add({
      protocol: 'gateway',
      ladder: ladder(['sse', 'long-poll', 'poll']),
    });
    await source.untilLive('sse');
    for (let batch = 0; batch < 6; batch += 1) {
      await feed.publish(10);
      await pause(700);
    }
    await expectWhole(source, feed);
    expect(source.codes(), storyOf(source)).toEqual(['source-started', 'opened', 'caught-up']);
  });

  describe('that waits 5 s, in front of a gateway that beats more slowly', () => {
    it.concurrent('an idle WebSocket is cut, the idle timeout is recognised and then survived', async () => {
      const { feed, ladder } = await stream('impatient', sleepy);
      const source = await watch().add({ protocol: 'gateway', ladder: ladder() });
      await source.until('recognised', () => source.codes().includes('idle-timeout'));
      const found = source.transitions.find(({ code }) => code === 'idle-timeout');
      expect(found?.text, storyOf(source)).toMatch(/Cut after (4\.9|5\.\d) s without traffic/);
      await source.untilLive('websocket');
      const cuts = source.codes().length;
      // Pinged more often than nginx is patient, it lives on.
      await pause(13_000);
      expect(source.liveOn(), storyOf(source)).toBe('websocket');
      expect(source.codes().length, storyOf(source)).toBe(cuts);
      expect(source.codes()).not.toContain('stepped-down');
      await feed.publish(5);
      await expectWhole(source, feed);
    });

    it.concurrent('an idle SSE is cut again and again, keeps its rung, and loses nothing', async () => {
      const { feed, ladder } = await stream('impatient', sleepy);
      const source = await watch().add({ protocol: 'gateway', ladder: ladder(['sse', 'long-poll', 'poll']) });
      await source.until('three cuts', () => source.transitions.filter(isCut).length >= 3, 45_000);
      expect(source.codes(), storyOf(source)).toContain('idle-timeout');
      expect(source.codes(), storyOf(source)).not.toContain('stepped-down');
      await feed.publish(5);
      await expectWhole(source, feed);
    });

    it.concurrent('a held poll that is cut leads to plain polls, and loses nothing', async () => {
      const { feed, ladder } = await stream('impatient', sleepy);
      const source = await watch().add({ protocol: 'gateway', ladder: ladder(['long-poll', 'poll']) });
      await source.untilLive('poll');
      const down = source.transitions.find(({ code }) => code === 'stepped-down');
      expect(down?.evidence, storyOf(source)).toContainEqual(
        expect.objectContaining({ kind: 'control', transport: 'poll', outcome: 'opened' }),
      );
      expect(source.view().ladder[0]?.reason?.code, storyOf(source)).toBe('hold-cut');
      feed.run(100);
      await pause(1_500);
      await feed.stop();
      await expectWhole(source, feed);
    });
  });

  it('restarted: live again on every rung, nothing lost', async () => {
    const one = await stream('good');
    const watching = watch();
    const sources = await Promise.all(
      (['websocket', 'sse', 'long-poll', 'poll'] as const).map((transport) =>
        watching.add({ protocol: 'gateway', ladder: one.ladder([transport]) }),
      ),
    );
    for (const source of sources) await source.until('live', () => source.liveOn() !== null);
    one.feed.run(20);
    await pause(500);
    await nginx.stop();
    for (const source of sources) await source.until('the loss seen', () => source.liveOn() === null);
    await nginx.start();
    for (const source of sources) await source.until('live', () => source.liveOn() !== null);
    await one.feed.stop();
    for (const source of sources) await expectWhole(source, one.feed);
  });
});

/** Left `live` without being asked to. */
function isCut({ from, to }: Transition): boolean {
  return from.kind === 'live' && to.kind === 'waiting';
}
