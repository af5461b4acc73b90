import { expect, test } from './fixtures/electron';
import { startGateway } from './fixtures/servers';
import { windowOf } from './pages/window';

test('a hidden window is told of states alone, and shows what it missed as soon as it is seen again', async ({
  start,
  picture,
}) => {
  const gateway = await startGateway({ streams: ['orders'] });
  let open = true;
  try {
    const { app, page } = await start();
    const seen = (shown: boolean) =>
      app.evaluate(({ BrowserWindow }, shown) => {
        for (const window of BrowserWindow.getAllWindows()) shown ? window.showInactive() : window.hide();
      }, shown);
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.add(`${gateway.url}/v1/orders`, 'Orders');
    await expect(wirewatch.source.state).toHaveText('Live');
    await wirewatch.source.tab('Events');
    const grid = page.getByRole('grid', { name: 'Events' });
    for (let number = 1; number <= 3; number += 1) await gateway.publish('orders', { number });
    await expect(grid.getByText('"number":3}')).toBeVisible();

    await seen(false);
    // Main knows; the page is told by the test's own driver that it is seen, whatever it is.
    await expect
      .poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible()))
      .toBe(false);
    for (let number = 4; number <= 40; number += 1) await gateway.publish('orders', { number });
    await page.waitForTimeout(1_500);
    await expect(grid.getByText('"number":40}')).toHaveCount(0);

    // Nothing comes after what was missed.
    await seen(true);
    await expect(grid.getByText('"number":40}')).toBeVisible();
    await expect(grid.getByText('"number":39}')).toBeVisible();
    await expect(grid.getByText(/rows not held/)).toHaveCount(0);
    await expect(grid.getByText('"number":40}')).toHaveCount(1);
    await picture(page, 'seen-again');

    await seen(false);
    await gateway.close();
    open = false;
    await expect(wirewatch.source.state, 'while nobody sees it').not.toHaveText('Live');
  } finally {
    if (open) await gateway.close();
  }
});
