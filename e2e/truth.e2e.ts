import type { Page } from '@playwright/test';
import { startFaultProxy } from './fault-proxy/fault-proxy';
import { ask, disorder, storedEvents } from './fixtures/bridge';
import { expect, test } from './fixtures/electron';
import { startAnswering, startClosing, startUntrusted } from './fixtures/hosts';
import { deadAddress, startGateway } from './fixtures/servers';
import { type WirewatchWindow, windowOf } from './pages/window';

/** What a person must be told about a source. */
interface Truth {
  readonly source: string;
  readonly state: string;
  /** Stands on its card and on its page. */
  readonly why: RegExp;
  /** Stands behind the one click on *Evidence*. */
  readonly evidence: RegExp;
  /** The picture's name. */
  readonly picture: string;
}

type Picture = (page: Page, name: string) => Promise<void>;

/** Reads a source's card, its page and its evidence as a person would, and keeps a picture. */
async function expectTruth(wirewatch: WirewatchWindow, truth: Truth, picture: Picture) {
  const { source, state, why, evidence } = truth;
  await wirewatch.openOverview();
  const card = wirewatch.overview.card(source, state);
  await expect(card).toBeVisible();
  await expect(card).toContainText(why);
  await wirewatch.open(source);
  await expect(wirewatch.source.state).toHaveText(state);
  await expect(wirewatch.source.why).toContainText(why);
  await wirewatch.source.evidence.first().click();
  await expect(wirewatch.source.why).toContainText(evidence);
  await picture(wirewatch.page, truth.picture);
}

const goodbye = [
  {
    kind: 'hello',
    stream: 'orders',
    epoch: 'e1',
    from: 0,
    head: 0,
    spreadMs: 0,
    heartbeatMs: 10_000,
    instance: 'g1',
    time: 1,
  },
  { kind: 'goodbye', reason: 'drain', retryAfterMs: 1_800_000, spreadMs: 5_000 },
];

test('what the way and the server do is told as it is, with a reason and its evidence', { tag: '@long' }, async ({
  running,
  picture,
}) => {
  const gateway = await startGateway({ streams: ['orders'] });
  const blocked = await startGateway({ streams: ['orders'] });
  blocked.gateway.faults.change({ blockWebSocket: true });
  const proxy = await startFaultProxy({ host: '127.0.0.1', port: Number(new URL(gateway.url).port) });
  const page = '<!doctype html><title>Sign in</title><h1>Hotel network: please sign in</h1>';
  const hosts = {
    webPage: await startAnswering(200, { 'content-type': 'text/html' }, page),
    portal: await startAnswering(511, { 'content-type': 'text/html' }, page),
    locked: await startAnswering(401, { 'www-authenticate': 'Bearer realm="orders"' }),
    untrusted: await startUntrusted(),
    restarting: await startClosing(1012, 'service restart'),
    leaving: await startClosing(1012, 'drain', goodbye),
  };
  try {
    const wirewatch = windowOf(running.page);
    const add = (name: string, url: string, protocol: 'auto' | 'json' = 'auto') =>
      ask(running.page, 'sources.add', { name, url, protocol });
    const unplugged = await add('Unplugged', proxy.through(`${gateway.url}/v1/orders`));
    await expect(wirewatch.overview.card('Unplugged', 'Live')).toBeVisible();
    await gateway.publish('orders', { number: 1 });

    await add('Refusing', `${await deadAddress()}/v1/orders`);
    await add('No upgrades', `${blocked.url}/v1/orders`);
    await add('A web page', `${hosts.webPage.url}/orders`);
    await add('Hotel network', `${hosts.portal.url}/orders`);
    await add('Locked', `${hosts.locked.url}/v1/orders`);
    await add('Untrusted', `${hosts.untrusted.url}/v1/orders`);
    await add('Restarting', hosts.restarting.url.replace('http', 'ws'), 'json');
    await add('Leaving', `${hosts.leaving.url}/v1/orders`);

    const truths: readonly Truth[] = [
      {
        source: 'Refusing',
        state: 'Waiting',
        why: /refused the connection \(ECONNREFUSED\).*Attempt \d+ in/,
        evidence: /ECONNREFUSED during TCP connect/,
        picture: 'refused',
      },
      {
        source: 'No upgrades',
        state: 'Degraded',
        why: /WebSocket:.*403.*Next try upward in/,
        evidence: /HTTP status 403/,
        picture: 'websocket-blocked',
      },
      {
        source: 'A web page',
        state: 'Stopped',
        why: /no feed, but text\/html.*Checked again in/,
        evidence: /HTTP status 200.*content-type: text\/html.*Hotel network/s,
        picture: 'web-page',
      },
      {
        source: 'Hotel network',
        state: 'Waiting',
        why: /seems to want a sign-in.*Attempt \d+ in/,
        evidence: /HTTP status 511.*Hotel network/s,
        picture: 'captive-portal',
      },
      {
        source: 'Locked',
        state: 'Stopped',
        why: /401/,
        evidence: /HTTP status 401.*www-authenticate: Bearer/s,
        picture: 'unauthorized',
      },
      {
        source: 'Untrusted',
        state: 'Stopped',
        why: /certificate of the host cannot be trusted: .*self-signed.*Checked again in/,
        evidence: /Certificate: DEPTH_ZERO_SELF_SIGNED_CERT.*ledger\.test/s,
        picture: 'certificate',
      },
      {
        source: 'Restarting',
        state: 'Waiting',
        why: /restarting.*1012.*Attempt \d+ in/,
        evidence: /Closed with 1012 by the server.*service restart/s,
        picture: 'restarting',
      },
      {
        source: 'Leaving',
        state: 'Waiting',
        why: /goodbye \(drain\).*Attempt \d+ in \d+ min/,
        evidence: /drain/,
        picture: 'goodbye',
      },
    ];
    for (const truth of truths) await expectTruth(wirewatch, truth, picture);

    // The cable is pulled: nothing gets through, and no socket says so. Only now, since the sentence that is looked for
    // gives way to that of the next attempt.
    proxy.set({ kind: 'black-hole' });
    // A ping leaves every 15 s and 5 s later its silence is noticed; then the socket that says OPEN is not believed,
    // and what was the matter stays in sight while it is tried again.
    await wirewatch.openOverview();
    await expect(wirewatch.overview.card('Unplugged')).toContainText(/Half-open: no byte came back/);
    await wirewatch.open('Unplugged');
    await expect(wirewatch.source.state).toHaveText(/^(Waiting|Connecting)$/);
    await expect(wirewatch.source.why).toContainText(/Half-open: no byte came back/);
    await wirewatch.source.evidence.first().click();
    await expect(wirewatch.source.why).toContainText(/Timer: pong, \d+(\.\d)? s.*last byte \d/s);
    await picture(running.page, 'unplugged');
    await wirewatch.source.tab('Timeline');
    await expect(wirewatch.source.transitions.filter({ hasText: 'Half-open' }).first()).toBeVisible();
    await picture(running.page, 'unplugged-timeline');

    for (let number = 2; number <= 6; number += 1) await gateway.publish('orders', { number });
    proxy.heal();
    await expect(wirewatch.source.state).toHaveText('Live');
    await expect.poll(async () => (await storedEvents(running.page, unplugged.id)).length).toBe(6);
    expect(disorder(await storedEvents(running.page, unplugged.id))).toEqual([]);
    await wirewatch.openOverview();
    await picture(running.page, 'all');
  } finally {
    await proxy.close();
    await Promise.all([gateway, blocked, ...Object.values(hosts)].map((host) => host.close()));
  }
});

test("this machine's own sleep and lost network are told as its own, and nothing is lost over them", {
  tag: '@long',
}, async ({ start, picture }) => {
  const gateway = await startGateway({ streams: ['orders'] });
  try {
    const { app, page } = await start({ demo: false });
    const wirewatch = windowOf(page);
    const orders = await ask(page, 'sources.add', {
      name: 'Orders',
      url: `${gateway.url}/v1/orders`,
      protocol: 'auto',
    });
    // A host beyond this machine, which does not exist: a name that is reserved for that (RFC 2606).
    await ask(page, 'sources.add', { name: 'Far away', url: 'http://feed.invalid/v1/orders', protocol: 'auto' });
    await expect(wirewatch.overview.card('Orders', 'Live')).toBeVisible();
    await gateway.publish('orders', { number: 1 });

    await app.evaluate(({ powerMonitor }) => void powerMonitor.emit('suspend'));
    await expectTruth(
      wirewatch,
      {
        source: 'Orders',
        state: 'Offline',
        why: /asleep since \d\d:\d\d:\d\d.*Not counted as downtime/,
        evidence: /suspend/i,
        picture: 'asleep',
      },
      picture,
    );
    for (let number = 2; number <= 6; number += 1) await gateway.publish('orders', { number });
    await app.evaluate(({ powerMonitor }) => void powerMonitor.emit('resume'));
    await expect(wirewatch.source.state).toHaveText('Live');
    await expect.poll(async () => (await storedEvents(page, orders.id)).length).toBe(6);
    expect(disorder(await storedEvents(page, orders.id))).toEqual([]);
    await wirewatch.source.tab('Timeline');
    await expect(wirewatch.source.transitions.filter({ hasText: 'woke up' }).first()).toBeVisible();
    await picture(page, 'awake');

    await wirewatch.openOverview();
    await expect(wirewatch.overview.card('Far away', 'Waiting')).toContainText(/could not be resolved/);
    await app.evaluate(({ net }) => {
      Object.assign(net, { isOnline: () => false });
    });
    await expectTruth(
      wirewatch,
      {
        source: 'Far away',
        state: 'Offline',
        why: /no network since \d\d:\d\d:\d\d.*Not counted as downtime/,
        evidence: /offline|network/i,
        picture: 'no-network',
      },
      picture,
    );
    // The system's word is a hint: over a connection that hears bytes it does not count.
    await wirewatch.open('Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    await app.evaluate(({ net }) => {
      Object.assign(net, { isOnline: () => true });
    });
    await wirewatch.open('Far away');
    await expect(wirewatch.source.state).toHaveText(/Connecting|Waiting/);
  } finally {
    await gateway.close();
  }
});
