import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Locator, Page } from '@playwright/test';
import { openCertificateDesk } from '../electron/engine/dialling/testing/certificates';
import { startHttpProxy } from '../electron/engine/dialling/testing/http-proxy';
import { ask } from './fixtures/bridge';
import { expect, test } from './fixtures/electron';
import { startGateway } from './fixtures/servers';
import { windowOf } from './pages/window';

const stream = 'orders';

/** A section of the form about how a source is reached. */
function section(page: Page, part: 'proxy' | 'tls' | 'credential' | 'requests') {
  const box = page.getByRole('dialog').locator(`[data-section="${part}"]`);
  return {
    open: () => box.locator('summary').click(),
    choose: (label: string, value: string) => box.getByLabel(label, { exact: true }).selectOption(value),
    fill: (label: string, value: string) => box.getByLabel(label, { exact: true }).fill(value),
    async test(): Promise<Locator> {
      await box.getByRole('button', { name: 'Test', exact: true }).click();
      return box.getByRole('status');
    },
    box,
  };
}

test('the form tries a proxy and a credential, says what came of it, and the source goes live with them', async ({
  running,
  picture,
}) => {
  const gateway = await startGateway({ streams: [stream], token: 'planted-orders-token' });
  const proxy = await startHttpProxy({ login: 'me:planted-proxy-password' });
  const ticking = setInterval(() => void gateway.publish(stream, { n: 1 }), 200);
  try {
    const { page } = running;
    const window = windowOf(page);
    await window.addSource();
    await page.getByRole('dialog').getByLabel('Address', { exact: true }).fill(`${gateway.url}/v1/${stream}`);

    const proxies = section(page, 'proxy');
    await proxies.open();
    await proxies.choose('Proxy', 'manual');
    await proxies.fill('Proxy address', `http://127.0.0.1:${proxy.port}`);
    await expect(await proxies.test()).toContainText('wants a credential');
    await picture(page, 'form-proxy-refused');
    await proxies.fill('User (where the proxy wants one)', 'me');
    await proxies.fill('Password', 'planted-proxy-password');
    await expect(await proxies.test()).toContainText(`The host answers through http://127.0.0.1:${proxy.port}.`);
    await picture(page, 'form-proxy-works');
    await proxies.open();

    const credential = section(page, 'credential');
    await credential.open();
    await credential.choose('Kind of credential', 'bearer');
    await credential.fill('Token', 'not-the-token');
    await expect(await credential.test()).toContainText('The credential was not accepted (401).');
    await credential.fill('Token', 'planted-orders-token');
    await expect(await credential.test()).toContainText('The request was accepted (200).');
    await picture(page, 'form-credential-works');

    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
    await expect(page.getByRole('status', { name: 'State' })).toContainText(/live/i);
    expect(proxy.asked.length).toBeGreaterThan(3);

    // Edited, it shows that secrets are kept, and keeps them untouched.
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await section(page, 'credential').open();
    await expect(section(page, 'credential').box.getByLabel('Token', { exact: true })).toHaveValue('');
    await expect(section(page, 'credential').box.getByLabel('Token', { exact: true })).toHaveAttribute(
      'placeholder',
      /^Kept/,
    );
    await picture(page, 'form-edit');
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByRole('status', { name: 'State' })).toContainText(/live/i);
    expect((await ask(page, 'secrets.state', {})).run).toHaveLength(2);
  } finally {
    clearInterval(ticking);
    await proxy.close();
    await gateway.close();
  }
});

test('the form shows the certificate that is not trusted, and trusts that one when told to', async ({
  running,
  picture,
}) => {
  const desk = openCertificateDesk();
  const own = desk.issue({ name: 'feed.test' });
  const server = createServer({ key: own.key, cert: own.certificate }, (_, response) => {
    response.setHeader('content-type', 'application/json').end('{"n":1}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { page } = running;
    await windowOf(page).addSource();
    const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}/state`;
    await page.getByRole('dialog').getByLabel('Address', { exact: true }).fill(address);
    const tls = section(page, 'tls');
    await tls.open();
    await expect(await tls.test()).toContainText('the certificate is self-signed');
    await picture(page, 'form-tls-refused');
    await tls.box.getByRole('button', { name: 'Trust this one certificate' }).click();
    await expect(await tls.test()).toContainText(/The certificate of feed\.test.*is accepted \(valid until/);
    await picture(page, 'form-tls-trusted');
  } finally {
    server.closeAllConnections();
    server.close();
    desk.close();
  }
});

test('messages are sent to a two-way feed, and the window says what became of them', async ({ running, picture }) => {
  const gateway = await startGateway({ streams: [stream] });
  try {
    const { page } = running;
    const source = await ask(page, 'sources.add', {
      name: 'Orders',
      url: `${gateway.url}/v1/${stream}`,
      protocol: 'auto',
    });
    const window = windowOf(page);
    await window.open('Orders');
    await page.getByRole('tab', { name: 'Send' }).click();
    const form = page.getByRole('form', { name: 'Send a message' });
    await form.getByRole('textbox', { name: 'Message' }).fill('{"paid": 127.0');
    await form.getByRole('button', { name: 'Send' }).click();
    await expect(form.getByRole('alert')).toContainText('The server takes JSON only.');
    await form.getByRole('textbox', { name: 'Message' }).fill('{"paid": 127.0}');
    await form.getByRole('button', { name: 'Send' }).click();
    const sent = page.getByRole('region', { name: 'Sent' }).getByRole('listitem');
    await expect(sent.first()).toContainText('arrived');
    await picture(page, 'send');
    await page.getByRole('tab', { name: 'Events' }).click();
    await expect(page.getByText('paid').first()).toBeVisible();

    // While the feed is away messages wait, also across a restart of the application.
    await gateway.close();
    await ask(page, 'outbox.send', { source: source.id, type: 'note', body: '"later"' });
    expect(await ask(page, 'outbox.view', { source: source.id })).toMatchObject({ queued: 1 });
  } finally {
    await gateway.close();
  }
});

test('a command for tokens runs only after a person agreed to it outside the window', async ({ running }) => {
  const gateway = await startGateway({ streams: [stream], token: 'planted-orders-token' });
  try {
    const { app, page } = running;
    const answers = (response: number) =>
      app.evaluate(({ dialog }, given) => {
        dialog.showMessageBox = async (...args: unknown[]) => {
          const asked = args.at(-1) as { readonly detail: string };
          Reflect.set(globalThis, 'asked', asked.detail);
          return { response: given, checkboxChecked: false };
        };
      }, response);
    await answers(0);
    await windowOf(page).addSource();
    await page.getByRole('dialog').getByLabel('Address', { exact: true }).fill(`${gateway.url}/v1/${stream}`);
    const credential = section(page, 'credential');
    await credential.open();
    await credential.choose('Kind of credential', 'token-command');
    await credential.fill('Command that prints a token', 'echo planted-orders-token');
    await expect(await credential.test()).toContainText(
      'The command was not allowed: nothing was run, and nothing changed.',
    );
    expect(await app.evaluate(() => Reflect.get(globalThis, 'asked'))).toContain('echo planted-orders-token');
    await answers(1);
    await expect(await credential.test()).toContainText('The request was accepted (200).');
  } finally {
    await gateway.close();
  }
});

test('the form takes headers, another address and close codes', async ({ running, picture }) => {
  const seen: (string | undefined)[] = [];
  const server = createHttpServer((request, response) => {
    seen.push(request.headers['x-site']?.toString());
    if (request.headers.host !== 'feed.test:4321') response.writeHead(404).end();
    else response.setHeader('content-type', 'application/json').end('{"n":1}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const { page } = running;
    const dialog = page.getByRole('dialog');
    await windowOf(page).addSource();
    await dialog.getByLabel('Address', { exact: true }).fill('http://feed.test:4321/state.json');
    const requests = section(page, 'requests');
    await requests.open();
    await requests.fill('Headers sent with every request', 'X-Site north');
    await requests.fill("Connect to this host and port instead of the address's", `127.0.0.1:${port}`);
    await requests.fill('Close codes of a WebSocket that mean stop', '4401, 500');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(requests.box.getByText('Write each header as Name: value.')).toBeVisible();
    await expect(requests.box.getByText('lie from 4000 to 4999')).toBeVisible();
    await picture(page, 'form-requests-wrong');
    await requests.fill('Headers sent with every request', 'X-Site: north');
    await requests.fill('Close codes of a WebSocket that mean stop', '4401, 4403');
    await expect(await requests.test()).toContainText('The feed answers (200, application/json).');
    await picture(page, 'form-requests-works');
    expect(seen).toContain('north');

    const credential = section(page, 'credential');
    await credential.open();
    await credential.choose('Kind of credential', 'oauth');
    await picture(page, 'form-oauth');
    await credential.choose('Kind of credential', 'none');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(page.getByRole('status', { name: 'State' })).toContainText(/live/i);
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await section(page, 'requests').open();
    await expect(requests.box.getByLabel('Headers sent with every request')).toHaveValue('X-Site: north');
    await expect(requests.box.getByLabel('Close codes of a WebSocket that mean stop')).toHaveValue('4401, 4403');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
