import { ask, storedEvents } from './fixtures/bridge';
import { expect, test } from './fixtures/electron';
import { deadAddress, startGateway } from './fixtures/servers';
import { windowOf } from './pages/window';

test('an alert is one record from its raising to its end, across a kill and a restart', async ({ start }) => {
  const gateway = await startGateway({ streams: ['orders'], retention: { events: 100_000 } });
  try {
    const first = await start();
    const wirewatch = windowOf(first.page);
    await wirewatch.addSource();
    await wirewatch.form.add(`${gateway.url}/v1/orders`, 'Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    const source = await first.page.evaluate(() => location.hash.split('/')[2] ?? '');
    const rules = [
      {
        id: 'dear',
        name: 'Dear',
        source,
        severity: 'warning',
        enabled: true,
        condition: { kind: 'metric', series: 'value:order.price', is: 'above', threshold: 90, clear: 50, seconds: 0 },
      },
      {
        id: 'refused',
        name: 'Refused',
        source: null,
        severity: 'critical',
        enabled: true,
        condition: { kind: 'match', search: 'type:order "was refused"', quietSeconds: 3600 },
      },
    ] as const;
    expect(await ask(first.page, 'alerts.save', { rules: [...rules] })).toEqual(rules);
    const publish = (data: unknown) => gateway.publish('orders', data);
    await publish({ price: 10 });
    await publish({ price: 95 });
    await publish({ price: 70, note: 'it was refused' });
    const alerts = (page = first.page) => ask(page, 'alerts.page', { before: null, limit: 10 });
    await expect.poll(async () => (await alerts()).map(({ name }) => name).sort()).toEqual(['Dear', 'Refused']);
    const raised = await alerts();
    const [dear] = raised.filter(({ rule }) => rule === 'dear');
    const stored = await storedEvents(first.page, source);
    expect(dear).toMatchObject({
      source,
      text: 'order.price is 95, above 90.',
      endedAt: null,
      count: 1,
      ordinal: stored.find(({ body }) => body === '{"price":95}')?.ordinal,
      beforeRestart: false,
      mayRepeat: false,
    });
    await expect.poll(async () => (await alerts()).map(({ notice }) => notice)).toEqual(['sent', 'sent']);
    await ask(first.page, 'alerts.acknowledge', { id: dear?.id ?? '' });
    await first.killHard();

    // It lasts while nothing runs, and its cause ends while nothing runs.
    await publish({ price: 99 });
    await publish({ price: 70, note: 'it was refused' });
    const second = await start();
    const again = () => alerts(second.page);
    await expect
      .poll(async () => (await again()).map(({ rule, count }) => [rule, count]).sort())
      .toEqual([
        ['dear', 1],
        ['refused', 2],
      ]);
    expect((await again()).map(({ id }) => id)).toEqual(raised.map(({ id }) => id));
    expect(await ask(second.page, 'alerts.rules', {})).toEqual(rules);
    await publish({ price: 50 });
    await expect.poll(async () => (await again()).filter(({ endedAt }) => endedAt !== null).length).toBe(1);
    const [ended] = (await again()).filter(({ rule }) => rule === 'dear');
    expect(ended?.acknowledgedAt).not.toBeNull();

    // A rule that goes ends what it raised; a source that goes takes its alerts along.
    await ask(second.page, 'alerts.save', { rules: [rules[0]] });
    await expect.poll(async () => (await again()).filter(({ endedAt }) => endedAt === null).length).toBe(0);
    await ask(second.page, 'sources.remove', { id: source });
    expect(await again()).toEqual([]);
    expect(await ask(second.page, 'alerts.rules', {})).toEqual([]);
  } finally {
    await gateway.close();
  }
});

test('a source that is down raises once, whatever it tries, and ends when it is live; a pause raises nothing', async ({
  running,
}) => {
  const port = Number(new URL(await deadAddress()).port);
  let gateway = await startGateway({ streams: ['orders'], port });
  try {
    const { page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.add(`${gateway.url}/v1/orders`, 'Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    const source = await page.evaluate(() => location.hash.split('/')[2] ?? '');
    const condition = { kind: 'down', seconds: 2 } as const;
    const rule = { id: 'down', name: 'Down', source, severity: 'critical', enabled: true, condition } as const;
    await ask(page, 'alerts.save', { rules: [rule] });
    const alerts = () => ask(page, 'alerts.page', { before: null, limit: 10 });

    await ask(page, 'sources.pause', { id: source });
    await gateway.close();
    await page.waitForTimeout(4000);
    expect(await alerts()).toEqual([]);
    gateway = await startGateway({ streams: ['orders'], port });
    await ask(page, 'sources.resume', { id: source });
    await expect(wirewatch.source.state).toHaveText('Live');

    await gateway.close();
    await expect.poll(alerts).toMatchObject([{ rule: 'down', endedAt: null, count: 1 }]);
    await page.waitForTimeout(4000);
    gateway = await startGateway({ streams: ['orders'], port });
    await ask(page, 'sources.retry', { id: source });
    await expect.poll(async () => typeof (await alerts())[0]?.endedAt).toBe('number');
    expect(await alerts()).toHaveLength(1);
  } finally {
    await gateway.close();
  }
});

test('a rule is made in the window; what it raises is seen, acknowledged, and there once after a restart', async ({
  start,
  picture,
}) => {
  const gateway = await startGateway({ streams: ['orders'] });
  try {
    const first = await start();
    const { page } = first;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.add(`${gateway.url}/v1/orders`, 'Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    await gateway.publish('orders', { price: 10 });

    await page.getByRole('navigation').getByRole('link', { name: 'Alerts' }).click();
    await expect(page.getByText('No rule yet.')).toBeVisible();
    await picture(page, 'alerts-empty');
    await page.getByRole('button', { name: 'Add rule' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(dialog.getByRole('alert').first()).toHaveText('Give it a name.');
    await expect(dialog.getByLabel('Name')).toBeFocused();
    await dialog.getByLabel('Name').fill('Dear order');
    await dialog.getByLabel('Source').selectOption('Orders');
    await dialog.getByLabel('Severity').selectOption('critical');
    await dialog.getByLabel('Number').fill('value:order.price');
    await dialog.getByLabel('Threshold').fill('90');
    await dialog.getByLabel('Ends at').fill('95');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(dialog.getByRole('alert')).toHaveText('It could never end: choose 90 or less.');
    await dialog.getByLabel('Ends at').fill('80');
    await picture(page, 'alerts-rule');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(page.getByRole('list', { name: 'Rules' })).toContainText('order.price above 90, until 80');
    await expect(page.getByRole('button', { name: 'Add rule' })).toBeFocused();

    await gateway.publish('orders', { price: 95 });
    const log = page.getByRole('list', { name: 'Alerts' });
    await expect(log.getByRole('listitem')).toHaveCount(1);
    await expect(log).toContainText('order.price is 95, above 90.');
    await expect(
      page.getByRole('link', { name: 'Alerts 1 critical: 1 not acknowledged, the worst is critical' }),
    ).toBeVisible();
    const critical = page.getByRole('banner').getByRole('link', { name: /^1 critical/ });
    await expect(critical).toHaveAttribute('title', '1 critical; the newest: Orders · Dear order');
    const voice = page.locator('[aria-live="polite"]').filter({ hasText: 'Alert, critical: Dear order.' });
    await expect(voice).toHaveCount(1);
    await picture(page, 'alerts-raised');

    await log.getByRole('link', { name: 'Event that raised Dear order' }).click();
    await expect(page.getByRole('region', { name: 'Event', exact: true })).toContainText('95');
    await expect(page.getByRole('row', { selected: true })).toContainText('{"price":95}');
    await picture(page, 'alerts-event');
    await critical.click();
    await log.getByRole('button', { name: 'Acknowledge Dear order' }).click();
    await expect(log).toContainText('acknowledged');
    await expect(page.getByRole('link', { name: 'Alerts', exact: true })).toBeVisible();
    await expect(critical).toBeHidden();
    await first.app.close();

    const second = await start();
    await second.page.getByRole('navigation').getByRole('link', { name: 'Alerts' }).click();
    const after = second.page.getByRole('list', { name: 'Alerts' });
    await expect(after.getByRole('listitem')).toHaveCount(1);
    await expect(after).toContainText('acknowledged');
    await gateway.publish('orders', { price: 20 });
    await expect(after).toContainText('ended after');
  } finally {
    await gateway.close();
  }
});
