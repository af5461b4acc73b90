import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask, disorder, storedEvents } from './fixtures/bridge';
import { descendants, expect, test } from './fixtures/electron';
import { startGateway } from './fixtures/servers';
import { windowOf } from './pages/window';

const batchesPerSecond = ({ batches, seconds }: { batches: number; seconds: number }) => batches / seconds;

test('behaviour 30: a hidden window is told next to nothing and no events; shown again it is current', async ({
  running,
}) => {
  const gateway = await startGateway({ streams: ['orders'] });
  const publishing = setInterval(() => void gateway.publish('orders', { at: Date.now() }), 20);
  try {
    const { app, page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.add(`${gateway.url}/v1/orders`, 'Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    const heard = () =>
      page.evaluate(
        () =>
          new Promise<{ batches: number; rows: number; seconds: number }>((resolve) => {
            const result = { batches: 0, rows: 0, seconds: 0 };
            const began = performance.now();
            const stop = window.wirewatch.onUpdates((batch) => {
              result.batches += 1;
              for (const update of batch.updates) if (update.kind === 'events') result.rows += update.rows.length;
            });
            setTimeout(() => {
              stop();
              resolve({ ...result, seconds: (performance.now() - began) / 1000 });
            }, 4000);
          }),
      );
    const shown = await heard();
    expect(shown.rows).toBeGreaterThan(0);
    // A starved window is told more rarely: what it is told at its best is what a hidden one is held against.
    await expect
      .poll(async () => batchesPerSecond(await heard()), { message: 'shown it is told more often' })
      .toBeGreaterThan(2.5);

    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
    await page.waitForTimeout(1500);
    const hidden = await heard();
    // States and alerts within a second, numbers every half minute: of a feed that goes on as it did there is next to nothing.
    expect(hidden.batches).toBeLessThanOrEqual(2);
    expect(hidden.rows).toBe(0);

    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.show());
    expect((await heard()).rows).toBeGreaterThan(0);
    await expect(wirewatch.source.state).toHaveText('Live');
  } finally {
    clearInterval(publishing);
    await gateway.close();
  }
});

test('behaviour 31: killed with -9 in a flood it comes back with settings, sources and history', async ({ start }) => {
  const gateway = await startGateway({ streams: ['orders'], limits: { publishPerSecond: 1e6, publishBurst: 1e6 } });
  let published = 0;
  const flood = setInterval(() => {
    for (let count = 0; count < 10; count += 1) {
      published += 1;
      void gateway.publish('orders', { number: published });
    }
  }, 20);
  try {
    const first = await start();
    let wirewatch = windowOf(first.page);
    await wirewatch.addSource();
    await wirewatch.form.add(`${gateway.url}/v1/orders`, 'Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    const { id } = await first.page.evaluate(() => ({ id: location.hash.split('/')[2] ?? '' }));
    await first.page.waitForTimeout(2500);
    const family = await descendants(first.pid);
    const before = await storedEvents(first.page, id);
    expect(before.length).toBeGreaterThan(100);
    await first.killHard();
    await expect.poll(() => family.filter((pid) => isAlive(pid)), { message: 'orphans' }).toEqual([]);

    const second = await start();
    wirewatch = windowOf(second.page);
    await expect(wirewatch.overview.card('Orders', 'Live')).toBeVisible();
    await expect(wirewatch.overview.card('This machine', 'Live')).toBeVisible();
    clearInterval(flood);
    await second.page.waitForTimeout(1500);
    const after = await storedEvents(second.page, id);
    expect(after.length).toBeGreaterThan(before.length);
    expect(after[0]?.seq).toBe(before[0]?.seq);
    expect(disorder(after)).toEqual([]);
    expect(after.at(-1)?.seq).toBe(published);
    const machine = await storedEvents(second.page, 'this-machine');
    expect(disorder(machine)).toEqual([]);
  } finally {
    clearInterval(flood);
    await gateway.close();
  }
});

test('damaged settings give way to the backup, and the window says so', async ({ start, userData, picture }) => {
  const gateway = await startGateway({ streams: ['orders'] });
  try {
    const first = await start();
    await ask(first.page, 'sources.add', { name: 'Orders', url: `${gateway.url}/v1/orders`, protocol: 'auto' });
    await ask(first.page, 'sources.add', { name: 'Orders again', url: `${gateway.url}/v1/orders`, protocol: 'auto' });
    await first.quit();
    const path = join(userData, 'settings.json');
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, 60));

    const second = await start();
    const wirewatch = windowOf(second.page);
    await expect(second.page.getByRole('alert')).toContainText('its backup was used');
    await expect(wirewatch.overview.card('Orders', 'Live')).toBeVisible();
    await picture(second.page, 'settings-from-backup');
  } finally {
    await gateway.close();
  }
});

test('without --demo there are no faults to inject', async ({ start }) => {
  const { page } = await start({ demo: false });
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Demo faults' })).toHaveCount(0);
  await expect(ask(page, 'faults.change', { action: 'kill' })).rejects.toThrow(/demo mode only/);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
