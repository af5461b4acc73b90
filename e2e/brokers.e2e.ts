import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { expect, test } from './fixtures/electron';
import { windowOf } from './pages/window';
import { startMosquitto } from './peers/kit/mosquitto';

test("a broker's address that is pasted becomes a chart for each topic", async ({ running, picture }) => {
  const broker = await startMosquitto({ user: 'ada', password: 'hush-hush' });
  let celsius = 20;
  const speaks = setInterval(() => {
    celsius += 0.5;
    for (const room of ['hall', 'roof']) void broker.publish(`rooms/${room}/celsius`, [String(celsius)]);
  }, 700);
  try {
    const { page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.paste(broker.tcp);
    await expect(wirewatch.form.found).toContainText('MQTT');
    await wirewatch.form.dialog.getByLabel('Topics').fill('rooms/#');
    await wirewatch.form.dialog.getByLabel('User', { exact: true }).first().fill('ada');
    await wirewatch.form.dialog.getByLabel('Password', { exact: true }).first().fill('hush-hush');
    await expect(wirewatch.form.dialog.getByRole('region', { name: 'What will be sent' })).toContainText('SUBSCRIBE');
    await picture(page, 'broker-mqtt');
    await wirewatch.form.dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(wirewatch.source.state).toHaveText('Live');
    await wirewatch.source.tab('Metrics');
    await expect(wirewatch.source.chart(/celsius|message|text/).first()).toBeVisible();
    await expect(page.getByText('rooms/roof/celsius').first()).toBeVisible();
    await picture(page, 'broker-mqtt-metrics');
    expect(await page.content()).not.toContain('hush-hush');
  } finally {
    clearInterval(speaks);
    await broker.close();
  }
});

test('the address of a Socket.IO server that is pasted becomes a chart', async ({ running, picture }) => {
  const http = createServer();
  const io = new Server(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  let n = 0;
  const speaks = setInterval(() => {
    n += 1;
    io.emit('tick', { price: `${100 + (n % 9)}.25`, symbol: 'ACME' });
  }, 300);
  try {
    const { page } = running;
    const wirewatch = windowOf(page);
    await wirewatch.addSource();
    await wirewatch.form.paste(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
    await expect(wirewatch.form.found).toContainText('Socket.IO');
    await expect(wirewatch.form.dialog.getByRole('region', { name: 'What will be sent' })).toContainText('CONNECT');
    await expect(wirewatch.form.dialog.getByRole('button', { name: 'Add a message' })).toHaveCount(0);
    await picture(page, 'socket-io');
    await wirewatch.form.dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(wirewatch.source.state).toHaveText('Live');
    await wirewatch.source.tab('Metrics');
    await expect(wirewatch.source.chart(/price/).first()).toBeVisible();
    await picture(page, 'socket-io-metrics');
  } finally {
    clearInterval(speaks);
    await io.close();
  }
});
