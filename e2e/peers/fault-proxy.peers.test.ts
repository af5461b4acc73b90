import { describe, expect, it, type TestContext } from 'vitest';
import { startTestGateway, type TestGateway } from '../../gateway/testing/start-gateway';
import { upgrades } from '../fault-proxy/fault';
import { type FaultProxy, startFaultProxy } from '../fault-proxy/fault-proxy';
import { createFeed, expectWhole, type Feed } from './kit/feed';
import { brisk, gatewayLadder, pause, startWatch, storyOf, type Timing, type Watch } from './kit/watch';

interface Situation {
  readonly gateway: TestGateway;
  readonly proxy: FaultProxy;
  readonly feed: Feed;
  watch(timing?: Timing): Watch;
}

/** A gateway behind a fault proxy, for one test; ends with it. */
async function situation({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): Promise<Situation> {
  const gateway = await startTestGateway({ heartbeatMs: 500 });
  const proxy = await startFaultProxy({ host: '127.0.0.1', port: gateway.port });
  const feed = createFeed(async (n) => void (await gateway.publish('test', { type: 'tick', data: { n } })));
  const watches: Watch[] = [];
  onTestFinished(async () => {
    await feed.stop();
    for (const watch of watches) await watch.close();
    await proxy.close();
    await gateway.close();
  });
  return {
    gateway,
    proxy,
    feed,
    watch(timing = brisk) {
      const watch = startWatch(timing);
      watches.push(watch);
      return watch;
    },
  };
}

/** Half-open is noticed, and probes upward come, in seconds instead of a quarter and a whole minute. */
const hurried: Timing = { ...brisk, pingMs: 1_000, pongMs: 1_000, openTimeoutMs: 2_000, probeMs: 1_500 };

describe.concurrent('a middlebox that closes what it let open', () => {
  it('behaviour 1: three in a row 100 ms after the 101, without a frame, lead to the next rung', async (context) => {
    const { feed, proxy, watch } = await situation(context);
    proxy.set({ kind: 'cut', from: 'upgrade', afterMs: 100, how: 'reset', swallow: true });
    const source = await watch().add({ protocol: 'gateway', ladder: gatewayLadder(proxy.host) });
    await source.untilLive('sse');
    const young = source.transitions.filter(({ code }) => code === 'cut-young');
    const down = source.transitions.find(({ code }) => code === 'stepped-down');
    expect(young.length, storyOf(source)).toBeGreaterThanOrEqual(2);
    expect(down?.evidence, storyOf(source)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'control', transport: 'sse', outcome: 'opened' }),
        expect.objectContaining({ kind: 'count', what: 'cut young', count: 3 }),
      ]),
    );
    expect(
      down?.evidence.some(({ kind }) => kind === 'errno' || kind === 'close'),
      storyOf(source),
    ).toBe(true);
    const { ladder } = source.view();
    expect(ladder[0]).toMatchObject({ transport: 'websocket', status: 'blocked' });
    expect(ladder[0]?.nextProbeAt).toBeGreaterThan(Date.now());
    feed.run(20);
    await pause(500);
    await feed.stop();
    await expectWhole(source, feed);
  });

  it('behaviour 1: the same when it lets the first frame through, by cuts that nothing explains', async (context) => {
    const { proxy, watch } = await situation(context);
    proxy.set({ kind: 'cut', from: 'upgrade', afterMs: 250, how: 'end', swallow: false });
    const source = await watch().add({ protocol: 'gateway', ladder: gatewayLadder(proxy.host) });
    await source.untilLive('sse');
    const down = source.transitions.find(({ code }) => code === 'stepped-down');
    expect(down?.evidence, storyOf(source)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'control', transport: 'sse', outcome: 'opened' }),
        expect.objectContaining({ kind: 'count', what: 'cuts', count: 3 }),
      ]),
    );
  });

  it('behaviour 1: while the host does not answer either, it stays on its rung', async (context) => {
    const { proxy, watch } = await situation(context);
    const source = await watch(hurried).add({ protocol: 'gateway', ladder: gatewayLadder(proxy.host) });
    await source.untilLive('websocket');
    proxy.set({ kind: 'cut', from: 'connect', afterMs: 100, how: 'reset', swallow: true });
    await source.until('six attempts', () => source.codes().filter((code) => code === 'retry-due').length >= 6);
    expect(source.codes()).not.toContain('stepped-down');
    proxy.heal();
    await source.untilLive('websocket');
  });
});

describe.concurrent('a network that breaks and mends', () => {
  it('black hole: half-open with its cause, no step down, and all of it once it is back', async (context) => {
    const { feed, proxy, watch } = await situation(context);
    const source = await watch(hurried).add({ protocol: 'gateway', ladder: gatewayLadder(proxy.host) });
    await source.untilLive('websocket');
    feed.run(25);
    await source.until('some events', () => source.numbers().length > 10);
    proxy.set({ kind: 'black-hole' });
    await source.until('noticed', () => source.codes().includes('heartbeat-missed'));
    const missed = source.transitions.find(({ code }) => code === 'heartbeat-missed');
    expect(missed?.evidence).toContainEqual(expect.objectContaining({ kind: 'timer', name: 'pong' }));
    // The control requests get no answer either: host trouble.
    await source.until('attempts', () => source.codes().filter((code) => code === 'retry-due').length >= 2);
    expect(source.codes(), storyOf(source)).not.toContain('stepped-down');
    proxy.heal();
    await source.untilLive('websocket');
    await feed.stop();
    await expectWhole(source, feed);
  });

  it('black hole for WebSockets alone: down with evidence, and back up without losing or repeating', async (context) => {
    const { feed, gateway, proxy, watch } = await situation(context);
    proxy.set({ kind: 'black-hole' }, upgrades);
    const source = await watch(hurried).add({ protocol: 'gateway', ladder: gatewayLadder(proxy.host) });
    await source.untilLive('sse');
    const down = source.transitions.find(({ code }) => code === 'stepped-down');
    expect(down?.evidence, storyOf(source)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'timer', name: 'open' }),
        expect.objectContaining({ kind: 'control', transport: 'sse', outcome: 'opened' }),
      ]),
    );
    feed.run(10);
    await source.until('a failed probe', () => source.codes().includes('probe-failed'));
    expect(source.liveOn()).toBe('sse');
    proxy.heal();
    await source.untilLive('websocket');
    expect(source.codes()).toContain('promoted');
    await pause(300);
    await feed.stop();
    await expectWhole(source, feed);
    await expect
      .poll(() => gateway.stats().clients, { timeout: 10_000 })
      .toEqual({ websocket: 1, sse: 0, longPoll: 0 });
  });

  it.for(['websocket', 'sse', 'long-poll', 'poll'] as const)(
    'reset again and again over %s: all, once',
    async (kind, context) => {
      const { feed, proxy, watch } = await situation(context);
      const source = await watch().add({ protocol: 'gateway', ladder: gatewayLadder(proxy.host, [kind]) });
      await source.untilLive(kind);
      feed.run(10);
      for (let round = 0; round < 3; round += 1) {
        const before = source.numbers().length;
        await source.until('more events', () => source.numbers().length > before + 5);
        proxy.resetAll();
        await pause(100);
      }
      await source.untilLive(kind);
      await feed.stop();
      await expectWhole(source, feed);
    },
  );

  it.for(['websocket', 'sse', 'long-poll'] as const)(
    'half-close over %s is an end, and all comes',
    async (kind, context) => {
      const { feed, proxy, watch } = await situation(context);
      const source = await watch(hurried).add({ protocol: 'gateway', ladder: gatewayLadder(proxy.host, [kind]) });
      await source.untilLive(kind);
      feed.run(25);
      await source.until('some events', () => source.numbers().length > 5);
      proxy.set({ kind: 'half-close' });
      await source.until('the end seen', () => source.liveOn() === null);
      proxy.heal();
      await source.untilLive(kind);
      await feed.stop();
      await expectWhole(source, feed);
    },
  );

  it.for(['websocket', 'sse', 'long-poll', 'poll'] as const)(
    'one byte at a time over %s changes nothing',
    async (kind, context) => {
      const { feed, proxy, watch } = await situation(context);
      proxy.set({ kind: 'drip', everyMs: 0 });
      const source = await watch().add({ protocol: 'gateway', ladder: gatewayLadder(proxy.host, [kind]) });
      await source.untilLive(kind);
      await feed.publish(30);
      await expectWhole(source, feed);
      expect(source.liveOn(), storyOf(source)).toBe(kind);
    },
  );

  it('latency is a slow network, no broken transport (behaviour 2)', async (context) => {
    const { feed, proxy, watch } = await situation(context);
    proxy.set({ kind: 'latency', ms: 700 });
    const source = await watch().add({ protocol: 'gateway', ladder: gatewayLadder(proxy.host) });
    await source.untilLive('websocket');
    feed.run(25);
    await pause(1_500);
    await feed.stop();
    await expectWhole(source, feed);
    expect(source.codes(), storyOf(source)).not.toContain('stepped-down');
  });
});
