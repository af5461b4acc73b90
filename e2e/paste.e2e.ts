import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { weatherDescriptors, weatherReading } from '../electron/engine/protocols/body-encodings/testing/weather';
import { findings } from './fixtures/axe';
import { expect, test } from './fixtures/electron';
import { startPlainServer } from './fixtures/plain-servers';
import { windowOf } from './pages/window';

/** A status page as services of one's own have it. */
const status = (count: number) => ({
  updated_at: new Date().toISOString(),
  service: 'checkout',
  queue: { depth: 40 + (count % 7), oldest_seconds: count % 30 },
  error_rate: '0.25',
  build_id: 'b3c7e9d2-8f1a-4c6b-9d2e-0123456789ab',
});

test('a JSON status page that is pasted is understood, looked at and charted', async ({ running, picture }) => {
  const server = await startPlainServer({
    answer: (_request, _body, count) => ({ type: 'application/json', body: JSON.stringify(status(count)) }),
  });
  try {
    const { page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.paste(`http://${server.host}/status.json`);
    await expect(wirewatch.form.found).toContainText(/Certain|Likely|A guess/);
    await picture(page, 'paste-status');
    expect(server.asked.filter(({ method }) => method !== 'GET')).toEqual([]);
    await wirewatch.form.dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(wirewatch.source.state).toHaveText('Live');
    await wirewatch.source.tab('Metrics');
    await expect(wirewatch.source.chart(/depth/)).toBeVisible();
    await picture(page, 'paste-status-metrics');
  } finally {
    await server.close();
  }
});

test('a curl command that is pasted brings its login along, and shows it nowhere', async ({ running, picture }) => {
  const orders = (count: number) =>
    Array.from({ length: 3 }, (_, at) => ({
      id: count * 3 + at,
      created_at: new Date().toISOString(),
      region: ['eu', 'us', 'ap'][at],
      amount: `${20 + at}.50`,
    }));
  const server = await startPlainServer({
    answer: ({ headers }, _body, count) =>
      headers.authorization === 'Bearer hush-hush'
        ? { type: 'application/json', body: JSON.stringify(orders(count)) }
        : null,
  });
  try {
    const { page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.paste(
      `curl 'http://${server.host}/v2/orders?limit=3' \\\n  -H 'Authorization: Bearer hush-hush' \\\n  -H 'X-Site: north' --compressed`,
    );
    await expect(wirewatch.form.found).toContainText(/Certain|Likely|A guess/);
    await expect(wirewatch.form.address).toHaveValue(`http://${server.host}/v2/orders?limit=3`);
    await picture(page, 'paste-curl');
    expect(await page.content()).not.toContain('hush-hush');
    await wirewatch.form.dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(wirewatch.source.state).toHaveText('Live');
    await wirewatch.source.tab('Metrics');
    await expect(wirewatch.source.chart(/amount/).first()).toBeVisible();
    await picture(page, 'paste-curl-metrics');
    expect(server.asked.filter(({ authorization }) => authorization !== 'Bearer hush-hush')).toEqual([]);
  } finally {
    await server.close();
  }
});

test('a WebSocket address that is pasted is charted by the values that were pointed at', async ({
  running,
  picture,
}) => {
  const server = await startPlainServer({
    socket: (_heard, count) => {
      const s = count % 2 === 0 ? 'BTCUSDT' : 'ETHUSDT';
      const px = (s === 'BTCUSDT' ? 60_000 : 3_000) + Math.sin(count / 5) * 40;
      const own = { px: px.toFixed(2), size: '0.012', sym: s, venue: 'north' };
      return JSON.stringify({ ch: 'trade', ts: Date.now(), order_id: 70_000 + count, d: own });
    },
  });
  try {
    const { page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.paste(`ws://${server.host}/market`);
    await expect(wirewatch.form.found).toContainText(/Certain|Likely|A guess/);
    const says = [
      ['d.px', 'a number'],
      ['d.size', 'nothing'],
      ['d.sym', 'a label'],
      ['ts', 'the time'],
      ['ch', 'the type of the event'],
    ] as const;
    for (const [path, what] of says) await wirewatch.form.say(path, what);
    // A time and an id are no charts.
    for (const path of ['ts', 'order_id']) {
      await wirewatch.form.value(path).click();
      await expect(page.getByRole('menuitemradio', { name: /^nothing/ })).toBeVisible();
      await expect(page.getByRole('menuitemradio', { name: /^a (number|counter)/ })).toHaveCount(0);
      await picture(page, `paste-socket-${path}`);
      await page.keyboard.press('Escape');
    }
    await expect(wirewatch.form.dialog.getByRole('region', { name: 'What will be charted' })).toContainText('BTCUSDT');
    await picture(page, 'paste-socket');
    expect(await findings(page)).toEqual([]);
    await wirewatch.form.dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(wirewatch.source.state).toHaveText('Live');
    await wirewatch.source.tab('Metrics');
    await expect(wirewatch.source.chart(/\bpx\b/).first()).toBeVisible();
    await picture(page, 'paste-socket-metrics');

    // Later, from its page: what is stored stays, and since when the new mapping holds is said.
    await wirewatch.source.button('Edit mapping').click();
    const dialog = page.getByRole('dialog');
    await wirewatch.form.say('d.size', 'a number');
    await picture(page, 'mapping');
    expect(await findings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save mapping' }).click();
    await expect(page.getByText(/^mapped since/)).toBeVisible();
    await expect(wirewatch.source.chart(/size/).first()).toBeVisible();
  } finally {
    await server.close();
  }
});

test('a WebSocket that waits for a message gets it, with the secret in it, and is waited for', async ({
  running,
  picture,
}) => {
  const heardBy: string[] = [];
  const server = await startPlainServer({
    socket: (heard, count) => {
      heardBy.splice(0, heardBy.length, ...heard);
      if (heard.length === 0) return null;
      return count % 2 === 0 ? '{"type":"ok"}' : JSON.stringify({ type: 'reading', temp: 20 + (count % 5) });
    },
  });
  try {
    const { page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.paste(`ws://${server.host}/silent`);
    await expect(wirewatch.form.found).toContainText(/Certain|Likely|A guess|Nothing found/, { timeout: 30_000 });
    await picture(page, 'paste-silent');
    expect(heardBy).toEqual([]);
    const { dialog } = wirewatch.form;
    await dialog.getByRole('button', { name: 'Add a message' }).click();
    await dialog.getByRole('textbox', { name: 'Text' }).fill('{"type":"login","token":"');
    await dialog.getByRole('button', { name: 'Put a secret into the last one' }).click();
    await dialog.getByRole('textbox', { name: 'Text' }).press('End');
    await expect(dialog.getByRole('textbox', { name: 'Text' })).toHaveValue('{"type":"login","token":"{{secret1}}');
    await dialog.getByRole('textbox', { name: 'Text' }).fill('{"type":"login","token":"{{secret1}}"}');
    await dialog.getByLabel('Secret 1').fill('planted-token');
    await dialog.getByRole('textbox', { name: /^Answer waited for/ }).fill('type = ok');
    await picture(page, 'paste-messages');
    expect(await findings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(wirewatch.source.state).toHaveText('Live');
    await expect.poll(() => heardBy).toEqual(['{"type":"login","token":"planted-token"}']);
    await wirewatch.source.tab('Metrics');
    await expect(wirewatch.source.chart(/temp/).first()).toBeVisible();
    expect(await page.content()).not.toContain('planted-token');
  } finally {
    await server.close();
  }
});

test('a page of metrics that is pasted is charted by its names and labels', async ({ running, picture }) => {
  const metrics = (count: number) =>
    [
      '# HELP http_requests_total Requests answered.',
      '# TYPE http_requests_total counter',
      ...['200', '404', '500'].map((code, at) => `http_requests_total{code="${code}"} ${count * (30 - at * 14)}`),
      '# TYPE queue_depth gauge',
      `queue_depth{queue="mail"} ${count % 9}`,
      '',
    ].join('\n');
  const server = await startPlainServer({
    answer: (_request, _body, count) => ({ type: 'text/plain; version=0.0.4', body: metrics(count) }),
  });
  try {
    const { page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.paste(`${server.host}/metrics`);
    await expect(wirewatch.form.found).toContainText('Prometheus');
    await expect(wirewatch.form.dialog.getByRole('region', { name: 'What will be charted' })).toContainText(
      'queue_depth',
    );
    const recipe = wirewatch.form.dialog.locator('[data-section="recipe"]');
    await expect(recipe.locator('summary')).toContainText('None: read as Prometheus');
    await recipe.locator('summary').click();
    await expect(recipe.getByLabel('Recipe').locator('option:checked')).toHaveText('None: read as Prometheus');
    await recipe.locator('summary').click();
    await picture(page, 'paste-metrics');
    await wirewatch.form.dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(wirewatch.source.state).toHaveText('Live');
    await wirewatch.source.tab('Metrics');
    await expect(wirewatch.source.chart(/queue_depth/).first()).toBeVisible();
    await expect(wirewatch.source.chart(/http_requests_total/).first()).toBeVisible();
    await picture(page, 'paste-metrics-metrics');
  } finally {
    await server.close();
  }
});

test('a command that posts is sent when the person says so, twice: in the form and to the system', async ({
  start,
}) => {
  const server = await startPlainServer({
    answer: ({ method }, body) =>
      method === 'POST' && body === '{"q":"depth"}' ? { type: 'application/json', body: '{"depth":7}' } : null,
  });
  try {
    const { app, page } = await start();
    const answerWith = (response: number) =>
      app.evaluate(({ dialog }, answer) => {
        dialog.showMessageBox = async () => ({ response: answer, checkboxChecked: false });
      }, response);
    await answerWith(0);
    const wirewatch = windowOf(page);
    const { dialog } = wirewatch.form;
    await wirewatch.addSource();
    await wirewatch.form.paste(`curl http://${server.host}/query --json '{"q":"depth"}'`);
    const send = dialog.getByRole('button', { name: 'Send the request' });
    await expect(send).toBeVisible();
    expect(server.asked).toEqual([]);
    await send.click();
    await expect(wirewatch.form.found.getByRole('alert')).toBeVisible();
    expect(server.asked).toEqual([]);
    await answerWith(1);
    await send.click();
    await expect(wirewatch.form.found).toContainText(/Certain|Likely|A guess/);
    expect(server.asked.map(({ method }) => method)).toEqual(['POST']);
  } finally {
    await server.close();
  }
});

test('a recipe goes to a file and comes from one, and a file that is none is refused by its field', async ({
  start,
  userData,
}) => {
  const { app, page } = await start();
  const file = join(userData, 'own-recipe.json');
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath });
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [filePath] });
  }, file);
  const wirewatch = windowOf(page);
  const { dialog } = wirewatch.form;
  await wirewatch.addSource();
  await dialog.locator('[data-section="recipe"] summary').click();
  const choice = dialog.getByLabel('Recipe');
  await choice.selectOption({ label: 'Home Assistant' });
  await dialog.getByRole('button', { name: 'Export…' }).click();
  await expect(page.getByText(/^The recipe is in own-recipe\.json/)).toBeVisible();
  const text = await readFile(file, 'utf8');
  expect(JSON.parse(text)).toMatchObject({ wirewatch: 'recipe/1', name: 'home-assistant' });

  await writeFile(
    file,
    text.replace('"home-assistant"', '"my-house"').replace(/"title": "[^"]*"/, '"title": "My house"'),
  );
  await dialog.getByRole('button', { name: 'Import…' }).click();
  await expect(choice.locator('option:checked')).toHaveText('My house');
  await writeFile(file, text.replace('"home-assistant"', '"My House"'));
  await dialog.getByRole('button', { name: 'Import…' }).click();
  await expect(page.getByText(/name: Small letters, digits and dashes\./)).toBeVisible();
});

test('feeds of Protobuf are read by descriptors of a file, a message chosen for each stream', async ({
  start,
  userData,
  picture,
}) => {
  const feed = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  feed.on('connection', (socket) => {
    const speaks = setInterval(() => socket.send(Buffer.from(weatherReading, 'base64')), 200);
    socket.on('close', () => clearInterval(speaks));
  });
  await once(feed, 'listening');
  const { app, page } = await start();
  const file = join(userData, 'weather.binpb');
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [filePath] });
  }, file);
  const wirewatch = windowOf(page);
  const { dialog } = wirewatch.form;
  try {
    await wirewatch.addSource();
    await wirewatch.form.paste(`ws://127.0.0.1:${(feed.address() as AddressInfo).port}/`);
    await dialog.locator('[data-section="recipe"] summary').click();
    await dialog.getByRole('button', { name: 'Say how bodies are written' }).click();
    await dialog.getByLabel('Written as').selectOption('protobuf');
    await writeFile(file, 'none');
    await dialog.getByRole('button', { name: 'Choose descriptors…' }).click();
    await expect(page.getByText(/Not a descriptor set\./)).toBeVisible();
    await writeFile(file, Buffer.from(weatherDescriptors, 'base64'));
    await dialog.getByRole('button', { name: 'Choose descriptors…' }).click();
    await dialog.getByLabel('Message', { exact: true }).selectOption('weather.Reading');
    await picture(page, 'protobuf');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(wirewatch.source.state).toHaveText('Live');
    await wirewatch.source.tab('Events');
    await expect(page.getByText(/"sensor_id":"roof"/).first()).toBeVisible();
  } finally {
    for (const client of feed.clients) client.terminate();
    feed.close();
  }
});
