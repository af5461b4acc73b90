import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../../gateway/testing/start-gateway';
import { createFeed, expectWhole } from './kit/feed';
import { type Haproxy, startHaproxy } from './kit/haproxy';
import { hasHaproxy } from './kit/installed';
import { gatewayLadder, pause, startWatch, storyOf, type Watch } from './kit/watch';

describe.skipIf(!hasHaproxy)('haproxy with a tunnel timeout', () => {
  let gateway: TestGateway;
  let haproxy: Haproxy;
  let watch: Watch;

  beforeAll(async () => {
    gateway = await startTestGateway({ heartbeatMs: 60_000 });
    haproxy = await startHaproxy(new URL(gateway.url).host, [
      'timeout connect 5s',
      'timeout client 5s',
      'timeout server 30s',
      'timeout tunnel 5s',
    ]);
    watch = startWatch();
  });
  afterAll(async () => {
    await watch?.close();
    await haproxy?.close();
    await gateway?.close();
  });

  it('is recognised as an idle timeout, stays on WebSocket, and outlives it with shorter pings', async () => {
    const feed = createFeed(async (n) => void (await gateway.publish('test', { type: 'tick', data: { n } })));
    const source = await watch.add({ protocol: 'gateway', ladder: gatewayLadder(haproxy.host) });
    await source.untilLive('websocket');
    await feed.publish(3);
    await source.until('recognised', () => source.codes().includes('idle-timeout'));
    // Published while it is down.
    await feed.publish(3);
    await source.untilLive('websocket');
    const transitions = source.codes().length;
    await pause(13_000);
    expect(source.liveOn(), storyOf(source)).toBe('websocket');
    expect(source.codes().length, storyOf(source)).toBe(transitions);
    expect(source.codes(), storyOf(source)).not.toContain('stepped-down');
    await feed.publish(3);
    await expectWhole(source, feed);
  });
});
