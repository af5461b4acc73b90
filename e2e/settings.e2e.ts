import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from './fixtures/bridge';
import { expect, type Running, test } from './fixtures/electron';
import { startGateway } from './fixtures/servers';
import { windowOf } from './pages/window';

/** What the person will choose in the dialogs that main opens. */
async function choose({ app }: Running, path: string): Promise<void> {
  await app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] });
    dialog.showSaveDialog = async () => ({ canceled: false, filePath: chosen });
  }, path);
}

test('behaviour 34: eleven sources go to a backup and all eleven come back, previewed, or none', async ({
  start,
  userData,
  picture,
}) => {
  const names = Array.from({ length: 11 }, (_, at) => `Feed ${at + 1}`);
  const gateway = await startGateway({ streams: ['orders'] });
  try {
    const running = await start();
    const { page } = running;
    for (const name of names) {
      await ask(page, 'sources.add', { name, url: `${gateway.url}/v1/orders`, protocol: 'auto' });
    }
    const path = join(userData, 'backup.json');
    await choose(running, path);
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Export…' }).click();
    await expect(page.getByText('Written: backup.json.')).toBeVisible();
    const written = await readFile(path, 'utf8');

    const links = page.getByRole('navigation').getByRole('list').getByRole('link');
    await expect(links).toHaveCount(12);
    const hrefs = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    for (const href of hrefs) {
      const id = href.split('/')[2] ?? '';
      if (id !== 'this-machine') await ask(page, 'sources.remove', { id });
    }
    await expect(links).toHaveCount(1);

    // One bad entry: nothing.
    await writeFile(path, written.replace('"transport": "websocket"', '"transport": "pigeon"'));
    await page.getByRole('button', { name: 'Import…' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('list', { name: 'Problems' })).toContainText('sources.0.ladder.0.transport');
    await expect(dialog.getByRole('button', { name: 'Import' })).toHaveCount(0);
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await expect(links).toHaveCount(1);

    await writeFile(path, written.replace('"sources"', '"theme": "dark", "sources"'));
    await page.getByRole('button', { name: 'Import…' }).click();
    await expect(dialog.getByRole('list', { name: 'Changes' }).getByRole('listitem')).toHaveCount(11);
    await expect(dialog).toContainText('Not known to this version, and left out: theme');
    await picture(page, '34-preview');
    await dialog.getByRole('button', { name: 'Import' }).click();
    await expect(page.getByText('Imported: 11 sources and rules.')).toBeVisible();
    await expect(links).toHaveCount(12);
    for (const name of names)
      await expect(page.getByRole('link', { name: new RegExp(`^${name} .+: Live`) })).toBeVisible();
    await running.app.close();
    const again = await start();
    await expect(again.page.getByRole('navigation').getByRole('list').getByRole('link')).toHaveCount(12);
  } finally {
    await gateway.close();
  }
});

test('how much is kept is seen and set; less of it is agreed to, and what goes is counted', async ({
  running,
  picture,
}) => {
  const gateway = await startGateway({ streams: ['orders'], retention: { events: 100_000 } });
  try {
    const { page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.add(`${gateway.url}/v1/orders`, 'Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    // Nothing that packs well: what counts is what the file holds.
    const long = (): string => randomBytes(3_000).toString('base64');
    for (let number = 1; number <= 800; number += 1) await gateway.publish('orders', { number, long: long() });
    await page.getByRole('link', { name: 'Settings' }).click();
    const row = page.getByRole('row', { name: /^Orders/ });
    await expect(row).toContainText('800');
    await row.getByRole('button', { name: 'Change what is kept of Orders' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('MiB').fill('1');
    await expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled();
    await dialog.getByRole('checkbox').check();
    await picture(page, 'keep-less');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(row).toContainText('30 days or 1 MiB');
    const left = async () => (await ask(page, 'storage.read', {})).sources.find(({ keep }) => keep !== null);
    await expect.poll(async () => (await left())?.bytes ?? 0).toBeLessThanOrEqual(1024 * 1024);
    const { events = 0, evictedEvents = 0 } = (await left()) ?? {};
    expect(events + evictedEvents).toBe(800);
    await picture(page, 'settings');
  } finally {
    await gateway.close();
  }
});
