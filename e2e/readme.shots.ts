import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { AlertCondition } from '../shared/alert';
import { startFaultProxy } from './fault-proxy/fault-proxy';
import { ask } from './fixtures/bridge';
import { expect, test } from './fixtures/electron';
import { deadAddress, type OwnGateway, startGateway, startWebPage } from './fixtures/servers';
import { windowOf } from './pages/window';

/** The pictures of the README: what a person sees, at two sizes, dark and light. */
const folder = join(__dirname, '../docs/screenshots');

const sizes = {
  '': { width: 1280, height: 800 },
  '-wide': { width: 2560, height: 1440 },
} as const;

async function shoot(page: Page, name: string, which: readonly (keyof typeof sizes)[] = ['']) {
  await mkdir(folder, { recursive: true });
  for (const theme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    for (const suffix of which) {
      await page.setViewportSize(sizes[suffix]);
      await page.waitForTimeout(700);
      await page.screenshot({ path: join(folder, `${name}-${theme}${suffix}.png`) });
    }
  }
}

/** Publishes orders, builds and the like at their own pace until stopped. */
function busy(feeds: readonly { gateway: OwnGateway; stream: string; everyMs: number; events: () => unknown }[]) {
  const timers = feeds.map(({ gateway, stream, everyMs, events }) =>
    setInterval(() => void gateway.publish(stream, events()).catch(() => {}), everyMs),
  );
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

let number = 0;
const order = () => {
  number += 1;
  return { id: `ord_${number.toString(36)}`, amount: `${(number * 7) % 400}.${number % 10}0`, currency: 'EUR' };
};

test('pictures', async ({ start }) => {
  test.setTimeout(420_000);
  const open = await startGateway({ streams: ['orders', 'builds', 'fleet', 'unread'] });
  const behindProxy = await startGateway({ streams: ['payments', 'presence'] });
  behindProxy.gateway.faults.change({ blockWebSocket: true });
  const cable = await startFaultProxy({ host: '127.0.0.1', port: Number(new URL(behindProxy.url).port) });
  const webPage = await startWebPage();
  const stop = busy([
    { gateway: open, stream: 'orders', everyMs: 60, events: order },
    { gateway: open, stream: 'builds', everyMs: 1700, events: () => ({ build: order().id, status: 'passed' }) },
    {
      gateway: open,
      stream: 'fleet',
      everyMs: 25,
      events: () => ({ vehicle: order().id, speedKmh: 40 + (number % 60) }),
    },
    { gateway: open, stream: 'unread', everyMs: 4000, events: () => ({ unread: number % 9 }) },
    { gateway: behindProxy, stream: 'payments', everyMs: 130, events: order },
    {
      gateway: behindProxy,
      stream: 'presence',
      everyMs: 900,
      events: () => ({ room: 'support', people: 3 + (number % 5) }),
    },
  ]);
  try {
    const { page } = await start({ demo: false });
    const wirewatch = windowOf(page);
    await page.setViewportSize(sizes['']);
    await expect(wirewatch.overview.card('This machine', 'Live')).toBeVisible();
    await wirewatch.readRuntimeWord();
    await page.waitForTimeout(1500);
    await shoot(page, 'first-start');
    const add = async (url: string, name: string) => {
      await wirewatch.addSource();
      await wirewatch.form.add(url, name);
      await expect(wirewatch.form.dialog).toBeHidden();
    };
    await add(`${open.url}/v1/orders`, 'Orders · eu-west');
    await add(`${open.url}/v1/builds/sse`, 'Build status');
    await add(`${open.url}/v1/fleet`, 'Fleet telemetry');
    await add(`${open.url}/v1/unread/poll`, 'Unread counter');
    await add(cable.through(`${behindProxy.url}/v1/payments`), 'Payments · eu');
    await add(`${behindProxy.url}/v1/presence`, 'Chat presence');
    await add(`${await deadAddress()}/v1/warehouse`, 'Warehouse 7');
    await add(`${webPage.url}/ledger`, 'Ledger feed');
    const rule = (id: string, name: string, severity: 'info' | 'warning' | 'critical', condition: AlertCondition) =>
      ({ id, name, source: null, severity, enabled: true, condition }) as const;
    await ask(page, 'alerts.save', {
      rules: [
        rule('down', 'A source is down', 'critical', { kind: 'down', seconds: 10 }),
        rule('fast', 'A vehicle is too fast', 'warning', {
          kind: 'metric',
          series: 'value:fleet.speedKmh',
          is: 'above',
          threshold: 97,
          clear: 45,
          seconds: 0,
        }),
        rule('lost', 'Events are lost', 'critical', { kind: 'gap' }),
        rule('large', 'A large order', 'info', { kind: 'match', search: 'type:order amount=399', quietSeconds: 5 }),
        rule('crowd', 'The support room is full', 'info', {
          kind: 'match',
          search: 'type:presence people=7',
          quietSeconds: 60,
        }),
      ],
    });
    await wirewatch.openOverview();
    // An outage worth drawing, and long enough after it for the last minutes to be drawn.
    await page.waitForTimeout(60_000);
    cable.set({ kind: 'reset' });
    await page.waitForTimeout(18_000);
    cable.heal();
    await page.waitForTimeout(90_000);
    await shoot(page, 'overview', ['', '-wide']);

    await page.setViewportSize(sizes['']);
    await wirewatch.open('Payments · eu');
    await expect(wirewatch.source.state).toHaveText('Degraded');
    await page.waitForTimeout(2000);
    await shoot(page, 'source', ['', '-wide']);

    await page.setViewportSize(sizes['']);
    await wirewatch.open('This machine');
    await wirewatch.source.tab('Metrics');
    await page.waitForTimeout(2000);
    await shoot(page, 'metrics');

    await page
      .getByRole('navigation')
      .getByRole('link', { name: /^Alerts/ })
      .click();
    await expect(page.getByRole('list', { name: 'Alerts' })).toContainText('A source is down');
    await page.getByRole('button', { name: 'Acknowledge A source is down' }).last().click();
    await shoot(page, 'alerts', ['', '-wide']);
    await page.setViewportSize(sizes['']);
    await page.getByRole('link', { name: 'Settings' }).click();
    await expect(page.getByRole('row', { name: /^This machine/ })).toBeVisible();
    await shoot(page, 'settings');

    await wirewatch.open('Ledger feed');
    await page.waitForTimeout(1000);
    await shoot(page, 'broken');
    await wirewatch.addSource();
    await shoot(page, 'add-source');
  } finally {
    stop();
    await cable.close();
    await Promise.all([open.close(), behindProxy.close(), webPage.close()]);
  }
});
