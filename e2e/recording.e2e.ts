import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createRecordingFile } from '../electron/node/recording-file';
import { storedEvents } from './fixtures/bridge';
import { expect, type Running, test } from './fixtures/electron';
import { windowOf } from './pages/window';

/** Some hours long ago. */
const began = Date.UTC(2020, 1, 29, 10);

/** What the person will choose in the dialog that main opens. */
async function choose({ app }: Running, path: string): Promise<void> {
  await app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] });
  }, path);
}

test('a recording opens from its file as a source: played, held, stepped, sought, and never live', async ({
  start,
  userData,
  picture,
}) => {
  const path = join(userData, 'orders.jsonl.gz');
  const file = await createRecordingFile(path, {
    kind: 'recording',
    version: 1,
    at: began,
    source: { name: 'Orders', url: 'https://shop.test/v1/orders', protocol: 'gateway', promise: 'Exactly once.' },
  });
  for (let number = 1; number <= 600; number += 1) {
    const at = began + number * 100;
    const place = { stream: 'orders', epoch: 'e', seq: number, id: null, type: 'order', sentAt: at - 20, late: false };
    file.write({ kind: 'event', at, ...place, body: `{"number":${number},"price":${(number % 50) + 1}}` });
  }
  await file.close(began + 60_000);

  const first = await start();
  let wirewatch = windowOf(first.page);
  await wirewatch.addSource();
  await choose(first, path);
  await wirewatch.form.addRecording('Leap day');
  await expect(wirewatch.source.state).toHaveText('Recording');
  const id = await first.page.evaluate(() => location.hash.split('/')[2] ?? '');
  const panel = first.page.getByRole('region', { name: 'Playback' });
  await expect(panel).toContainText('2020-02-29');
  await expect.poll(async () => (await storedEvents(first.page, id)).length).toBeGreaterThan(10);
  await picture(first.page, 'recording-playing');

  await panel.getByRole('button', { name: 'Hold' }).click();
  await expect(wirewatch.source.state).toHaveText('Paused');
  await first.page.waitForTimeout(500);
  const held = await storedEvents(first.page, id);
  await first.page.waitForTimeout(1000);
  expect(await storedEvents(first.page, id)).toHaveLength(held.length);
  await panel.getByRole('button', { name: 'Step' }).click();
  await expect.poll(async () => (await storedEvents(first.page, id)).length).toBe(held.length + 1);
  expect((await storedEvents(first.page, id)).map(({ seq }) => seq)).toEqual(
    Array.from({ length: held.length + 1 }, (_, index) => index + 1),
  );

  await panel.getByRole('combobox', { name: 'Pace' }).selectOption('100');
  await panel.getByRole('button', { name: 'Play' }).click();
  await expect(panel).toContainText('played to its end');
  await expect.poll(async () => (await storedEvents(first.page, id)).at(-1)?.seq).toBe(600);
  await expect(wirewatch.source.why).toContainText('The end of the recording of Orders.');
  await panel.getByRole('slider', { name: 'Place in the recording' }).fill(String(began + 30_000));
  await panel.getByRole('button', { name: 'Step' }).click();
  await expect.poll(async () => (await storedEvents(first.page, id)).at(-1)?.seq).toBe(300);
  await picture(first.page, 'recording-sought');
  await first.quit();

  const second = await start();
  wirewatch = windowOf(second.page);
  await expect(wirewatch.overview.card('Leap day', 'Paused')).toBeVisible();
  expect(await storedEvents(second.page, id), 'what was played is no history').toEqual([]);
  await wirewatch.open('Leap day');
  await second.page.getByRole('region', { name: 'Playback' }).getByRole('button', { name: 'Play' }).click();
  await expect(wirewatch.source.state).toHaveText('Recording');
  await expect.poll(async () => (await storedEvents(second.page, id))[0]?.seq).toBe(1);
});

test('what is no recording says so', async ({ running, userData }) => {
  const wirewatch = windowOf(running.page);
  await wirewatch.addSource();
  await choose(running, join(userData, 'missing.jsonl.gz'));
  await wirewatch.form.addRecording('Missing');
  await expect(wirewatch.source.state).toHaveText('Stopped');
  await expect(wirewatch.source.why).toContainText('The file of this recording is not there.');
});

test('hostile 5: a small file of one endless line stops no more than itself, and is named', async ({
  running,
  userData,
  picture,
}) => {
  const { page } = running;
  const head = { kind: 'recording', version: 1, at: began, source: { name: 'Bomb', url: '', protocol: 'json' } };
  const begins = `${JSON.stringify(head)}\n{"kind":"event","at":${began},"stream":"s","type":"t","body":"`;
  const bomb = join(userData, 'bomb.jsonl.gz');
  writeFileSync(bomb, gzipSync(Buffer.concat([Buffer.from(begins), Buffer.alloc(120 * 1024 * 1024, 'x')])));
  const pipe = join(userData, 'pipe.jsonl.gz');
  execFileSync('mkfifo', [pipe]);

  const wirewatch = windowOf(page);
  await wirewatch.addSource();
  await choose(running, bomb);
  await wirewatch.form.addRecording('Bomb');
  await expect(wirewatch.source.state).toHaveText('Stopped');
  await expect(wirewatch.source.why).toContainText('bomb.jsonl.gz cannot be played. Line 2');
  await expect(wirewatch.source.why).toContainText('longer than 100 MiB');
  await picture(page, 'recording-bomb');
  await wirewatch.addSource();
  await choose(running, pipe);
  await wirewatch.form.addRecording('Pipe');
  await expect(wirewatch.source.why).toContainText('pipe.jsonl.gz is a pipe, not a file.');
});

test('a window opens no file that nobody chose', async ({ running, userData, picture }) => {
  const { page } = running;
  const wirewatch = windowOf(page);
  await wirewatch.addSource();
  await wirewatch.form.add(`file://${join(userData, 'settings.json')}`, 'Settings');
  await expect(wirewatch.form.errors.first()).toContainText('opened by choosing its file');
  await picture(page, 'form-recording-refused');
  const draft = { name: 'Passwords', url: '/etc/passwd', protocol: 'auto' } as const;
  const answer = await page.evaluate((args) => window.wirewatch.call('sources.add', args), draft);
  expect(answer).toMatchObject({ ok: false, error: { kind: 'invalid' } });
});
