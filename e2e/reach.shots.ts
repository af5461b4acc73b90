import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openCertificateDesk } from '../electron/engine/dialling/testing/certificates';
import { startHttpProxy } from '../electron/engine/dialling/testing/http-proxy';
import { expect, test } from './fixtures/electron';
import { windowOf } from './pages/window';

/** The pictures of docs/reach.md: each section of the form, with what its test said, dark and light. */
const folder = join(__dirname, '../docs/screenshots');

async function shoot(page: Page, part: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const button = page.getByRole('dialog').locator(`[data-section="${part}"]`).getByRole('button', { name: 'Test' });
  await button.scrollIntoViewIfNeeded();
  await page.mouse.move(0, 0);
  for (const theme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.waitForTimeout(400);
    await page.screenshot({ path: join(folder, `form-${part}-${theme}.png`) });
  }
}

test('the sections of the source form', async ({ start }) => {
  const desk = openCertificateDesk();
  const own = desk.issue({ name: 'feed.example' });
  const server = createServer({ key: own.key, cert: own.certificate }, (request, response) => {
    const accepted = request.headers.authorization === 'Bearer right';
    response.writeHead(accepted ? 200 : 401, { 'content-type': 'application/json' }).end('{"n":1}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy = await startHttpProxy({ login: 'me:right', hosts: { 'feed.example': '127.0.0.1' } });
  try {
    const { page } = await start({ demo: false });
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.waitForTimeout(500);
    await windowOf(page).readRuntimeWord();
    await windowOf(page).addSource();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByLabel('Address', { exact: true })
      .fill(`https://feed.example:${(server.address() as AddressInfo).port}/state.json`);
    const section = (part: string) => dialog.locator(`[data-section="${part}"]`);
    const tried = async (part: string, says: RegExp) => {
      await section(part).getByRole('button', { name: 'Test', exact: true }).click();
      await expect(section(part).getByRole('status')).toContainText(says);
      await shoot(page, part);
    };
    const fold = (part: string) => section(part).locator('summary').click();

    await fold('proxy');
    await section('proxy').getByLabel('Proxy', { exact: true }).selectOption('manual');
    await section('proxy').getByLabel('Proxy address').fill(`http://127.0.0.1:${proxy.port}`);
    await section('proxy').getByLabel('User (where the proxy wants one)').fill('me');
    await section('proxy').getByLabel('Password').fill('wrong');
    await tried('proxy', /wants a credential/);
    await section('proxy').getByLabel('Password').fill('right');
    await fold('proxy');

    await fold('tls');
    await tried('tls', /self-signed/);
    await section('tls').getByRole('button', { name: 'Trust this one certificate' }).click();
    await fold('tls');

    await fold('credential');
    await section('credential').getByLabel('Kind of credential').selectOption('oauth');
    await section('credential').getByLabel('Address of the token').fill('https://login.example/oauth/token');
    await section('credential').getByLabel('Client id', { exact: true }).fill('watcher');
    await shoot(page, 'credential');
    await section('credential').getByLabel('Kind of credential').selectOption('bearer');
    await section('credential').getByLabel('Token', { exact: true }).fill('right');
    await fold('credential');

    await fold('requests');
    await section('requests').getByLabel('Headers sent with every request').fill('X-Site: north');
    await section('requests').getByLabel('Close codes of a WebSocket that mean stop').fill('4401, 4403');
    await tried('requests', /The feed answers \(200, application\/json\)\./);
  } finally {
    server.closeAllConnections();
    server.close();
    await proxy.close();
    desk.close();
  }
});
