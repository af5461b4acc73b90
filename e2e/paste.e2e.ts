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
