import { chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../../gateway/testing/start-gateway';
import { createFeed, expectWhole } from './kit/feed';
import { chromiumPath } from './kit/installed';
import { gatewayLadder, startWatch, type Watch } from './kit/watch';

const count = 20;
/** Connections a browser opens to one HTTP/1.1 origin. */
const limitOfBrowsers = 6;

describe('twenty SSE sources on one HTTP/1.1 origin', () => {
  let gateway: TestGateway;
  let watch: Watch;

  beforeAll(async () => {
    gateway = await startTestGateway({ heartbeatMs: 1_000 });
    watch = startWatch();
  });
  afterAll(async () => {
    await watch?.close();
    await gateway?.close();
  });

  it('are live at once', async () => {
    const feed = createFeed(async (n) => void (await gateway.publish('test', { type: 'tick', data: { n } })));
    const sources = await Promise.all(
      Array.from({ length: count }, () =>
        watch.add({ protocol: 'gateway', ladder: gatewayLadder(new URL(gateway.url).host, ['sse']) }),
      ),
    );
    for (const source of sources) await source.untilLive('sse');
    expect(gateway.stats().clients.sse).toBe(count);
    await feed.publish(10);
    for (const source of sources) await expectWhole(source, feed);
    expect(sources.map((source) => source.liveOn())).toEqual(Array.from({ length: count }, () => 'sse'));
    expect(gateway.stats().clients.sse).toBe(count);
  });

  it.skipIf(chromiumPath === null)('of a page in Chromium stop at six', async () => {
    const before = gateway.stats().clients.sse;
    const browser = await chromium.launch({
      executablePath: chromiumPath ?? '',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    try {
      const tab = await browser.newPage();
      // The page is of the same origin as the feed, where nothing but the limit stands in its way.
      const address = `${gateway.url}/page`;
      await tab.route(address, (route) =>
        route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Twenty</title>' }),
      );
      await tab.goto(address);
      await tab.unroute(address);
      const open = await tab.evaluate(
        async ({ url, wanted, enough }) => {
          let opened = 0;
          const sources = Array.from({ length: wanted }, () => {
            const source = new EventSource(url);
            source.onopen = () => {
              opened += 1;
            };
            return source;
          });
          const deadline = Date.now() + 20_000;
          const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
          while (opened < enough && Date.now() < deadline) await pause(50);
          // Time for a seventh, were there to be one.
          await pause(2_000);
          return { opened, connecting: sources.filter(({ readyState }) => readyState === 0).length };
        },
        { url: `${gateway.url}/v1/test/sse`, wanted: count, enough: limitOfBrowsers },
      );
      expect(open).toEqual({ opened: limitOfBrowsers, connecting: count - limitOfBrowsers });
      expect(gateway.stats().clients.sse - before).toBe(limitOfBrowsers);
    } finally {
      await browser.close();
    }
  });
});
