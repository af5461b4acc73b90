import { ask } from './fixtures/bridge';
import { expect, test } from './fixtures/electron';
import { type MetricFeeds, startMetricFeeds } from './fixtures/metrics';
import { windowOf } from './pages/window';

/** Many series in one window: what a page of metrics and a ticker say, as a person sees it. */
let feeds: MetricFeeds;
test.beforeAll(async () => {
  feeds = await startMetricFeeds();
});
test.afterAll(() => feeds.close());

test('a page of metrics and a ticker are charts, split by what they are of', async ({ start }, info) => {
  const { page } = await start({ demo: false });
  const wirewatch = windowOf(page);
  await page.setViewportSize({ width: 1280, height: 900 });
  const add = (name: string, url: string) => ask(page, 'sources.add', { name, url, protocol: 'auto' });
  await add('Exporter', feeds.metrics);
  await add('Ticker', feeds.ticker);
  const shoot = async (name: string) => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(500);
      await page.screenshot({ path: info.outputPath(`${name}-${colorScheme}.png`), fullPage: true });
    }
  };

  const panel = (title: string) => page.getByRole('region', { name: title, exact: true });

  await wirewatch.open('Exporter');
  await expect(wirewatch.source.state).toHaveText('Live');
  await wirewatch.source.tab('Metrics');
  const requests = panel('http_requests_total.rate');
  await expect(requests).toBeVisible();
  await expect(requests).toContainText('and 34 more, smaller');
  // The greatest is the last: 3 + 39 · 1.7 a second.
  await expect(requests.getByRole('listitem').first()).toHaveText('code=500 handler=/api/v7');
  await expect(panel('rpc_duration_seconds.p95')).toBeVisible();
  await page.waitForTimeout(3_000);
  await shoot('exporter');
  await page.getByText(/^Charts ·/).click();
  await page.getByRole('searchbox', { name: 'Search charts and series' }).fill('queue q17');
  await page.getByRole('checkbox', { name: 'queue_depth · q17' }).check();
  await expect(panel('queue_depth · q17')).toBeVisible();
  await shoot('exporter-search');

  await wirewatch.open('Ticker');
  await wirewatch.source.tab('Metrics');
  const prices = panel('message.p');
  await expect(prices).toContainText('and 6 more, smaller');
  // Neither the time of the event nor the number of the trade is offered.
  await page.getByText(/^Charts ·/).click();
  await expect(page.getByRole('checkbox')).toHaveCount(2);
  await page.getByText(/^Charts ·/).click();
  await shoot('ticker');
});
