import type { Locator, Page } from '@playwright/test';
import { ask, disorder, storedEvents } from './fixtures/bridge';
import { expect, test } from './fixtures/electron';
import { deadAddress, startGateway, startWebPage } from './fixtures/servers';
import { windowOf } from './pages/window';

const thisMachine = 'this-machine';

/** The view of a source as the window was last told. */
async function counters(page: Page, source: string) {
  return page.evaluate(
    (id) =>
      new Promise<{ lost: number; repeated: number; gapsOpen: number; reconnects: number; delivered: number }>(
        (resolve) => {
          const stop = window.wirewatch.onUpdates((batch) => {
            for (const update of batch.updates) {
              if (update.kind !== 'sources') continue;
              const told = [...update.sources, ...(update.numbers ?? [])].find((candidate) => candidate.id === id);
              if (!told?.counters) continue;
              stop();
              resolve(told.counters);
            }
          });
        },
      ),
    source,
  );
}

/** The drawn lines of a chart. */
const lines = (chart: Locator) =>
  chart
    .locator('path.recharts-curve')
    .evaluateAll((paths) => paths.map((path) => path.getAttribute('d') ?? '').join(' '));

/** Insists that a chart has points and that they move. */
async function expectMoving(chart: Locator) {
  await expect.poll(() => lines(chart), { message: 'points' }).toMatch(/\d/);
  const before = await lines(chart);
  await expect.poll(() => lines(chart), { message: 'moving points' }).not.toBe(before);
}

test('1: at the first start This machine is live within 5 s and every chart moves', async ({ start, picture }) => {
  const { page } = await start();
  const wirewatch = windowOf(page);
  await expect(wirewatch.overview.card('This machine', 'Live')).toBeVisible();
  await page.waitForTimeout(3000);
  await picture(page, '1-overview');

  await wirewatch.open('This machine');
  await expect(wirewatch.source.state).toHaveText('Live');
  await expect(wirewatch.source.rung('WebSocket')).toHaveAttribute('data-status', 'current');
  for (const chart of await wirewatch.source.charts.all()) {
    // Nothing was lost, repeated or connected again: its lines lie on zero, and rightly stay there.
    if (/^Reconnects/.test((await chart.getAttribute('aria-label')) ?? ''))
      await expect.poll(() => lines(chart)).toMatch(/\d/);
    else await expectMoving(chart);
  }
  expect(await wirewatch.source.charts.count()).toBeGreaterThanOrEqual(4);
  await picture(page, '1-health');

  await wirewatch.source.tab('Metrics');
  await expect.poll(() => wirewatch.source.charts.count()).toBeGreaterThanOrEqual(4);
  const names = await wirewatch.source.charts.evaluateAll((charts) =>
    charts.map((chart) => chart.getAttribute('aria-label') ?? ''),
  );
  for (const what of [/processor|cpu/i, /memory/i, /network/i, /disk/i]) expect(names.join('\n')).toMatch(what);
  for (const chart of await wirewatch.source.charts.all()) await expectMoving(chart);
  await picture(page, '1-metrics');
});

test('2: the gateway is killed: waiting within 2 s with countdown and cause, then live again with nothing lost', async ({
  start,
  picture,
}) => {
  const { page } = await start();
  const wirewatch = windowOf(page);
  await wirewatch.open('This machine');
  await expect(wirewatch.source.state).toHaveText('Live');
  await page.waitForTimeout(3000);

  await wirewatch.faults.open();
  await wirewatch.faults.act('Kill the gateway');
  await expect(wirewatch.source.state).toHaveText('Waiting');
  await expect(wirewatch.source.why).toContainText(/refused|closed|reset|1006|gone/i);
  await expect(wirewatch.source.why).toContainText(/Attempt \d+ in .*\d/);
  await picture(page, '2-waiting');
  await page.waitForTimeout(3000);
  await expect(wirewatch.source.state).toHaveText('Waiting');

  await wirewatch.faults.act('Start the gateway');
  await expect(wirewatch.source.state).toHaveText('Live');
  await page.waitForTimeout(2500);
  await picture(page, '2-live-again');

  const events = await storedEvents(page, thisMachine);
  expect(events.length).toBeGreaterThan(4);
  expect(new Set(events.map((row) => row.epoch)).size, 'one epoch, kept over the restart').toBe(1);
  expect(disorder(events)).toEqual([]);
  expect(await counters(page, thisMachine)).toMatchObject({ lost: 0, gapsOpen: 0 });
});

test('3: blocked rung by rung it steps down, says why, and events keep coming in order', { tag: '@long' }, async ({
  start,
  picture,
}) => {
  const { page } = await start();
  const wirewatch = windowOf(page);
  const { source, faults } = wirewatch;
  await wirewatch.open('This machine');
  await expect(source.state).toHaveText('Live');
  await page.waitForTimeout(2000);
  await faults.open();

  const steps = [
    { fault: 'Block WebSocket', from: 'WebSocket', to: 'SSE', why: /403/ },
    { fault: 'Refuse SSE', from: 'SSE', to: 'Long-poll', why: /403/ },
    { fault: 'Cut long-poll holds', from: 'Long-poll', to: 'Poll', why: /504|cut/i },
  ];
  for (const [index, { fault, from, to, why }] of steps.entries()) {
    await faults.turn(fault, true);
    await expect(source.rung(to)).toHaveAttribute('data-status', 'current');
    await expect(source.rung(from)).toHaveAttribute('data-status', 'blocked');
    await expect(source.rung(from)).toContainText(why);
    await expect(source.state).toHaveText('Degraded');
    const before = (await counters(page, thisMachine)).delivered;
    await expect.poll(async () => (await counters(page, thisMachine)).delivered).toBeGreaterThan(before);
    await picture(page, `3-step-${index + 1}-${to}`);
  }

  await source.tab('Timeline');
  await expect(source.transitions.first()).toBeVisible();
  await picture(page, '3-timeline');
  const events = await storedEvents(page, thisMachine);
  expect(disorder(events)).toEqual([]);
  expect(await counters(page, thisMachine)).toMatchObject({ lost: 0, gapsOpen: 0 });
});

test('4: a source added by address is there after a restart; what cannot be a feed says so', async ({
  start,
  picture,
}) => {
  const gateway = await startGateway({ streams: ['orders'] });
  const webPage = await startWebPage();
  try {
    for (let number = 1; number <= 5; number += 1) await gateway.publish('orders', { number });
    const first = await start();
    let wirewatch = windowOf(first.page);
    await wirewatch.addSource();
    await wirewatch.form.add('not a url', 'Nonsense');
    await expect(wirewatch.form.errors.first()).toContainText(/space|address/i);
    await expect(wirewatch.form.address).toBeFocused();
    await picture(first.page, '4-bad-address');

    await wirewatch.form.add(`${gateway.url}/v1/orders`, 'Orders');
    await expect(wirewatch.form.dialog).toBeHidden();
    await expect(wirewatch.source.title).toHaveText('Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    await gateway.publish('orders', { number: 6 });

    await wirewatch.addSource();
    await wirewatch.form.add(`${await deadAddress()}/v1/nobody`, 'Nobody home');
    await expect(wirewatch.source.title).toHaveText('Nobody home');
    await expect(wirewatch.source.state).toHaveText('Waiting');
    await expect(wirewatch.source.why).toContainText(/refused/i);
    await picture(first.page, '4-unreachable');

    await wirewatch.addSource();
    await wirewatch.form.add(`${webPage.url}/`, 'A web page');
    await expect(wirewatch.source.title).toHaveText('A web page');
    await expect(wirewatch.source.state).toHaveText('Stopped');
    await expect(wirewatch.source.why).toContainText(/HTML|web page|not a feed/i);
    await picture(first.page, '4-html');
    await first.quit();

    const second = await start();
    wirewatch = windowOf(second.page);
    await expect(wirewatch.overview.card('Orders', 'Live')).toBeVisible();
    await expect(wirewatch.overview.card('Nobody home', 'Waiting')).toBeVisible();
    await expect(wirewatch.overview.card('A web page', 'Stopped')).toBeVisible();
    await picture(second.page, '4-after-restart');
  } finally {
    await gateway.close();
    await webPage.close();
  }
});

test('5: a removed source leaves no socket and no timer', async ({ start, picture }) => {
  const gateway = await startGateway({ streams: ['orders'] });
  try {
    const { app, page } = await start();
    const wirewatch = windowOf(page);
    await expect(wirewatch.overview.card('This machine', 'Live')).toBeVisible();
    // Paused, so that only what the added source brings comes and goes.
    await ask(page, 'sources.pause', { id: thisMachine });
    await page.waitForTimeout(1500);
    const resources = () =>
      app.evaluate(() => {
        const count: Record<string, number> = {};
        for (const name of process.getActiveResourcesInfo()) count[name] = (count[name] ?? 0) + 1;
        return { sockets: count.TCPSocketWrap ?? 0 };
      });
    const before = await resources();

    await wirewatch.addSource();
    await wirewatch.form.add(`${gateway.url}/v1/orders`, 'Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    await expect.poll(() => gateway.clients()).toBe(1);
    expect((await resources()).sockets).toBe(before.sockets + 1);
    await picture(page, '5-before');

    await wirewatch.source.button('Remove').click();
    await wirewatch.form.dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(wirewatch.overview.link('Orders')).toHaveCount(0);
    await expect.poll(() => gateway.clients()).toBe(0);
    await expect.poll(resources).toEqual(before);
    // Nothing comes back later either: no timer of it is left.
    await page.waitForTimeout(4000);
    expect(gateway.clients()).toBe(0);
    expect(await resources()).toEqual(before);
    await picture(page, '5-after');
  } finally {
    await gateway.close();
  }
});

test('6, behaviour 33: the renderer is killed: the window comes back whole, no connection was touched', async ({
  start,
}, info) => {
  const gateway = await startGateway({ streams: ['orders'] });
  try {
    const running = await start();
    const { app, page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.add(`${gateway.url}/v1/orders`, 'Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    const pid = await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
    );
    expect(pid).toBeGreaterThan(0);
    process.kill(pid ?? 0, 'SIGKILL');

    // The page object died with its process: the window is looked at from main.
    const seen = () =>
      app.evaluate(async ({ BrowserWindow }) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents;
        if (!contents || contents.isCrashed() || contents.isLoading()) return null;
        // A script sent to a page that is just coming up may never be answered.
        const late = new Promise((resolve) => setTimeout(resolve, 1000, null));
        const read = contents.executeJavaScript(
          `JSON.stringify({ title: document.querySelector('h1')?.textContent, links: [...document.querySelectorAll('nav a')].map((a) => a.getAttribute('aria-label') ?? a.textContent) })`,
        );
        const text = await Promise.race([read, late]);
        return JSON.parse(String(text)) as { title?: string; links: string[] } | null;
      });
    // Before it is back there is no text, and a matcher of texts would end the wait.
    await expect.poll(async () => (await seen())?.links.join('\n') ?? '').toMatch(/Orders WS: Live/);
    await expect.poll(async () => (await seen())?.links.join('\n') ?? '').toMatch(/This machine WS: Live/);
    await expect.poll(async () => (await seen())?.title).toBe('Orders');
    expect(gateway.clients()).toBe(1);
    const image = await app.evaluate(async ({ BrowserWindow }) =>
      (await BrowserWindow.getAllWindows()[0]?.webContents.capturePage())?.toPNG().toString('base64'),
    );
    await info.attach('6-back', { body: Buffer.from(image ?? '', 'base64'), contentType: 'image/png' });
  } finally {
    await gateway.close();
  }
});
