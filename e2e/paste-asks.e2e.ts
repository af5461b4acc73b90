import { findings } from './fixtures/axe';
import { expect, test } from './fixtures/electron';
import { startPlainServer } from './fixtures/plain-servers';
import { windowOf } from './pages/window';

/** What a feed asks of the person who pastes it: patience, a message, a word on what its values are. */

test('a server that asks to be left alone is looked at again only when it said', async ({ running, picture }) => {
  const server = await startPlainServer({
    answer: (_request, _body, count) =>
      count === 1
        ? { type: 'application/json', body: '{"error":"slow down"}', status: 429, headers: { 'retry-after': '8' } }
        : { type: 'application/json', body: '{"depth":7}' },
  });
  try {
    const { page } = running;
    const wirewatch = windowOf(page);
    const { dialog, found } = wirewatch.form;
    await wirewatch.addSource();
    await wirewatch.form.paste(`http://${server.host}/queue.json`);
    await expect(found).toContainText(/asked again in \d/);
    const again = dialog.getByRole('button', { name: 'Look again' });
    await expect(again).toBeDisabled();
    await picture(page, 'paste-held');
    expect(await findings(page)).toEqual([]);
    // Neither the key nor another path of the same server asks it before.
    await wirewatch.form.address.press('Enter');
    await wirewatch.form.address.fill('');
    await wirewatch.form.paste(`http://${server.host}/other.json`);
    await expect(found).toContainText(/Not asked.*asked again in \d/);
    await picture(page, 'paste-held-other');
    expect(server.asked).toHaveLength(1);
    await expect(again).toBeEnabled({ timeout: 15_000 });
    await expect(found).toContainText('it may be asked again');
    await again.click();
    await expect(found).toContainText('JSON value');
    expect(server.asked.length).toBeGreaterThan(1);
  } finally {
    await server.close();
  }
});

test('a WebSocket that says nothing before it is subscribed to is open and silent, and says what usually helps', async ({
  running,
  picture,
}) => {
  test.setTimeout(120_000);
  const server = await startPlainServer({
    socket: (heard, count) =>
      heard.length === 0 ? null : JSON.stringify({ kind: 'reading', celsius: 20 + (count % 5) }),
  });
  try {
    const { page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.paste(`ws://${server.host}/quiet`);
    await expect(wirewatch.form.found).toContainText('waits for a subscribe message', { timeout: 20_000 });
    await wirewatch.form.name.fill('Station');
    await wirewatch.form.dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(wirewatch.source.state).toHaveText('Open, silent');
    const ribbon = page.getByRole('list', { name: 'State over time' }).first();
    await expect(ribbon.getByRole('listitem', { name: /^Open, silent/ }).first()).toBeAttached();
    await expect(wirewatch.source.why).toContainText('message on open', { timeout: 45_000 });
    await expect(wirewatch.source.state).toHaveText('Open, silent');
    await expect(ribbon.getByRole('listitem', { name: /^Live/ })).toHaveCount(0);
    await picture(page, 'open-silent');
    expect(await findings(page)).toEqual([]);
    await wirewatch.openOverview();
    await expect(wirewatch.overview.card('Station', 'Open, silent')).toBeVisible();
    await picture(page, 'open-silent-card');

    // What helps, helps.
    await wirewatch.open('Station');
    await wirewatch.source.button('Edit').click();
    const { dialog } = wirewatch.form;
    await dialog.locator('[data-section="recipe"] summary').click();
    await dialog.getByRole('button', { name: 'Add a message' }).click();
    await dialog.getByRole('textbox', { name: 'Text' }).fill('{"subscribe":"readings"}');
    await picture(page, 'open-silent-edit');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(wirewatch.source.state).toHaveText('Live');
  } finally {
    await server.close();
  }
});

test('values are pointed at by the keyboard alone', async ({ running, picture }) => {
  const server = await startPlainServer({
    answer: (_request, _body, count) => ({
      type: 'application/json',
      body: JSON.stringify({ at: new Date().toISOString(), site: 'north', load: 2 + (count % 3), loss: 1 }).replace(
        '"loss":1',
        '"loss":NaN',
      ),
    }),
  });
  try {
    const { page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.paste(`http://${server.host}/site.json`);
    await expect(wirewatch.form.found).toContainText(/Certain|Likely|A guess/);
    const at = wirewatch.form.value('at');
    await expect(at).toBeVisible();
    await wirewatch.form.address.focus();
    for (let tabs = 0; tabs < 12; tabs += 1) {
      await page.keyboard.press('Tab');
      if (await at.evaluate((button) => button === document.activeElement)) break;
    }
    await expect(at).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    // What is no number now is one of the type all the same.
    await expect(wirewatch.form.value('loss')).toBeFocused();
    await picture(page, 'keyboard-value');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menuitemradio', { name: /^nothing/ })).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await picture(page, 'keyboard-menu');
    const chosen = page.getByRole('menuitemradio').and(page.locator(':focus'));
    for (let steps = 0; steps < 10 && !/^a number/.test((await chosen.textContent()) ?? ''); steps += 1) {
      await page.keyboard.press('ArrowUp');
    }
    await page.keyboard.press('Enter');
    await expect(wirewatch.form.value('loss')).toContainText('number');
    await expect(wirewatch.form.value('loss')).toBeFocused();
    await expect(wirewatch.form.dialog.getByRole('region', { name: 'What will be charted' })).toContainText('loss');
    // One stop for all of them: the next is behind the sample.
    await page.keyboard.press('Tab');
    await expect(wirewatch.form.dialog.getByRole('toolbar').locator(':focus')).toHaveCount(0);

    await page.keyboard.press('Shift+Tab');
    await wirewatch.form.dialog.getByRole('button', { name: 'Add', exact: true }).press('Enter');
    await expect(wirewatch.source.state).toHaveText('Live');
  } finally {
    await server.close();
  }
});

test('an alert that has ended stays in the state, with since when', async ({ running, picture }) => {
  const alert = (name: string, fingerprint: string) => ({
    ...{ fingerprint, labels: { alertname: name, severity: 'page' }, annotations: {}, receivers: [{ name: 'ops' }] },
    ...{
      startsAt: '2026-01-01T10:00:00.000Z',
      endsAt: '2099-01-01T10:00:00.000Z',
      updatedAt: new Date().toISOString(),
    },
    ...{ status: { state: 'active', silencedBy: [], inhibitedBy: [] }, generatorURL: '' },
  });
  let alerts = [alert('DiskFull', 'a1b2c3d4e5f60718'), alert('HighLoad', 'b1b2c3d4e5f60718')];
  const server = await startPlainServer({
    answer: () => ({ type: 'application/json', body: JSON.stringify(alerts) }),
  });
  try {
    const { page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.paste(`http://${server.host}/api/v2/alerts`);
    await expect(wirewatch.form.found).toContainText('Alertmanager');
    await wirewatch.form.dialog.getByLabel('Seconds between polls').fill('1');
    await wirewatch.form.dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(wirewatch.source.state).toHaveText('Live');
    await wirewatch.source.tab('State');
    const row = (fingerprint: string) => page.getByRole('row').filter({ hasText: fingerprint });
    await expect(row('a1b2c3d4e5f60718')).toBeVisible();
    await expect(row('b1b2c3d4e5f60718')).toBeVisible();
    await picture(page, 'state-active');
    alerts = alerts.slice(1);
    await expect(row('a1b2c3d4e5f60718')).toContainText(/ended .*ago/, { timeout: 15_000 });
    await expect(row('b1b2c3d4e5f60718')).not.toContainText('ended');
    await picture(page, 'state-ended');
    expect(await findings(page)).toEqual([]);
  } finally {
    await server.close();
  }
});
