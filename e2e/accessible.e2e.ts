import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { ask } from './fixtures/bridge';
import { expect, test } from './fixtures/electron';
import { startGateway } from './fixtures/servers';
import { windowOf } from './pages/window';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds that is serious or worse, and every header or link without a name: rule and element. */
async function findings(page: Page): Promise<readonly string[]> {
  // Through the debugger: the page's own policy lets no foreign script in.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { readonly axe: typeof import('axe-core') };
    const { violations } = await axe.run(document, {
      rules: { 'label-content-name-mismatch': { enabled: true }, 'empty-table-header': { enabled: true } },
    });
    const grave = ['label-content-name-mismatch', 'empty-table-header'];
    return violations
      .filter(({ id, impact }) => impact === 'serious' || impact === 'critical' || grave.includes(id))
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  });
}

test('hostile 15: axe finds nothing serious on any page, and links are named as they read', async ({ running }) => {
  const { page } = running;
  const gateway = await startGateway({ streams: ['orders'] });
  try {
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.add(`${gateway.url}/v1/orders`, 'Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    await gateway.publish('orders', { price: 95 });
    const condition = {
      kind: 'metric',
      series: 'value:order.price',
      is: 'above',
      threshold: 90,
      clear: 80,
      seconds: 0,
    };
    const rule = { id: 'dear', name: 'Dear', source: null, severity: 'critical', enabled: true, condition } as const;
    await ask(page, 'alerts.save', { rules: [rule as never] });
    await gateway.publish('orders', { price: 96 });
    await expect(page.getByRole('link', { name: /^Alerts 1 critical:/ })).toBeVisible();
    for (const tab of ['Health', 'Metrics', 'Events', 'State', 'Frames'] as const) {
      await wirewatch.source.tab(tab);
      expect(await findings(page), tab).toEqual([]);
    }
    await wirewatch.openOverview();
    expect(await findings(page), 'cards').toEqual([]);
    await page.getByText('Table', { exact: true }).click();
    expect(await findings(page), 'table').toEqual([]);
    for (const name of ['Alerts', 'Settings']) {
      await page.getByRole('navigation').getByRole('link', { name }).click();
      await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
      expect(await findings(page), name).toEqual([]);
    }
  } finally {
    await gateway.close();
  }
});

test('hostile 14: the window says once, and in About always, that its Electron is not mended any more', async ({
  start,
  picture,
}) => {
  const { app, page } = await start();
  const version = await app.evaluate(() => process.versions.electron);
  const banner = page.getByRole('status').filter({ hasText: 'no longer mended' });
  const ended = Number.parseInt(version, 10) < 43;
  if (ended) {
    await expect(banner).toContainText(`Electron ${version}`);
    await picture(page, 'runtime-ended');
    await banner.getByRole('button', { name: 'Dismiss' }).click();
  }
  await expect(banner).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await page.getByRole('navigation').getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByText('Electron', { exact: true })).toBeVisible();
  await expect(page.getByText(`${version}, whose faults are no longer mended`)).toHaveCount(ended ? 1 : 0);
  await expect(banner).toHaveCount(0);
});
