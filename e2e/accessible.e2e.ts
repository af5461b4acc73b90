import { findings } from './fixtures/axe';
import { ask } from './fixtures/bridge';
import { expect, test } from './fixtures/electron';
import { startGateway } from './fixtures/servers';
import { windowOf } from './pages/window';

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
    await wirewatch.addSource();
    expect(await findings(page), 'the form').toEqual([]);
    await wirewatch.form.paste(`${gateway.url}/v1/orders/sse`);
    await expect(wirewatch.form.found).toContainText(/Certain|Likely|A guess/);
    expect(await findings(page), 'what was found').toEqual([]);
    await page.keyboard.press('Escape');
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
