import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { WebSocketServer } from 'ws';
import { ask, disorder, storedEvents } from './fixtures/bridge';
import { expect, test } from './fixtures/electron';
import { startGateway } from './fixtures/servers';
import { windowOf } from './pages/window';

/** When a source was last heard, as the window is told it. */
const lastByteAt = (page: Page, source: string) =>
  page.evaluate(
    (id) =>
      new Promise<number>((resolve) => {
        const stop = window.wirewatch.onUpdates(({ updates }) => {
          for (const update of updates) {
            if (update.kind !== 'sources') continue;
            const told = [...update.sources, ...(update.numbers ?? [])].find((one) => one.id === id);
            if (told?.lastByteAt === undefined) continue;
            stop();
            resolve(told.lastByteAt ?? 0);
          }
        });
      }),
    source,
  );

const idOf = (page: Page) => page.evaluate(() => location.hash.split('/')[2] ?? '');

test('started while its server is down it shows what it last knew, and fetches what it missed when the server is back', {
  tag: '@long',
}, async ({ start, picture }) => {
  const gateway = await startGateway({ streams: ['orders'] });
  let number = 0;
  const publish = async () => {
    number += 1;
    await gateway.publish('orders', { number, price: 100 + Math.sin(number) * 10 });
  };
  const publishing = setInterval(() => void publish(), 100);
  try {
    const first = await start();
    let wirewatch = windowOf(first.page);
    await wirewatch.addSource();
    await wirewatch.form.add(`${gateway.url}/v1/orders`, 'Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    const id = await idOf(first.page);
    await first.page.waitForTimeout(4000);
    await first.quit();
    const quitAt = Date.now();

    // Published while nobody listens, and while the application runs without its server.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    clearInterval(publishing);
    // Long enough for a start of the application on a machine that is busy.
    const downMs = 45_000;
    const up = gateway.gateway.faults.down(downMs);
    for (let count = 0; count < 7; count += 1) await publish();

    let began = performance.now();
    const second = await start();
    wirewatch = windowOf(second.page);
    await expect(wirewatch.overview.card('Orders')).toBeVisible();
    const offlineMs = performance.now() - began;
    await expect(wirewatch.overview.card('Orders', 'Waiting')).toBeVisible();
    expect(await lastByteAt(second.page, id), 'attempts that fail hear no byte').toBeLessThanOrEqual(quitAt + 100);
    await wirewatch.open('Orders');
    await expect(wirewatch.source.why).toContainText(/refused/i);
    const before = await storedEvents(second.page, id);
    expect(before.length).toBeGreaterThan(20);
    expect(before.at(-1)?.seq).toBeLessThan(number);
    // Charts are drawn from history, with the ages of what they show.
    for (const chart of await wirewatch.source.charts.all()) {
      const name = await chart.getAttribute('aria-label');
      if (!/events|bytes/i.test(name ?? '')) continue;
      const line = chart.locator('path.recharts-curve').first();
      await expect(line, `${name} without its server`).toHaveAttribute('d', /\d/);
    }
    await picture(second.page, 'offline-health');
    await wirewatch.source.tab('Events');
    await expect(second.page.getByText(`"number":${before.at(-1)?.seq}`).first()).toBeVisible();
    await picture(second.page, 'offline-events');
    await wirewatch.openOverview();
    const age = wirewatch.overview.card('Orders').getByText('last event').locator('..');
    await expect(age).toContainText(/\d+(\.\d+)?\s*s/);
    await picture(second.page, 'offline-overview');
    const { length: historyBars } = await ask(second.page, 'history.series', {
      source: id,
      series: ['events'],
      from: quitAt - 60_000,
      to: Date.now(),
      points: 60,
    }).then(([events]) => events?.buckets ?? []);
    expect(historyBars).toBeGreaterThan(0);

    await up;
    await ask(second.page, 'sources.retry', { id });
    await expect(wirewatch.overview.card('Orders', 'Live')).toBeVisible();
    await expect.poll(async () => (await storedEvents(second.page, id)).at(-1)?.seq).toBe(number);
    const after = await storedEvents(second.page, id);
    expect(disorder(after)).toEqual([]);
    expect(after.slice(0, before.length)).toEqual(before);
    await second.quit();

    began = performance.now();
    const third = await start();
    await expect(windowOf(third.page).overview.card('Orders')).toBeVisible();
    expect(offlineMs, 'not waiting for its server').toBeLessThan((performance.now() - began) * 3 + 3000);
  } finally {
    clearInterval(publishing);
    await gateway.close();
  }
});

test('where the feed cannot replay, the time the application was closed is a hole named not running', {
  tag: '@long',
}, async ({ start, picture }) => {
  const feed = await startPlainFeed();
  try {
    const first = await start();
    await ask(first.page, 'sources.add', { name: 'Plain', url: feed.url, protocol: 'json' });
    let wirewatch = windowOf(first.page);
    await wirewatch.open('Plain');
    await expect(wirewatch.source.state).toHaveText(/Live|Quiet/);
    const id = await idOf(first.page);
    await first.page.waitForTimeout(2500);
    await first.quit();
    const closed = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const opened = Date.now();

    const second = await start();
    wirewatch = windowOf(second.page);
    await wirewatch.open('Plain');
    await expect(wirewatch.source.state).toHaveText(/Live|Quiet/);
    await second.page.waitForTimeout(1500);
    const spans = await ask(second.page, 'history.states', { source: id, from: closed - 60_000, to: Date.now() });
    const holes = spans.filter(({ state }) => state === 'not-running');
    expect(holes).toHaveLength(1);
    // Known to the last commit and the first moment of the new run.
    expect(Math.abs((holes[0]?.start ?? 0) - closed)).toBeLessThan(2500);
    expect(holes[0]?.end ?? 0).toBeGreaterThanOrEqual(opened);
    expect(holes[0]?.text).toBe('Wirewatch was not running.');
    await expect(second.page.getByRole('listitem', { name: /^Not running for \d/ })).toBeVisible();
    await picture(second.page, 'not-running');

    const events = await storedEvents(second.page, id);
    const ordinals = events.map(({ ordinal }) => ordinal);
    expect(ordinals).toEqual(ordinals.map((_, index) => index + 1));
    expect(events.filter(({ receivedAt }) => receivedAt > closed && receivedAt < opened)).toEqual([]);
    expect(events.filter(({ receivedAt }) => receivedAt < closed).length).toBeGreaterThan(5);
    expect(events.filter(({ receivedAt }) => receivedAt > opened).length).toBeGreaterThan(5);
  } finally {
    await feed.close();
  }
});

/** A WebSocket server that says what is new and keeps nothing. */
async function startPlainFeed(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  let number = 0;
  const ticking = setInterval(() => {
    number += 1;
    for (const socket of sockets.clients) socket.send(JSON.stringify({ type: 'tick', temperature: 20 + (number % 7) }));
  }, 100);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/feed`,
    close: () =>
      new Promise((resolve) => {
        clearInterval(ticking);
        for (const socket of sockets.clients) socket.terminate();
        sockets.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
