import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures/electron';
import { startPlainServer } from './fixtures/plain-servers';
import { windowOf } from './pages/window';

/** The pictures of adding a source by pasting: what is found, and the charts that come of it. */
const folder = join(__dirname, '../docs/screenshots');

async function shoot(page: Page, name: string, theme: 'dark' | 'light', wide = false): Promise<void> {
  await mkdir(folder, { recursive: true });
  await page.setViewportSize(wide ? { width: 2560, height: 1440 } : { width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: theme });
  await page.mouse.move(0, 0);
  await page.waitForTimeout(700);
  await page.screenshot({ path: join(folder, `add-source-${name}-${theme}${wide ? '-wide' : ''}.png`) });
}

const symbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] as const;

const trade = (count: number): string => {
  const s = symbols[count % symbols.length];
  const p = [60_200, 59_400, 58_900][count % symbols.length] ?? 0;
  const data = {
    e: 'aggTrade',
    E: Date.now(),
    s,
    p: (p + Math.sin(count / 7) * 400).toFixed(2),
    q: '0.01200',
    a: 26_129_384 + count,
  };
  return JSON.stringify({ stream: `${String(s).toLowerCase()}@aggTrade`, data });
};

const metrics = (count: number): string =>
  [
    '# TYPE http_requests_total counter',
    ...['200', '404', '500'].map((code, at) => `http_requests_total{code="${code}"} ${count * (300 - at * 140)}`),
    '# TYPE queue_depth gauge',
    ...['mail', 'video'].map((queue, at) => `queue_depth{queue="${queue}"} ${(count * (at + 3)) % 17}`),
    '',
  ].join('\n');

const status = (count: number) => ({
  updated_at: new Date().toISOString(),
  service: 'checkout',
  queue: { depth: 40 + (count % 7), oldest_seconds: count % 30 },
  error_rate: `0.${20 + (count % 9)}`,
});

test('adding a source by pasting', async ({ start }) => {
  test.setTimeout(420_000);
  const market = await startPlainServer({ socket: (_heard, count) => trade(count) });
  const web = await startPlainServer({
    answer: ({ url }, _body, count) =>
      url === '/metrics'
        ? { type: 'text/plain; version=0.0.4', body: metrics(count) }
        : { type: 'application/json', body: JSON.stringify(status(count)) },
  });
  try {
    const { page } = await start({ demo: false });
    const wirewatch = windowOf(page);
    await page.waitForTimeout(500);
    await wirewatch.readRuntimeWord();
    const journeys = [
      ['socket', `ws://${market.host}/market`],
      ['metrics', `${web.host}/metrics`],
      ['status', `http://${web.host}/status.json`],
      ['curl', `curl 'http://${web.host}/v2/queue.json' -H 'Authorization: Bearer 8f1a4c6b' --compressed`],
    ] as const;
    for (const [name, pasted] of journeys) {
      await page.setViewportSize({ width: 1280, height: 800 });
      await wirewatch.addSource();
      await wirewatch.form.paste(pasted);
      await expect(wirewatch.form.found).toContainText(/Certain|Likely|A guess/);
      await shoot(page, name, 'dark');
      if (name === 'socket') {
        await shoot(page, name, 'light');
        await shoot(page, name, 'light', true);
        await page.setViewportSize({ width: 1280, height: 800 });
      }
      await wirewatch.form.dialog.getByRole('button', { name: 'Add', exact: true }).click();
      await expect(wirewatch.source.state).toHaveText('Live');
      await wirewatch.source.tab('Metrics');
      await expect(wirewatch.source.charts.first()).toBeVisible();
      await page.waitForTimeout(25_000);
      await shoot(page, `${name}-charts`, 'dark');
    }
  } finally {
    await market.close();
    await web.close();
  }
});
