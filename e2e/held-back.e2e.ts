import { execFileSync } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { ask, disorder, storedEvents } from './fixtures/bridge';
import { expect, test } from './fixtures/electron';
import { startGateway } from './fixtures/servers';
import { windowOf } from './pages/window';

/** What waits, and says so: a message written for another address, and events that a full disk does not take. */

const themes = ['dark', 'light'] as const;

async function inBoth(page: Page, picture: (page: Page, name: string) => Promise<void>, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme });
    await page.waitForTimeout(400);
    await picture(page, `${name}-${theme}`);
  }
}

test('promise 4: a message written for another address is held, and goes there when a person sends it', async ({
  running,
  picture,
}) => {
  const first = await startGateway({ streams: ['orders'] });
  const second = await startGateway({ streams: ['orders'] });
  try {
    const { page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.add(`${first.url}/v1/orders`, 'Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    await first.close();
    await expect(wirewatch.source.state).not.toHaveText('Live');
    await page.getByRole('tab', { name: 'Send' }).click();
    const form = page.getByRole('form', { name: 'Send a message' });
    for (const body of ['{"restart":"press 4"}', '{"restart":"press 5"}']) {
      await form.getByRole('textbox', { name: 'Message' }).fill(body);
      await form.getByRole('button', { name: 'Send' }).click();
      await expect(form.getByRole('textbox', { name: 'Message' })).toHaveValue('');
    }
    const rows = page.getByRole('region', { name: 'Sent' }).getByRole('listitem');
    await expect(rows.filter({ hasText: 'waits' })).toHaveCount(2);

    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const { dialog } = wirewatch.form;
    await dialog.getByRole('textbox', { name: 'Address', exact: true }).fill(`${second.url}/v1/orders`);
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(dialog).toHaveCount(0);
    await expect(wirewatch.source.state).toHaveText('Live');
    await page.getByRole('tab', { name: 'Send' }).click();
    await expect(rows.filter({ hasText: 'held' })).toHaveCount(2);
    await expect(page.getByText('0 wait · 2 held · 0 unknown')).toBeVisible();
    await expect(rows.first()).toContainText(`Written for ${first.url}/v1/orders`);
    await expect(rows.first()).toContainText('it goes there only if you send it.');
    await inBoth(page, picture, 'held');

    await rows.filter({ hasText: 'press 5' }).getByRole('button', { name: 'Let go' }).click();
    await expect(rows).toHaveCount(1);
    await rows.first().getByRole('button', { name: 'Send here' }).click();
    await expect(rows.first()).toContainText('arrived');
    const answer = await fetch(`${second.url}/v1/orders/poll?last=10&wait=0`);
    expect(await answer.text()).toContain('press 4');
  } finally {
    await first.close();
    await second.close();
  }
});

/** A small disk of its own at `folder`, where this machine lets us mount one; returns what takes it away. */
function mountSmall(folder: string): (() => void) | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  return () => void execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' });
}

test('promise 3: on a full disk events are shown and said to be not yet stored, and are stored once there is room', async ({
  start,
  userData,
  picture,
}) => {
  const folder = join(userData, 'journal');
  await mkdir(folder, { recursive: true });
  const unmount = mountSmall(folder);
  test.skip(unmount === null, 'this machine lets nobody mount a small disk here');
  const gateway = await startGateway({ streams: ['orders'], retention: { events: 100_000 } });
  try {
    const running = await start();
    const { page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.add(`${gateway.url}/v1/orders`, 'Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    const id = await page.evaluate(() => location.hash.split('/')[2] ?? '');
    await gateway.publish('orders', { number: 1 });
    await expect.poll(async () => (await storedEvents(page, id)).length).toBe(1);
    const ballast = join(folder, 'ballast');
    const { bavail, bsize } = await statfs(folder);
    await writeFile(ballast, Buffer.alloc(bavail * bsize)).catch(() => {});
    // More than main keeps at hand for pages: of the older ones it is known that they are not stored.
    const many = 3_000;
    for (let number = 2; number <= many; number += 1) await gateway.publish('orders', { number });
    const banner = page.getByRole('alert').filter({ hasText: 'Nothing has been stored since' });
    await expect(banner).toContainText('The disk is full');
    await expect(wirewatch.source.why).toContainText(/2\D999 not yet stored/);
    const grid = page.getByRole('grid', { name: 'Events' });
    await expect(grid.getByText(`"number":${many}}`)).toBeVisible();
    await inBoth(page, picture, 'not-yet-stored');

    // A window that is loaded anew knows only what main has: it is not stored, and shown all the same.
    await wirewatch.source.tab('Events');
    await page.reload();
    await expect(grid.getByText(`"number":${many}}`)).toBeVisible();
    await expect(banner).toBeVisible();
    const rows = page.getByRole('rowgroup', { name: 'Event rows' });
    const hole = grid.getByRole('row', { name: /events not yet stored/ });
    await expect(async () => {
      await rows.evaluate((element) => element.scrollTo(0, 0));
      await expect(hole).toBeVisible({ timeout: 300 });
    }).toPass({ timeout: 60_000, intervals: [100] });
    await inBoth(page, picture, 'not-yet-stored-events');

    await rm(ballast);
    await expect(banner).toHaveCount(0);
    await wirewatch.source.tab('Health');
    await expect(wirewatch.source.why).not.toContainText('not yet stored');
    await expect.poll(async () => (await storedEvents(page, id)).length).toBe(many);
    expect(disorder(await storedEvents(page, id))).toEqual([]);
    await ask(page, 'sources.remove', { id });
    await running.quit();
  } finally {
    await gateway.close();
    unmount?.();
  }
});
